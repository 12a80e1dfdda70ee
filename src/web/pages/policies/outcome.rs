//! What would change, and what comes of it when it is published.

use nazorat_wire::policy::Effective;
use nazorat_wire::policy::Layer;
use nazorat_wire::policy::Screenshots;
use nazorat_wire::policy::Settings;
use nazorat_wire::policy::SiteDetail;
use nazorat_wire::policy::WindowDetail;

use super::Known;
use super::words;
use super::words::DiffRow;
use super::words::settings_of;
use crate::policy::collection::Direction;
use crate::policy::collection::directions;
use crate::web::Texts;

/// The first fields say what is kept, those behind them how it comes here.
const KINDS: usize = 7;

/// What stands beside a draft.
pub(super) struct Outcome {
    pub(super) title: String,
    pub(super) count: String,
    pub(super) rows: Vec<DiffRow>,
    pub(super) nothing: String,
    pub(super) consequences: Vec<Consequence>,
}

pub(super) struct Consequence {
    /// A light, or none where `icon` stands.
    pub(super) light: &'static str,
    pub(super) icon: &'static str,
    pub(super) title: String,
    pub(super) text: String,
}

impl Outcome {
    /// Of settings in place of those that are in force.
    pub(super) fn new(texts: Texts, known: &Known, settings: &Settings) -> Self {
        let released = known.released();
        let above = known.decided_above();
        let mut rows = words::diff(texts, &released, settings, &above);
        if known.policy.version == 0 && known.above.is_none() {
            // Nothing has decided about these yet, not even what is built in.
            let kinds = words::FIELDS.map(|field| words::name(texts, field));
            for row in rows.iter_mut().filter(|row| kinds.iter().take(KINDS).any(|name| *name == row.name)) {
                row.before = texts.t("policies-everything");
            }
        }
        let version = texts.number(known.policy.version.into());
        let title = match known.policy.version {
            0 => texts.t("policies-changes-first"),
            _ => texts.with("policies-changes-against", [("version", version.into())]),
        };
        let count = if rows.is_empty() { String::new() } else { texts.count("policies-changes-count", rows.len()) };
        let consequences = if rows.is_empty() { Vec::new() } else { consequences(texts, known, settings) };
        Self { title, count, nothing: texts.t("policies-changes-none"), rows, consequences }
    }
}

impl Known {
    /// What those above have decided, or else what is built in.
    pub(super) fn decided_above(&self) -> Effective {
        let above = self.above.as_ref().map(|explained| explained.effective.clone());
        above.unwrap_or_else(|| Effective::of(std::iter::empty::<(Layer, &Settings)>()).0)
    }

    /// What holds with these settings of its own.
    fn decided(&self, own: &Settings) -> Effective {
        let above = settings_of(&self.decided_above());
        Effective::of([(Layer::Person(0), own), (Layer::Organization, &above)]).0
    }

    /// What holds now; everything is kept while nobody has decided anything.
    fn decided_now(&self) -> Effective {
        if self.policy.version == 0 && self.above.is_none() { everything() } else { self.decided(&self.released()) }
    }
}

/// What is kept while nothing was published.
fn everything() -> Effective {
    let all = Settings {
        windows: Some(WindowDetail::Title),
        sites: Some(SiteDetail::Full),
        screenshots: Some(Screenshots {
            every_minutes: 1,
            all_monitors: true,
            skip_unchanged: false,
            ..Screenshots::OFF
        }),
        private_windows: Some(true),
        ..Settings::default()
    };
    Effective::of([(Layer::Organization, &all)]).0
}

fn consequences(texts: Texts, known: &Known, settings: &Settings) -> Vec<Consequence> {
    let (now, then) = (known.decided_now(), known.decided(settings));
    let mut all = Vec::new();
    let weighed = directions(&now, &then);
    let with = |wanted: Direction| -> Vec<String> {
        let fields = weighed.iter().filter(|(_, direction)| *direction == wanted || *direction == Direction::Both);
        fields.map(|(field, _)| words::name(texts, field)).collect()
    };
    let (more, less) = (with(Direction::More), with(Direction::Less));
    if !more.is_empty() {
        all.push(Consequence {
            light: "look",
            icon: "",
            title: texts.with("policies-more", [("fields", more.join(", ").into())]),
            text: texts.t("policies-more-text"),
        });
    }
    if !less.is_empty() {
        let text = if more.is_empty() { texts.t("policies-less-text") } else { String::new() };
        let title = texts.with("policies-less", [("fields", less.join(", ").into())]);
        all.push(Consequence { light: "ok", icon: "", title, text });
    }
    if known.policy.version == 0 && known.above.is_none() {
        all.push(Consequence {
            light: "",
            icon: "info",
            title: texts.t("policies-first"),
            text: texts.t("policies-first-text"),
        });
    }
    all.push(restart(texts, known, settings, &then));
    all.push(match known.policy.version {
        0 => Consequence {
            light: "",
            icon: "back",
            title: texts.t("policies-way-back-first"),
            text: texts.t("policies-way-back-first-text"),
        },
        version => {
            let version = texts.number(version.into());
            let title = texts.with("policies-way-back", [("version", version.into())]);
            Consequence { light: "", icon: "back", title, text: String::new() }
        }
    });
    all
}

fn restart(texts: Texts, known: &Known, settings: &Settings, then: &Effective) -> Consequence {
    let now = known.decided(&known.released());
    if !then.requires_restart(&now) {
        let (title, text) = (texts.t("policies-no-restart"), String::new());
        return Consequence { light: "", icon: "refresh", title, text };
    }
    let (old, new) = (settings_of(&now), settings_of(&known.decided(settings)));
    let said = ["screenshots", "upload_seconds", "buffer_megabytes"];
    let changed = said.into_iter().filter(|field| words::value(texts, &old, field) != words::value(texts, &new, field));
    let fields: Vec<String> = changed.map(|field| words::name(texts, field)).collect();
    Consequence {
        light: "",
        icon: "refresh",
        title: texts.count("policies-restart", known.people),
        text: texts.with("policies-restart-text", [("fields", fields.join(", ").into())]),
    }
}
