//! Sessions through the types of the layer that `web` uses.

use std::sync::Arc;

use tower_sessions::session::Id;

use super::Office;
use super::PASSWORD;
use crate::identity::Operator;
use crate::identity::Origin;
use crate::identity::PasswordChange;
use crate::identity::SignedIn;
use crate::identity::Visit;
use crate::kernel::Classify as _;
use crate::kernel::Kind;
use crate::kernel::SecretText;

const BROWSER: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0";

impl Office {
    /// As the layer makes it from a cookie.
    fn cookie(&self, id: Option<Id>) -> tower_sessions::Session {
        tower_sessions::Session::new(id, Arc::new(self.identity.sessions.clone()), None)
    }

    async fn begin_with(&self, cookie: Option<Id>, operator: &Operator) -> Id {
        let session = self.cookie(cookie);
        let origin = Origin { address: "192.168.1.20".parse().ok(), user_agent: BROWSER.to_owned() };
        self.identity.sessions.begin(&session, operator, origin).await.unwrap();
        session.save().await.unwrap();
        session.id().unwrap()
    }

    async fn begin(&self, operator: &Operator) -> Id {
        self.begin_with(None, operator).await
    }

    async fn resume_as(&self, id: Id, visit: Visit) -> Option<SignedIn> {
        self.identity.sessions.resume(&self.cookie(Some(id)), visit).await.unwrap()
    }

    async fn resume(&self, id: Id) -> Option<SignedIn> {
        self.resume_as(id, Visit::Person).await
    }
}

#[tokio::test]
async fn f34_a_cookie_from_before_the_login_is_worth_nothing() {
    let office = Office::new().await;
    let planted = Id::default();
    assert!(office.resume(planted).await.is_none());
    let given = office.begin_with(Some(planted), &office.admin).await;
    assert_ne!(given, planted);
    assert!(office.resume(planted).await.is_none());
    let again = office.begin_with(Some(given), &office.admin).await;
    assert_ne!(again, given);
    assert!(office.resume(given).await.is_none());
    assert_eq!(office.resume(again).await.unwrap().operator.id, office.admin.id);
}

#[tokio::test]
async fn a_session_outlives_a_new_start_and_is_not_on_the_disk() {
    let mut office = Office::new().await;
    let id = office.begin(&office.admin).await;
    office.reopen();
    assert!(office.resume(id).await.is_some());
    assert!(!office.holds(&id.to_string()));
}

#[tokio::test]
async fn a_session_that_nobody_uses_ends_after_an_hour() {
    let office = Office::new().await;
    let id = office.begin(&office.admin).await;
    for _ in 0..3 {
        office.forward(59 * 60);
        assert!(office.resume(id).await.is_some());
    }
    office.forward(30 * 60);
    assert!(office.resume_as(id, Visit::Background).await.is_some());
    office.forward(30 * 60);
    assert!(office.resume(id).await.is_none());
}

#[tokio::test]
async fn a_session_ends_after_twelve_hours_however_much_it_is_used() {
    let office = Office::new().await;
    let id = office.begin(&office.admin).await;
    for _ in 0..23 {
        office.forward(30 * 60);
        assert!(office.resume(id).await.is_some());
    }
    office.forward(30 * 60);
    assert!(office.resume(id).await.is_none());
    assert!(office.identity.sessions.list(&office.admin.actor(), office.admin.id).await.unwrap().is_empty());
    office.identity.upkeep().await.unwrap();
}

#[tokio::test]
async fn signing_out_ends_the_session() {
    let office = Office::new().await;
    let id = office.begin(&office.admin).await;
    let session = office.cookie(Some(id));
    office.identity.sessions.end(&office.admin.actor(), &session).await.unwrap();
    assert!(office.resume(id).await.is_none());
}

