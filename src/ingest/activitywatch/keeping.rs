//! What may be kept of what a watcher sends. No clock, no I/O.

use nazorat_wire::Fact;
use nazorat_wire::Identity;
use nazorat_wire::InputState;
use nazorat_wire::policy::Filter;
use nazorat_wire::policy::Ruling;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::buckets::Bucket;
use super::facts::Kind;
use super::facts::fact;
use super::merge::Beat;
use super::state::State;
use super::state::Who;
use crate::intake::Holding;
use crate::intake::Tally;

/// What became of a heartbeat.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Judged {
    pub(super) start: i64,
    pub(super) length: i64,
    /// What may be kept of it, if anything.
    pub(super) left: Option<Beat>,
}

impl State {
    /// Holds what came for a bucket against what holds; `None` when there is no such bucket.
    pub(super) fn judge(
        &self,
        bucket: &str,
        beats: Vec<Beat>,
        (holding, who): (&dyn Holding, Who<'_>),
        tally: &mut Tally,
    ) -> Result<Option<Vec<Judged>>, String> {
        let Some(found) = self.kept.buckets.get(bucket) else { return Ok(None) };
        let mut judged = Vec::with_capacity(beats.len());
        for Beat { start, length, data } in beats {
            let left = judged_data(Of { found, bucket, who }, holding, (&data, start), tally)?;
            judged.push(Judged { start, length, left: left.map(|data| Beat { start, length, data }) });
        }
        Ok(Some(judged))
    }

    /// Whether the next heartbeat of a bucket begins something new, because one before it was not kept.
    pub(super) fn was_interrupted(&mut self, bucket: &str, judged: &[Judged]) -> bool {
        match judged {
            [Judged { left: None, .. }] => {
                self.interrupted.insert(bucket.to_owned());
                false
            }
            [_] => self.interrupted.remove(bucket),
            _ => false,
        }
    }

    /// Holds everything in memory against what holds now, unless it was held against it already.
    pub(super) fn judge_anew(&mut self, holding: &dyn Holding, who: Who<'_>) -> Result<(), String> {
        let mark = holding.mark();
        if mark.is_some() && self.judged_by == mark {
            return Ok(());
        }
        let mut tally = Tally::default();
        for (name, timeline) in &mut self.timelines {
            let Some(found) = self.kept.buckets.get(name) else { continue };
            let of = Of { found, bucket: name, who };
            timeline.change(|event| judged_data(of, holding, (&event.data, event.start), &mut tally))?;
        }
        tally.count();
        self.judged_by = mark;
        Ok(())
    }
}

/// Whose something is, and in which bucket.
#[derive(Clone, Copy)]
struct Of<'a> {
    found: &'a Bucket,
    bucket: &'a str,
    who: Who<'a>,
}

/// The data that may be kept of these.
fn judged_data(
    of: Of<'_>,
    holding: &dyn Holding,
    (data, at_us): (&Value, i64),
    tally: &mut Tally,
) -> Result<Option<Value>, String> {
    let computer_uid = match of.who.stamp {
        Some(stamp) => &stamp.computer_uid,
        None => of.found.computer(of.who.host),
    };
    let user_name = of.who.stamp.map(|stamp| stamp.user_name.as_str());
    let account = Identity { computer_uid, user_sid: None, user_name };
    match holding.filter(account, at_us)? {
        Some(filter) => Ok(reduced(&filter, (of.found.kind(), of.bucket), (data, at_us), tally)),
        None => Ok(Some(data.clone())),
    }
}

/// What is left of data by one policy. What nobody knows the meaning of is not kept where anything was decided.
fn reduced(
    filter: &Filter,
    (kind, bucket): (Kind, &str),
    (data, at_us): (&Value, i64),
    tally: &mut Tally,
) -> Option<Value> {
    // How long it lasts is not known yet, and nothing depends on it.
    let ruling = filter.judge(fact(kind, bucket, data, 1)?, at_us);
    tally.note(&ruling);
    match ruling {
        Ruling::Keep(fact) | Ruling::Less(fact, _) => Some(written(&fact)),
        Ruling::Drop(_) => None,
    }
}

