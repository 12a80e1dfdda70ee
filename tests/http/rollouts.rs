//! A version on its way to the computers, as its page shows it: the first ones, one that cannot take it, and everybody.

use std::collections::BTreeMap;
use std::time::Duration;

use http::StatusCode;
use nazorat::fleet::Joining;
use nazorat::fleet::Peer;
use nazorat::identity::Assignment;
use nazorat::identity::DisplayName;
use nazorat::kernel::Actor;
use nazorat::kernel::PolicyId;
use nazorat::policy::collection::AppliesTo;
use nazorat_wire::frame::AgentSeen;
use nazorat_wire::frame::Heartbeat;
use nazorat_wire::frame::PolicySeen;
use nazorat_wire::frame::Spool;
use nazorat_wire::policy::Settings;
use nazorat_wire::policy::WindowDetail;

use crate::support::office::Browser;
use crate::support::office::Office;

const COMPUTERS: u32 = 4;
const PAGE: &str = "/policies/1/rollout";

/// An office with a gateway and agents behind it that follow policies.
struct Branch {
    office: Office,
    peer: Peer,
    /// What each agent says of its policy, by the id of its computer.
    says: BTreeMap<String, PolicySeen>,
}

impl Branch {
    async fn new() -> Self {
        let office = Office::new().await;
        let (system, name) = (Actor::system(), DisplayName::parse("Chilonzor").unwrap());
        let day = Duration::from_secs(86_400);
        let invited = office.app.fleet.invite(&system, office.organization(), name, day).await.unwrap();
        let secret = invited.secret.expose();
        let joining = Joining { request: secret.as_bytes(), host: "gw-one", version: "1.4.0", address: None };
        let given = office.app.fleet.enroll(secret, &joining).await.unwrap();
        let peer = Peer { organization: office.organization(), gateway: given.gateway };
        let says = (1..=COMPUTERS).map(|id| (format!("uid-{id}"), PolicySeen::default())).collect();
        let branch = Self { office, peer, says };
        branch.hear().await;
        branch
    }

    /// The gateway tells of its agents.
    async fn hear(&self) {
        let now = self.office.clock.now();
        let agents = (1..=COMPUTERS).map(|id| AgentSeen {
            id,
            computer_uid: format!("uid-{id}"),
            name: format!("BUX-{id:02}"),
            version: Some("0.9.1".to_owned()),
            last_contact: Some(now),
            last_event: Some(now),
            interval_secs: Some(60),
            policy: self.says.get(&format!("uid-{id}")).cloned(),
        });
        let beat = Heartbeat {
            version: "1.5.2".to_owned(),
            clock: now,
            spool: Spool { max_bytes: 2_000_000_000, ..Spool::default() },
            agents: agents.collect(),
            agents_total: COMPUTERS,
            ..Heartbeat::default()
        };
        self.office.app.presence.heartbeat(self.peer, beat).await;
    }

    /// Everybody holds to what they should.
    async fn arrive(&mut self) {
        let standings = self.office.app.distribution.standings(&Actor::system(), self.office.organization()).await;
        for agent in standings.unwrap() {
            let seen =
                PolicySeen { have: Some(agent.wanted), since: Some(self.office.clock.now()), ..Default::default() };
            self.says.insert(agent.computer_uid, seen);
        }
        self.hear().await;
    }

    async fn early(&self) -> String {
        let found = self.office.app.policies.find(&Actor::system(), self.office.organization(), PolicyId::new(1)).await;
        let rollout = found.unwrap().rollout.unwrap();
        assert_eq!(rollout.early.len(), 1);
        rollout.early.into_iter().next().unwrap()
    }

    /// A draft that says this of windows.
    async fn draft(&self, detail: WindowDetail, version: u32) {
        let settings = Settings { windows: Some(detail), ..Settings::default() };
        let (system, organization) = (Actor::system(), self.office.organization());
        self.office
            .app
            .policies
            .save_draft(&system, organization, PolicyId::new(1), (settings, version))
            .await
            .unwrap();
    }
}