#[tokio::test]
async fn one_sees_and_ends_ones_sessions() {
    let office = Office::new().await;
    let malika = office.hr().await;
    let first = office.begin(&malika).await;
    office.forward(120);
    let second = office.begin(&malika).await;
    let sessions = &office.identity.sessions;
    let listed = sessions.list(&malika.actor(), malika.id).await.unwrap();
    assert_eq!(listed.len(), 2);
    assert_eq!(listed[0].agent, "Firefox, Linux");
    assert_eq!(listed[0].key, office.resume(second).await.unwrap().session.unwrap());
    assert_eq!(listed[1].key, office.resume(first).await.unwrap().session.unwrap());
    let foreign = sessions.revoke(&office.admin.actor(), office.admin.id, listed[0].key).await.unwrap_err();
    assert_eq!(foreign.kind(), Kind::NotFound);
    let hidden = sessions.list(&malika.actor(), office.admin.id).await.unwrap_err();
    assert_eq!(hidden.kind(), Kind::Forbidden);
    sessions.revoke(&malika.actor(), malika.id, listed[1].key).await.unwrap();
    assert!(office.resume(first).await.is_none());
    assert!(office.resume(second).await.is_some());
    assert_eq!(sessions.revoke_all(&office.admin.actor(), malika.id, None).await.unwrap(), 1);
    assert!(office.resume(second).await.is_none());
}

#[tokio::test]
async fn a_new_password_ends_all_other_sessions() {
    let office = Office::new().await;
    let here = office.begin(&office.admin).await;
    let elsewhere = office.begin(&office.admin).await;
    let keep = office.resume(here).await.unwrap().session;
    let change = PasswordChange { current: SecretText::new(PASSWORD), new: SecretText::new("another long road"), keep };
    office.identity.operators.change_password(&office.admin.actor(), change).await.unwrap();
    assert!(office.resume(here).await.is_some());
    assert!(office.resume(elsewhere).await.is_none());
    let reset = SecretText::new("a third long road");
    office.identity.operators.reset_password(&office.admin.actor(), office.admin.id, reset).await.unwrap();
    assert!(office.resume(here).await.is_none());
}

#[tokio::test]
async fn f37_a_deactivated_operator_is_out_at_once_and_stays_out() {
    let office = Office::new().await;
    let malika = office.hr().await;
    let id = office.begin(&malika).await;
    let in_flight = office.cookie(Some(id));
    assert!(office.identity.sessions.resume(&in_flight, Visit::Person).await.unwrap().is_some());
    let admin = office.admin.actor();
    office.identity.operators.deactivate(&admin, malika.id).await.unwrap();
    assert!(office.resume(id).await.is_none());
    // A request that was under way saves its session: it must not come back.
    in_flight.insert("flash", "saved").await.unwrap();
    in_flight.save().await.unwrap();
    office.identity.operators.activate(&admin, malika.id).await.unwrap();
    assert!(office.resume(id).await.is_none());
}

#[tokio::test]
async fn pages_keep_their_own_data_in_a_session_but_not_without_one() {
    let office = Office::new().await;
    let id = office.begin(&office.admin).await;
    let session = office.cookie(Some(id));
    session.insert("flash", "saved").await.unwrap();
    session.save().await.unwrap();
    assert_eq!(office.cookie(Some(id)).get::<String>("flash").await.unwrap().as_deref(), Some("saved"));
    assert!(office.resume(id).await.is_some());
    let stranger = office.cookie(None);
    stranger.insert("flash", "saved").await.unwrap();
    assert!(stranger.save().await.is_err());
}

#[tokio::test]
async fn a_script_that_signs_in_without_end_does_not_fill_the_store() {
    let office = Office::new().await;
    let mut ids = Vec::new();
    for _ in 0..52 {
        ids.push(office.begin(&office.admin).await);
        office.forward(1);
    }
    let listed = office.identity.sessions.list(&office.admin.actor(), office.admin.id).await.unwrap();
    assert_eq!(listed.len(), 50);
    assert!(office.resume(ids[0]).await.is_none() && office.resume(ids[51]).await.is_some());
}