/// A fact in the words of ActivityWatch.
fn written(fact: &Fact<'_>) -> Value {
    let mut data = Map::new();
    match fact {
        Fact::ActiveWindow { app, title, .. } => {
            data.insert("app".to_owned(), json!(app));
            data.extend(title.as_ref().map(|title| ("title".to_owned(), json!(title))));
        }
        Fact::VisitedSite { url, title, private, .. } => {
            data.insert("url".to_owned(), json!(url));
            data.extend(title.as_ref().map(|title| ("title".to_owned(), json!(title))));
            data.insert("incognito".to_owned(), json!(private));
        }
        Fact::InputActivity { state, .. } => {
            let word = if *state == InputState::Active { "not-afk" } else { "afk" };
            data.insert("status".to_owned(), json!(word));
        }
        Fact::UserSession { .. } => {}
    }
    Value::Object(data)
}

#[cfg(test)]
mod tests {
    use nazorat_wire::policy::Action;
    use nazorat_wire::policy::Effective;
    use nazorat_wire::policy::Exclusion;
    use nazorat_wire::policy::Filter;
    use nazorat_wire::policy::Layer;
    use nazorat_wire::policy::Part;
    use nazorat_wire::policy::Pattern;
    use nazorat_wire::policy::Settings;
    use nazorat_wire::policy::SiteDetail;
    use nazorat_wire::policy::WindowDetail;
    use serde_json::Value;
    use serde_json::json;

    use super::Kind;
    use super::Tally;
    use super::reduced;

    fn exclusion(part: Part, text: &str, action: Action) -> Exclusion {
        Exclusion { part, pattern: Pattern { text: text.to_owned(), regex: false }, action }
    }

    fn left(settings: &Settings, kind: Kind, data: &Value) -> Option<Value> {
        let filter = Filter::new(&Effective::of([(Layer::Organization, settings)]).0, b"salt").unwrap();
        let once = reduced(&filter, (kind, "aw-watcher-web-firefox"), (data, 0), &mut Tally::default());
        // What was judged once is judged the same again, and nothing is left out twice.
        if let Some(once) = &once {
            let mut tally = Tally::default();
            let twice = reduced(&filter, (kind, "aw-watcher-web-firefox"), (once, 0), &mut tally);
            assert_eq!((twice.as_ref(), tally.is_empty()), (Some(once), true));
        }
        once
    }

    #[test]
    fn only_what_may_be_kept_is_left() {
        let window = json!({ "app": "EXCEL.EXE", "title": "Maosh", "document": "C:\\maosh.xlsx" });
        let plain = Settings::default();
        assert_eq!(left(&plain, Kind::Window, &window), Some(json!({ "app": "EXCEL.EXE" })));
        let titles = Settings { windows: Some(WindowDetail::Title), ..plain.clone() };
        assert_eq!(left(&titles, Kind::Window, &window), Some(json!({ "app": "EXCEL.EXE", "title": "Maosh" })));
        let off = Settings { windows: Some(WindowDetail::Off), ..plain.clone() };
        assert_eq!(left(&off, Kind::Window, &window), None);
        let salaries = Settings { exclusions: vec![exclusion(Part::Title, "maosh", Action::Drop)], ..titles };
        assert_eq!(left(&salaries, Kind::Window, &window), None);
        let site = json!({ "url": "https://www.kun.uz/a?q=1", "title": "t", "incognito": false, "tabCount": 3 });
        assert_eq!(left(&plain, Kind::Site, &site), Some(json!({ "url": "kun.uz", "incognito": false })));
        let private = json!({ "url": "https://kun.uz/a", "title": "t", "incognito": true });
        assert_eq!(left(&plain, Kind::Site, &private), None);
        let full = Settings { sites: Some(SiteDetail::Full), ..plain.clone() };
        for (action, url) in [(Action::Redact, ""), (Action::DomainOnly, "kun.uz")] {
            let settings = Settings { exclusions: vec![exclusion(Part::Site, "kun.uz", action)], ..full.clone() };
            assert_eq!(left(&settings, Kind::Site, &site), Some(json!({ "url": url, "incognito": false })));
        }
        let hashed = Settings { exclusions: vec![exclusion(Part::Site, "kun.uz", Action::Hash)], ..full };
        let print = left(&hashed, Kind::Site, &site).unwrap();
        assert!(print["url"].as_str().unwrap().starts_with('#') && print["title"].as_str().unwrap().starts_with('#'));
        assert_eq!(left(&plain, Kind::Input, &json!({ "status": "afk" })), Some(json!({ "status": "afk" })));
        assert_eq!(left(&plain, Kind::Other, &json!({ "file": "secret.rs" })), None);
    }
}
