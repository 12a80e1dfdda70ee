//! What comes of the settings of several layers, where each value came from, and how it is written down.

use serde::Deserialize;
use serde::Serialize;
use sha2::Digest as _;
use sha2::Sha256;

use super::exclusions::Exclusion;
use super::hours::Hours;
use super::settings::Screenshots;
use super::settings::Settings;
use super::settings::SiteDetail;
use super::settings::WindowDetail;

/// Whose settings they are. The nearer one wins: a department inside of another is nearer than that one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "of", content = "id")]
pub enum Layer {
    /// Nobody has decided it.
    BuiltIn,
    /// The organization.
    Organization,
    /// A department.
    Department(u32),
    /// A person.
    Person(u32),
}

macro_rules! effective {
    ($($(#[$doc:meta])* $field:ident: $type:ty = $otherwise:expr),+ $(,)?) => {
        /// What may be collected in the end: every field is decided.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct Effective {
            $($(#[$doc])* pub $field: $type,)+
            /// Those of all layers, the nearest first.
            pub exclusions: Vec<Exclusion>,
        }

        /// Which layer decided each field.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct Origins {
            $($(#[$doc])* pub $field: Layer,)+
            /// One for each exclusion.
            pub exclusions: Vec<Layer>,
        }

        impl Effective {
            /// What comes of layers, of which the nearest is the first.
            pub fn of<'a>(layers: impl IntoIterator<Item = (Layer, &'a Settings)>) -> (Self, Origins) {
                $(let mut $field: Option<($type, Layer)> = None;)+
                let (mut exclusions, mut from) = (Vec::new(), Vec::new());
                for (layer, settings) in layers {
                    $(if $field.is_none() {
                        $field = settings.$field.clone().map(|value| (value.into(), layer));
                    })+
                    exclusions.extend(settings.exclusions.iter().cloned());
                    from.resize(exclusions.len(), layer);
                }
                $(let $field = $field.unwrap_or(($otherwise, Layer::BuiltIn));)+
                (
                    Self { $($field: $field.0,)+ exclusions },
                    Origins { $($field: $field.1,)+ exclusions: from },
                )
            }
        }
    };
}

effective! {
    /// The window in front.
    windows: WindowDetail = WindowDetail::Application,
    /// Sites.
    sites: SiteDetail = SiteDetail::Domain,
    /// Pictures of the screen.
    screenshots: Screenshots = Screenshots::OFF,
    /// Whether there is input.
    input: bool = true,
    /// Logins, logouts, locks and unlocks.
    sessions: bool = true,
    /// When anything is collected; always, if there are none.
    hours: Option<Hours> = None,
    /// Whether sites in private windows are kept.
    private_windows: bool = false,
    /// Minutes without input after which there is none.
    idle_minutes: u16 = 3,
    /// Seconds after which what was collected is sent on.
    upload_seconds: u16 = 30,
    /// Megabytes that may wait on a computer.
    buffer_megabytes: u32 = 2_048,
}

impl Effective {
    /// The one text of this policy: fields in their order, nothing between them.
    pub fn canonical(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The SHA-256 of the canonical text, in hexadecimal digits.
    pub fn checksum(&self) -> String {
        Sha256::digest(self.canonical()).iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Whether a program that follows the other one has to start again to follow this one: what it does by the clock
    /// and where it keeps things is set at its start.
    pub fn requires_restart(&self, other: &Self) -> bool {
        self.screenshots != other.screenshots
            || self.upload_seconds != other.upload_seconds
            || self.buffer_megabytes != other.buffer_megabytes
    }
}