async fn open(browser: &mut Browser<'_>, path: &str) -> String {
    let answer = browser.get(path).await;
    assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.body);
    assert!(!answer.body.contains('\u{2753}'), "{path} lacks a text: {}", answer.body);
    answer.body.replace('\u{a0}', " ")
}

fn has_all(page: &str, words: &[&str]) {
    for word in words {
        assert!(page.contains(word), "{word}: {page}");
    }
}

#[tokio::test]
async fn a_version_gets_to_a_few_computers_first_and_stops_when_one_cannot_take_it() {
    let mut branch = Branch::new().await;
    let (system, organization) = (Actor::system(), branch.office.organization());
    branch.office.operator("malika", Assignment::Hr(organization)).await;
    branch.office.app.policies.create(&system, organization, AppliesTo::Organization).await.unwrap();
    branch.draft(WindowDetail::Title, 0).await;
    let why = (0, "as agreed");
    branch.office.app.policies.release(&system, organization, PolicyId::new(1), why).await.unwrap();
    branch.arrive().await;
    branch.draft(WindowDetail::Application, 1).await;

    let mut malika = branch.office.signed_in("malika").await;
    has_all(&open(&mut malika, PAGE).await, &["of 4 computers have version 1", "In force", "BUX-03"]);
    let question = open(&mut malika, "/policies/1/publish").await;
    assert!(question.contains("A few computers first"), "{question}");
    let seen = question.split_once("name=\"seen\" value=\"").unwrap().1.split_once('"').unwrap().0.to_owned();
    let typed = [
        ("version", "1"),
        ("seen", seen.as_str()),
        ("reason", "less is enough"),
        ("how", "staged"),
        ("percent", "25"),
        ("minutes", "20"),
    ];
    let published = malika.post("/policies/1/publish", &typed).await;
    assert_eq!(published.location(), PAGE, "{}", published.body);
    let page = open(&mut malika, PAGE).await;
    has_all(&page, &["Version 2 is rolling out", "version 2 is rolling out since", "First 25 %", "0 of 1 computers"]);
    has_all(&page, &["Watch 20 minutes", "Follows with everybody", "Pause", "Return to version 1", "Not yet 4"]);

    let early = branch.early().await;
    let failed = PolicySeen { error: Some("disk C: is full".to_owned()), ..branch.says[&early].clone() };
    drop(malika);
    branch.says.insert(early.clone(), failed);
    branch.hear().await;
    branch.office.app.distribution.advance(None).await;
    let mut malika = branch.office.signed_in("malika").await;
    let page = open(&mut malika, PAGE).await;
    has_all(&page, &["The roll-out has stopped by itself.", "disk C: is full", "Go on", "Failed"]);
    let name = early.replace("uid-", "BUX-0");
    let rows = page.split_once("<tbody>").unwrap().1;
    assert!(rows.find(&name).unwrap() < rows.find("Follows with everybody").unwrap(), "what failed comes first");
    let resumed = malika.post(&format!("{PAGE}/resume"), &[]).await;
    assert_eq!(resumed.location(), PAGE, "{}", resumed.body);
    let paused = malika.post(&format!("{PAGE}/pause"), &[]).await;
    assert_eq!(paused.location(), PAGE, "{}", paused.body);
    has_all(&open(&mut malika, PAGE).await, &["malika has stopped the roll-out."]);
    let twice = malika.post(&format!("{PAGE}/pause"), &[]).await;
    assert_eq!(twice.status, StatusCode::CONFLICT);

    let question = open(&mut malika, &format!("{PAGE}/everyone")).await;
    has_all(&question, &["Give version 2 to everybody now?"]);
    let given = malika.post(&format!("{PAGE}/everyone"), &[]).await;
    assert_eq!(given.location(), PAGE, "{}", given.body);
    drop(malika);
    branch.arrive().await;
    let mut malika = branch.office.signed_in("malika").await;
    let page = open(&mut malika, PAGE).await;
    has_all(&page, &["of 4 computers have version 2", "version 2 in force since", "3 of 3 computers"]);
    assert!(!page.contains("Pause") && !page.contains("Return to version"), "{page}");
    let over = malika.get(&format!("{PAGE}/everyone")).await;
    assert_eq!(over.status, StatusCode::NOT_FOUND);
}
