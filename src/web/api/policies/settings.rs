//! Settings as the API shows and takes them.

use nazorat_wire::policy;
use nazorat_wire::policy::Layer;
use serde::Deserialize;
use serde::Serialize;
use utoipa::ToSchema;

use crate::kernel::DepartmentId;
use crate::kernel::EmployeeId;
use crate::policy::collection::Explained;

/// What a policy decides. A field that is left out is decided by the next one on the way to the organization.
#[derive(Serialize, Deserialize, ToSchema)]
#[schema(as = PolicySettings)]
#[serde(deny_unknown_fields)]
pub(in crate::web::api) struct SettingsBody {
    /// What is kept of the window in front.
    #[serde(default)]
    windows: Option<WindowsBody>,
    /// What is kept of sites.
    #[serde(default)]
    sites: Option<SitesBody>,
    /// Whether and how pictures of the screen are taken.
    #[serde(default)]
    screenshots: Option<ScreenshotsBody>,
    /// Whether there is input; never which.
    #[serde(default)]
    input: Option<bool>,
    /// Logins, logouts, locks and unlocks.
    #[serde(default)]
    sessions: Option<bool>,
    /// When anything is collected at all.
    #[serde(default)]
    hours: Option<HoursBody>,
    /// Whether sites in private windows are kept.
    #[serde(default)]
    private_windows: Option<bool>,
    /// Minutes without input after which there is none.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 60)]
    idle_minutes: Option<u16>,
    /// Seconds after which what was collected is sent on.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 3600)]
    upload_seconds: Option<u16>,
    /// Megabytes that may wait on a computer.
    #[serde(default)]
    #[schema(minimum = 64, maximum = 100000)]
    buffer_megabytes: Option<u32>,
    /// What is kept less of, or not at all.
    #[serde(default)]
    #[schema(max_items = 500)]
    exclusions: Vec<ExclusionBody>,
}

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident as $schema:ident of $inner:ty { $($(#[$variant_doc:meta])* $variant:ident),+ $(,)? })+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
        #[schema(as = $schema)]
        #[serde(rename_all = "snake_case")]
        pub(super) enum $name {
            $($(#[$variant_doc])* $variant),+
        }

        impl From<$inner> for $name {
            fn from(inner: $inner) -> Self {
                match inner { $(<$inner>::$variant => Self::$variant),+ }
            }
        }

        impl From<$name> for $inner {
            fn from(body: $name) -> Self {
                match body { $($name::$variant => Self::$variant),+ }
            }
        }
    )+};
}

words! {
    /// What is kept of the window in front.
    WindowsBody as PolicyWindows of policy::WindowDetail {
        /// Nothing.
        Off,
        /// The program.
        Application,
        /// The program and the title.
        Title,
    }
    /// What is kept of a site.
    SitesBody as PolicySites of policy::SiteDetail {
        /// Nothing.
        Off,
        /// The host.
        Domain,
        /// The address up to the question mark, and the title.
        Path,
        /// The whole address, and the title.
        Full,
    }
    /// Which part of a fact is looked at.
    PartBody as PolicyPart of policy::Part {
        /// The program, or the browser of a site.
        Application,
        /// The title of a window or a page.
        Title,
        /// The address of a site.
        Address,
        /// The host of a site, with everything below it.
        Site,
    }
    /// What is done then.
    ActionBody as PolicyAction of policy::Action {
        /// It is not kept at all.
        Drop,
        /// Title and address are left out.
        Redact,
        /// Title and address are replaced by a fingerprint.
        Hash,
        /// Of the address the host stays.
        DomainOnly,
    }
}

/// Pictures of the screen.
#[derive(Clone, Copy, Serialize, Deserialize, ToSchema)]
#[schema(as = PolicyScreenshots)]
#[serde(deny_unknown_fields)]
pub(super) struct ScreenshotsBody {
    /// Minutes between two; 0 is never.
    #[schema(maximum = 480)]
    every_minutes: u16,
    /// Without colours.
    #[serde(default)]
    grayscale: bool,
    /// So that text cannot be read.
    #[serde(default)]
    blur: bool,
    /// All monitors instead of the one with the window in front.
    #[serde(default)]
    all_monitors: bool,
    /// None while nothing changes.
    #[serde(default)]
    skip_unchanged: bool,
}

/// A week in the wall clock of a time zone.
#[derive(Serialize, Deserialize, ToSchema)]
#[schema(as = PolicyHours)]
#[serde(deny_unknown_fields)]
pub(super) struct HoursBody {
    #[schema(example = "Asia/Tashkent")]
    zone: String,
    /// Seven days from Monday on; a day without spans is free.
    #[schema(min_items = 7, max_items = 7)]
    week: Vec<Vec<SpanBody>>,
}

/// Minutes after midnight. One that ends before it begins goes over midnight.
#[derive(Serialize, Deserialize, ToSchema)]
#[schema(as = PolicySpan)]
#[serde(deny_unknown_fields)]
pub(super) struct SpanBody {
    #[schema(maximum = 1439, example = 540)]
    from: u16,
    #[schema(maximum = 1440, example = 1080)]
    to: u16,
}

/// A rule about what is kept less of.
#[derive(Serialize, Deserialize, ToSchema)]
#[schema(as = PolicyExclusion)]
#[serde(deny_unknown_fields)]
pub(super) struct ExclusionBody {
    part: PartBody,
    pattern: PatternBody,
    action: ActionBody,
}

/// How something is recognised, without regard to capital letters.
#[derive(Serialize, Deserialize, ToSchema)]
#[schema(as = PolicyPattern)]
#[serde(deny_unknown_fields)]
pub(super) struct PatternBody {
    /// Words, in which `*` stands for anything; or a regular expression.
    #[schema(min_length = 1, max_length = 500, example = "bank.uz")]
    text: String,
    /// Which of the two.
    #[serde(default)]
    regex: bool,
}

impl From<policy::Settings> for SettingsBody {
    fn from(settings: policy::Settings) -> Self {
        Self {
            windows: settings.windows.map(Into::into),
            sites: settings.sites.map(Into::into),
            screenshots: settings.screenshots.map(Into::into),
            input: settings.input,
            sessions: settings.sessions,
            hours: settings.hours.map(Into::into),
            private_windows: settings.private_windows,
            idle_minutes: settings.idle_minutes,
            upload_seconds: settings.upload_seconds,
            buffer_megabytes: settings.buffer_megabytes,
            exclusions: settings.exclusions.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<SettingsBody> for policy::Settings {
    fn from(body: SettingsBody) -> Self {
        Self {
            windows: body.windows.map(Into::into),
            sites: body.sites.map(Into::into),
            screenshots: body.screenshots.map(Into::into),
            input: body.input,
            sessions: body.sessions,
            hours: body.hours.map(Into::into),
            private_windows: body.private_windows,
            idle_minutes: body.idle_minutes,
            upload_seconds: body.upload_seconds,
            buffer_megabytes: body.buffer_megabytes,
            exclusions: body.exclusions.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<policy::Screenshots> for ScreenshotsBody {
    fn from(shots: policy::Screenshots) -> Self {
        let policy::Screenshots { every_minutes, grayscale, blur, all_monitors, skip_unchanged } = shots;
        Self { every_minutes, grayscale, blur, all_monitors, skip_unchanged }
    }
}

impl From<ScreenshotsBody> for policy::Screenshots {
    fn from(body: ScreenshotsBody) -> Self {
        let ScreenshotsBody { every_minutes, grayscale, blur, all_monitors, skip_unchanged } = body;
        Self { every_minutes, grayscale, blur, all_monitors, skip_unchanged }
    }
}

impl From<policy::Hours> for HoursBody {
    fn from(hours: policy::Hours) -> Self {
        let span = |span: policy::Span| SpanBody { from: span.from, to: span.to };
        let week = hours.week.into_iter().map(|day| day.into_iter().map(span).collect());
        Self { zone: hours.zone, week: week.collect() }
    }
}

impl From<HoursBody> for policy::Hours {
    fn from(body: HoursBody) -> Self {
        let span = |span: SpanBody| policy::Span { from: span.from, to: span.to };
        let week = body.week.into_iter().map(|day| day.into_iter().map(span).collect());
        Self { zone: body.zone, week: week.collect() }
    }
}

impl From<policy::Exclusion> for ExclusionBody {
    fn from(exclusion: policy::Exclusion) -> Self {
        let policy::Pattern { text, regex } = exclusion.pattern;
        Self { part: exclusion.part.into(), pattern: PatternBody { text, regex }, action: exclusion.action.into() }
    }
}

impl From<ExclusionBody> for policy::Exclusion {
    fn from(body: ExclusionBody) -> Self {
        let PatternBody { text, regex } = body.pattern;
        Self { part: body.part.into(), pattern: policy::Pattern { text, regex }, action: body.action.into() }
    }
}

/// Who decided a field.
#[derive(Serialize, ToSchema)]
#[schema(as = PolicyOrigin)]
#[serde(tag = "of", rename_all = "snake_case")]
pub(super) enum OriginBody {
    /// Nobody; it is so unless somebody decides.
    BuiltIn {},
    /// The organization.
    Organization {},
    /// A department.
    Department {
        /// Which.
        id: DepartmentId,
    },
    /// The person's own policy.
    Employee {
        /// Who.
        id: EmployeeId,
    },
}

impl From<Layer> for OriginBody {
    fn from(layer: Layer) -> Self {
        match layer {
            Layer::BuiltIn => Self::BuiltIn {},
            Layer::Organization => Self::Organization {},
            Layer::Department(id) => Self::Department { id: DepartmentId::new(id) },
            Layer::Person(id) => Self::Employee { id: EmployeeId::new(id) },
        }
    }
}

/// What holds for a person.
#[derive(Serialize, ToSchema)]
#[schema(as = EffectivePolicy)]
pub(super) struct EffectiveBody {
    /// Every field that anybody can decide.
    settings: SettingsBody,
    /// Who decided each of them.
    origins: OriginsBody,
    /// SHA-256 of the policy in its one form.
    checksum: String,
}

/// Who decided each field.
#[derive(Serialize, ToSchema)]
#[schema(as = PolicyOrigins)]
pub(super) struct OriginsBody {
    windows: OriginBody,
    sites: OriginBody,
    screenshots: OriginBody,
    input: OriginBody,
    sessions: OriginBody,
    hours: OriginBody,
    private_windows: OriginBody,
    idle_minutes: OriginBody,
    upload_seconds: OriginBody,
    buffer_megabytes: OriginBody,
    /// One for each exclusion.
    exclusions: Vec<OriginBody>,
}

impl From<Explained> for EffectiveBody {
    fn from(explained: Explained) -> Self {
        let Explained { effective, origins } = explained;
        let checksum = effective.checksum();
        let settings = SettingsBody {
            windows: Some(effective.windows.into()),
            sites: Some(effective.sites.into()),
            screenshots: Some(effective.screenshots.into()),
            input: Some(effective.input),
            sessions: Some(effective.sessions),
            hours: effective.hours.map(Into::into),
            private_windows: Some(effective.private_windows),
            idle_minutes: Some(effective.idle_minutes),
            upload_seconds: Some(effective.upload_seconds),
            buffer_megabytes: Some(effective.buffer_megabytes),
            exclusions: effective.exclusions.into_iter().map(Into::into).collect(),
        };
        let origins = OriginsBody {
            windows: origins.windows.into(),
            sites: origins.sites.into(),
            screenshots: origins.screenshots.into(),
            input: origins.input.into(),
            sessions: origins.sessions.into(),
            hours: origins.hours.into(),
            private_windows: origins.private_windows.into(),
            idle_minutes: origins.idle_minutes.into(),
            upload_seconds: origins.upload_seconds.into(),
            buffer_megabytes: origins.buffer_megabytes.into(),
            exclusions: origins.exclusions.into_iter().map(Into::into).collect(),
        };
        Self { settings, origins, checksum }
    }
}
