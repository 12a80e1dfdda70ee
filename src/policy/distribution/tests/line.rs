//! A model of the line between the appliance and a gateway: whatever is lost, repeated, reordered or restarted, the
//! gateway ends up with what holds, takes each version at most once, and never goes back.

use std::time::Duration;

use nazorat_wire::Order;
use nazorat_wire::frame::Ending;
use nazorat_wire::frame::Outcome;
use nazorat_wire::frame::PolicySeen;
use proptest::collection::vec;
use proptest::prelude::Just;
use proptest::prelude::Strategy;
use proptest::prop_oneof;
use proptest::proptest;

use crate::fleet::commands::Command;
use crate::fleet::commands::State;
use crate::fleet::commands::Target;
use crate::fleet::presence::Liveness;
use crate::kernel::CommandId;
use crate::kernel::GatewayId;
use crate::kernel::Timestamp;
use crate::policy::distribution::AgentState;
use crate::policy::distribution::rules;
use crate::policy::distribution::rules::Told;

#[derive(Debug, Clone, Copy)]
enum Step {
    /// Something else is decided.
    Release,
    /// The appliance looks whether it has to ask.
    Look,
    /// A command that is open goes out and reaches the gateway, the newest first when told so.
    Push { newest: bool },
    /// It goes out and is lost.
    Lose,
    /// The gateway fetches what it was asked for; its answer is lost when told so.
    Fetch { lost: bool },
    /// It cannot fetch just now.
    Fail,
    /// Old messages come once more.
    Repeat,
    /// The gateway connects anew, and says what it holds to.
    Connect,
    /// Time passes.
    Wait,
}

/// Versions are numbers; the checksum of a list is the number in digits.
struct Line {
    now: Timestamp,
    wanted: u32,
    told: Option<(Option<u32>, Timestamp)>,
    commands: Vec<Command>,
    /// What reached the gateway and was not done yet.
    inbox: Vec<CommandId>,
    begun: Vec<CommandId>,
    holds: Option<u32>,
    applied: Vec<u32>,
}

fn checksum(version: u32) -> String {
    format!("{version:064}")
}

impl Line {
    fn new() -> Self {
        Self {
            now: Timestamp::from_second(1_795_334_400).unwrap(),
            wanted: 1,
            told: None,
            commands: Vec::new(),
            inbox: Vec::new(),
            begun: Vec::new(),
            holds: None,
            applied: Vec::new(),
        }
    }

    fn pass(&mut self, time: Duration) {
        self.now = self.now.checked_add(time).unwrap();
    }

    fn look(&mut self) {
        let list = self.told.as_ref().and_then(|(list, _)| list.map(checksum));
        let told = self.told.as_ref().map(|(_, at)| Told { list: list.as_deref(), at: *at });
        if !rules::must_ask(&checksum(self.wanted), told, &self.commands, self.now) {
            return;
        }
        let order = Order::ApplyPolicies { checksum: checksum(self.wanted) };
        self.commands.push(Command {
            id: CommandId::random(),
            gateway: GatewayId::new(uuid::Uuid::nil()),
            target: Target::Gateway,
            kind: order.kind().to_owned(),
            payload: order.payload(),
            by: "system".to_owned(),
            created_at: self.now,
            expires_at: self.now.checked_add(Duration::from_secs(3_600)).unwrap(),
            attempts: 0,
            state: State::Pending,
            changed_at: self.now,
            checksum: None,
            has_body: false,
        });
    }

    fn send(&mut self, newest: bool) -> Option<CommandId> {
        let open = |command: &&mut Command| command.state.is_open();
        let found = match newest {
            true => self.commands.iter_mut().rev().find(open),
            false => self.commands.iter_mut().find(open),
        }?;
        *found = found.clone().sent(self.now).unwrap();
        Some(found.id)
    }

    /// The gateway keeps which commands it has begun, as its journal does.
    fn receive(&mut self, id: CommandId) {
        if !self.begun.contains(&id) {
            self.begun.push(id);
            self.inbox.push(id);
        }
    }

    fn end(&mut self, id: CommandId, status: Ending) {
        let outcome = Outcome { id: id.get(), status, code: None, detail: None, body: None };
        let found = self.commands.iter_mut().find(|command| command.id == id).unwrap();
        if let Ok(ended) = found.clone().ended(&outcome, self.now) {
            *found = ended;
        }
    }

