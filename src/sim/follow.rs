//! Simulated agents hold to what the appliance has signed, as real ones do: what it forbids is not sent.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use futures_util::future::join_all;
use nazorat_wire as wire;
use nazorat_wire::Identity;
use nazorat_wire::account_of;
use nazorat_wire::domain_of;
use nazorat_wire::policy::Filter;
use nazorat_wire::policy::Filters;
use nazorat_wire::policy::Ruling;
use nazorat_wire::policy::SignedSheet;

use crate::edge::points;
use crate::sim::day::Event;
use crate::sim::day::Fact;
use crate::sim::office::Account;
use crate::sim::office::Office;
use crate::sim::screen::Shot;
use crate::sim::send::Sender;

/// A gateway that is away is asked again after so long.
const AGAIN: Duration = Duration::from_secs(2);

/// What holds on each computer, by its index; nothing while nobody has decided anything.
#[derive(Debug, Default)]
pub(super) struct Followed(Vec<Mutex<Option<Arc<Filters>>>>);

impl Followed {
    pub(super) fn new(office: &Office) -> Self {
        Self(office.computers.iter().map(|_| Mutex::default()).collect())
    }

    /// Asks for every computer with what it has, and takes what comes, for ever.
    pub(super) async fn keep(&self, sender: &Sender<'_>) -> Infallible {
        let keys = points(sender.authorities());
        join_all((0..self.0.len()).map(|computer| self.keep_one(sender, &keys, computer))).await;
        // Whoever shares one key has no gateway that would tell him anything.
        std::future::pending().await
    }

    async fn keep_one(&self, sender: &Sender<'_>, keys: &[Vec<u8>], computer: usize) {
        let (mut have, mut wrong) = (String::new(), String::new());
        loop {
            match sender.policy(computer, &have, &wrong).await {
                Ok(None) => return,
                Ok(Some(None)) => {}
                Ok(Some(Some(signed))) => match filters(&signed, keys) {
                    Ok(filters) => {
                        if let Some(place) = self.0.get(computer) {
                            *place.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(filters));
                        }
                        (have, wrong) = (signed.checksum(), String::new());
                    }
                    Err(problem) => {
                        tracing::warn!("a simulated agent cannot follow its policy: {problem}");
                        wrong = problem;
                        tokio::time::sleep(AGAIN).await;
                    }
                },
                Err(_) => tokio::time::sleep(AGAIN).await,
            }
        }
    }

    /// What may be sent of events.
    pub(super) fn kept(&self, office: &Office, events: Vec<Event>) -> Vec<Event> {
        let judged = events.into_iter().filter_map(|event| match self.filter(office, event.account) {
            Some(filter) => judge(&filter, event),
            None => Some(event),
        });
        judged.collect()
    }

    /// Whether a picture may be taken.
    pub(super) fn may_take(&self, office: &Office, shot: &Shot) -> bool {
        let forbids = |filter: Arc<Filter>| {
            filter.judge_screenshot(Some(shot.app), Some(&shot.title), shot.at_ms * 1_000).is_some()
        };
        !self.filter(office, shot.account).is_some_and(forbids)
    }

    fn filter(&self, office: &Office, account: usize) -> Option<Arc<Filter>> {
        let Account { computer, user_sid, user_name, .. } = &office.accounts[account];
        let filters = self.0.get(*computer)?.lock().unwrap_or_else(PoisonError::into_inner).clone()?;
        let computer_uid = &office.computers[*computer].uid;
        let identity = Identity { computer_uid, user_sid: Some(user_sid), user_name: Some(user_name) };
        filters.of(account_of(identity)).cloned()
    }
}

fn filters(signed: &SignedSheet, keys: &[Vec<u8>]) -> Result<Filters, String> {
    let sheet = signed.open(keys).map_err(|problem| problem.to_string())?;
    Filters::new(&sheet).map_err(|problem| problem.to_string())
}

/// As much of an event as may be sent. A site of which nothing is left is not worth sending.
fn judge(filter: &Filter, event: Event) -> Option<Event> {
    let duration_ms = u32::try_from(event.duration_ms).unwrap_or(u32::MAX);
    let fact = match &event.fact {
        Fact::ActiveWindow { app, title } => {
            wire::Fact::ActiveWindow { duration_ms, app: (*app).into(), title: Some((&**title).into()) }
        }
        Fact::VisitedSite { url, title, browser } => wire::Fact::VisitedSite {
            duration_ms,
            url: (&**url).into(),
            domain: domain_of(url),
            title: Some((&**title).into()),
            browser: Some((*browser).into()),
            private: false,
        },
        Fact::InputActivity { input } => wire::Fact::InputActivity { duration_ms, state: *input },
        Fact::UserSession { action } => wire::Fact::UserSession { action: *action },
    };
    let less = match filter.judge(fact, event.start_ms * 1_000) {
        Ruling::Keep(_) => return Some(event),
        Ruling::Drop(_) => return None,
        Ruling::Less(less, _) => less,
    };
    let fact = match (less, &event.fact) {
        (wire::Fact::ActiveWindow { title, .. }, Fact::ActiveWindow { app, .. }) => {
            Fact::ActiveWindow { app, title: title.unwrap_or_default().into() }
        }
        (wire::Fact::VisitedSite { url, title, .. }, Fact::VisitedSite { browser, .. }) if !url.is_empty() => {
            Fact::VisitedSite { url: url.into(), title: title.unwrap_or_default().into(), browser }
        }
        _ => return None,
    };
    Some(Event { fact, ..event })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use nazorat_wire::policy::Effective;
    use nazorat_wire::policy::Filter;
    use nazorat_wire::policy::Layer;
    use nazorat_wire::policy::Settings;
    use nazorat_wire::policy::WindowDetail;

    use super::judge;
    use crate::sim::day::Event;
    use crate::sim::day::Fact;

    fn filter(settings: &Settings) -> Filter {
        Filter::new(&Effective::of([(Layer::Organization, settings)]).0, b"salt").unwrap()
    }

    fn event(fact: Fact) -> Event {
        Event { account: 0, start_ms: 1_795_334_400_000, duration_ms: 5_000, fact }
    }

    #[test]
    fn only_what_the_policy_leaves_is_sent() {
        let window = || event(Fact::ActiveWindow { app: "EXCEL.EXE", title: Arc::from("Maosh") });
        let minimal = filter(&Settings::default());
        let Some(Event { fact: Fact::ActiveWindow { app, title }, .. }) = judge(&minimal, window()) else { panic!() };
        assert_eq!((app, &*title), ("EXCEL.EXE", ""));
        let all = Settings { windows: Some(WindowDetail::Title), ..Settings::default() };
        assert_eq!(judge(&filter(&all), window()), Some(window()));
        let none = Settings { windows: Some(WindowDetail::Off), ..Settings::default() };
        assert_eq!(judge(&filter(&none), window()), None);
        let (url, title) = (Arc::from("https://mail.example.uz/inbox?id=7"), Arc::from("Inbox"));
        let site = event(Fact::VisitedSite { url, title, browser: "Chrome" });
        let Some(Event { fact: Fact::VisitedSite { url, title, .. }, .. }) = judge(&minimal, site) else { panic!() };
        assert_eq!((&*url, &*title), ("mail.example.uz", ""));
    }
}