    fn fetch(&mut self, lost: bool) {
        let Some(id) = (!self.inbox.is_empty()).then(|| self.inbox.remove(0)) else { return };
        if self.holds != Some(self.wanted) {
            self.holds = Some(self.wanted);
            self.applied.push(self.wanted);
        }
        if !lost {
            self.end(id, Ending::Succeeded);
        }
    }

    fn take(&mut self, step: Step) {
        self.pass(Duration::from_millis(10));
        match step {
            Step::Release => self.wanted += 1,
            Step::Look => self.look(),
            Step::Push { newest } => {
                if let Some(id) = self.send(newest) {
                    self.receive(id);
                }
            }
            Step::Lose => drop(self.send(false)),
            Step::Fetch { lost } => self.fetch(lost),
            Step::Fail => {
                if !self.inbox.is_empty() {
                    let id = self.inbox.remove(0);
                    self.end(id, Ending::Failed);
                }
            }
            Step::Repeat => {
                for id in self.begun.clone() {
                    self.receive(id);
                }
            }
            Step::Connect => self.told = Some((self.holds, self.now)),
            Step::Wait => {
                self.pass(Duration::from_secs(61));
                self.give_up();
            }
        }
    }

    /// What was never answered is given up by the channel.
    fn give_up(&mut self) {
        for command in &mut self.commands {
            if let Ok(gone) = command.clone().gave_up(self.now) {
                *command = gone;
            }
        }
    }
}

fn steps() -> impl Strategy<Value = Step> {
    prop_oneof![
        Just(Step::Release),
        Just(Step::Look),
        proptest::bool::ANY.prop_map(|newest| Step::Push { newest }),
        Just(Step::Lose),
        proptest::bool::ANY.prop_map(|lost| Step::Fetch { lost }),
        Just(Step::Fail),
        Just(Step::Repeat),
        Just(Step::Connect),
        Just(Step::Wait),
    ]
}

proptest! {
    #[test]
    fn the_gateway_ends_up_with_what_holds(steps in vec(steps(), 0..60)) {
        let mut line = Line::new();
        for step in steps {
            line.take(step);
        }
        // Then the line is good for a while.
        line.take(Step::Connect);
        for _ in 0..3 {
            line.take(Step::Wait);
            line.take(Step::Look);
            line.take(Step::Push { newest: false });
            while !line.inbox.is_empty() {
                line.take(Step::Fetch { lost: false });
            }
        }
        assert_eq!(line.holds, Some(line.wanted));
        assert!(line.applied.is_sorted_by(|before, after| before < after), "once each, and never back: {:?}", line.applied);
        let asked = line.commands.len();
        line.take(Step::Look);
        assert_eq!(line.commands.len(), asked, "whoever has it is left alone");
    }
}

#[test]
fn a_failure_is_not_repeated_at_once() {
    let mut line = Line::new();
    line.take(Step::Look);
    line.take(Step::Push { newest: false });
    line.take(Step::Fail);
    line.take(Step::Look);
    assert_eq!(line.commands.len(), 1);
    line.take(Step::Wait);
    line.take(Step::Look);
    assert_eq!(line.commands.len(), 2);
    // Another decision does not wait.
    line.take(Step::Push { newest: false });
    line.take(Step::Fail);
    line.take(Step::Release);
    line.take(Step::Look);
    assert_eq!(line.commands.len(), 3);
}

#[test]
fn an_agent_is_where_it_says_it_is() {
    let told = |have: &str, waiting: Option<&str>, error: Option<&str>| PolicySeen {
        have: Some(have.to_owned()),
        waiting: waiting.map(str::to_owned),
        since: None,
        error: error.map(str::to_owned),
    };
    let state = |liveness, told: Option<PolicySeen>| rules::state("b", liveness, told.as_ref());
    assert_eq!(state(Liveness::Online, None), AgentState::Silent);
    assert_eq!(state(Liveness::Offline, None), AgentState::Away);
    assert_eq!(state(Liveness::Online, Some(told("b", None, Some("old")))), AgentState::InForce);
    assert_eq!(state(Liveness::Offline, Some(told("b", None, None))), AgentState::InForce);
    assert_eq!(state(Liveness::Online, Some(told("a", Some("b"), None))), AgentState::Waiting);
    assert_eq!(state(Liveness::Online, Some(told("a", Some("c"), None))), AgentState::Behind);
    assert_eq!(state(Liveness::Offline, Some(told("a", Some("b"), None))), AgentState::Away);
    let full = AgentState::Failed("disk full".to_owned());
    assert_eq!(state(Liveness::Online, Some(told("a", None, Some("disk full")))), full);
}
