//! Simulated terminals that call, over HTTP, in both dialects.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::extract::State;
use axum::response::IntoResponse as _;
use axum::response::Response;
use nazorat::adapters::Action;
use nazorat::adapters::DeviceError;
use nazorat::adapters::Face;
use nazorat::adapters::Number;
use nazorat::adapters::Person;
use nazorat::adapters::PushRequest;
use nazorat::adapters::Session;
use nazorat::sim::zkteco::Dialect;
use nazorat::sim::zkteco::Faults;
use nazorat::sim::zkteco::Pass;
use nazorat::sim::zkteco::PushTo;
use nazorat::sim::zkteco::SimPerson;
use nazorat::sim::zkteco::Terminal;
use nazorat::sim::zkteco::TerminalConfig;
use nazorat_terminals::zkteco::attendance::Layout;
use nazorat_wire::AccessKind;
use serde_json::json;

use super::kept::Kept;
use super::kept::Running;
use super::kept::hurried;
use super::kept::open;
use super::kept::open_with;
use super::kept::until;
use super::standalone::LIMIT;
use super::standalone::nth;

/// A listener for one device, as a gateway has.
struct Bridge {
    address: SocketAddr,
    task: tokio::task::JoinHandle<()>,
}

impl Bridge {
    #[expect(clippy::disallowed_methods, reason = "a test ends it when it is dropped")]
    async fn start(session: Arc<dyn Session>) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().fallback(carry).with_state(session);
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address, task }
    }
}

impl Drop for Bridge {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn carry(State(session): State<Arc<dyn Session>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 8 << 20).await.unwrap();
    let text = |name: &str| head.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    let request = PushRequest {
        method: head.method.to_string(),
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        content_type: text("content-type"),
        headers: http::HeaderMap::new(),
        body,
    };
    let answer = session.pushed(request).await;
    let status = axum::http::StatusCode::from_u16(answer.status).unwrap();
    (status, [("content-type", answer.content_type)], answer.body).into_response()
}

struct Office {
    kept: Arc<Kept>,
    session: Arc<dyn Session>,
    bridge: Bridge,
    terminal: Terminal,
}

impl Office {
    async fn start(dialect: Dialect, faults: Faults) -> Self {
        let kept = Arc::new(Kept::default());
        let session = open(None, json!({"serial_number": "SIM0000000001"}), &kept);
        let bridge = Bridge::start(Arc::clone(&session)).await;
        let terminal = Terminal::start(terminal(dialect, bridge.address, faults)).await.unwrap();
        Self { kept, session, bridge, terminal }
    }

    fn wanted(&self, dialect: Dialect) -> Vec<String> {
        let log = self.terminal.log();
        log.iter()
            .map(|one| match dialect {
                Dialect::Att => one.serial(Layout::Text),
                Dialect::Acc => one.access_serial(),
            })
            .collect()
    }
}

fn terminal(dialect: Dialect, server: SocketAddr, faults: Faults) -> TerminalConfig {
    TerminalConfig {
        push: Some(PushTo {
            server: format!("http://{server}"),
            dialect,
            poll: Some(Duration::from_millis(60)),
            wait: Duration::from_millis(80),
        }),
        keeps_all: dialect == Dialect::Acc,
        people: SimPerson::of_office(1, 12),
        faults,
        ..TerminalConfig::default()
    }
}

const BOTH: [Dialect; 2] = [Dialect::Att, Dialect::Acc];

#[tokio::test(flavor = "multi_thread")]
async fn what_a_terminal_has_and_what_happens_come_once_and_in_order() {
    for dialect in BOTH {
        let office = Office::start(dialect, Faults::default()).await;
        let Office { kept, terminal, .. } = &office;
        let running = Running::start(Arc::clone(&office.session));
        until("live", LIMIT, || kept.live() > 0).await;
        for at in 0..150 {
            terminal.pass(nth(at));
            if at % 10 == 0 {
                terminal.pass(Pass::Stranger { card: 4_711 });
            }
        }
        until("told all", LIMIT, || kept.events().len() == terminal.log().len()).await;
        assert_eq!(kept.serials(), office.wanted(dialect));
        let denied = kept.events().iter().filter(|event| event.outcome == AccessKind::Denied).count();
        assert_eq!(denied, if dialect == Dialect::Acc { 15 } else { 0 });
        assert_eq!(terminal.misunderstood(), 0, "every answer was what it expected");
        assert_eq!(running.stop().await, []);
        office.terminal.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_missing_when_answers_are_lost_uploads_repeated_and_the_store_is_full() {
    for dialect in BOTH {
        let faults = Faults {
            close: 200,
            duplicate: 300,
            reboot: 60,
            reboot_for: Duration::from_millis(100),
            replay: true,
            ..Faults::default()
        };
        let office = Office::start(dialect, faults).await;
        let Office { kept, terminal, .. } = &office;
        let running = Running::start(Arc::clone(&office.session));
        for at in 0..80 {
            terminal.pass(nth(at));
            if at % 20 == 7 {
                kept.refuse(2);
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        terminal.set_faults(Faults::default());
        let wanted: BTreeSet<String> = office.wanted(dialect).into_iter().collect();
        until("complete", LIMIT, || kept.serials().into_iter().collect::<BTreeSet<_>>() == wanted).await;
        assert_eq!(kept.serials(), office.wanted(dialect), "in the order in which it happened");
        assert_eq!(terminal.misunderstood(), 0);
        running.stop().await;
        office.terminal.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn doors_open_when_the_terminal_calls_and_never_after_somebody_has_gone() {
    for dialect in BOTH {
        let office = Office::start(dialect, Faults::default()).await;
        let Office { kept, session, terminal, .. } = &office;
        let running = Running::start(Arc::clone(session));
        until("live", LIMIT, || kept.live() > 0).await;
        session.execute(Action::Open { door: 1 }).await.unwrap();
        let held = session.execute(Action::HoldOpen { door: 1 }).await;
        let done: Vec<String> = terminal.doors().into_iter().map(|door| door.what).collect();
        match dialect {
            Dialect::Att => {
                assert_eq!(done, ["AC_UNLOCK"]);
                assert_eq!(held.unwrap_err().code(), "device_cannot");
                assert_eq!(session.execute(Action::SetClock).await.unwrap_err().code(), "device_cannot");
            }
            Dialect::Acc => {
                session.execute(Action::Lock { door: 1 }).await.unwrap();
                session.execute(Action::Close { door: 1 }).await.unwrap();
                session.execute(Action::SetClock).await.unwrap();
                let done: Vec<String> = terminal.doors().into_iter().map(|door| door.what).collect();
                let digits = ["01010105", "010101FF", "06010100", "06010000", "01010100"];
                assert_eq!(done, digits.map(|digits| format!("CONTROL DEVICE {digits}")));
            }
        }
        let probe = session.probe().await.unwrap();
        assert_eq!(probe.capabilities.hold, dialect == Dialect::Acc);
        assert_eq!(session.execute(Action::Open { door: 2 }).await.unwrap_err().code(), "device_cannot");
        session.execute(Action::Reboot).await.unwrap();
        office.terminal.clone().stop().await;
        let doors = terminal.doors().len();
        let gone = session.execute(Action::Open { door: 1 }).await.unwrap_err();
        assert!(gone.to_string().contains("nothing was done"), "{gone}");
        // The terminal comes back, and the door stays shut.
        let back =
            Terminal::start(super::push::terminal(dialect, office.bridge.address, Faults::default())).await.unwrap();
        session.execute(Action::Reboot).await.unwrap();
        assert_eq!((terminal.doors().len(), back.doors().len()), (doors, 0));
        back.stop().await;
        running.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn people_are_read_added_and_taken_off_but_never_administrators() {
    for dialect in BOTH {
        let office = Office::start(dialect, Faults::default()).await;
        let Office { kept, session, terminal, .. } = &office;
        let running = Running::start(Arc::clone(session));
        until("live", LIMIT, || kept.live() > 0).await;
        let people = session.people().await.unwrap();
        assert_eq!((people.len(), people[0].is_admin, people[1].is_admin), (12, true, false));
        assert_eq!(people[1].cards.as_deref(), Some(&["1007922".to_owned()][..]));
        let mut person = Person {
            number: Number::parse("2001").unwrap(),
            name: "Zarina".to_owned(),
            cards: vec!["12345678".to_owned()],
            from: None,
            until: None,
            face: Face::AsItIs,
        };
        session.put_person(&person).await.unwrap();
        let added = terminal.people().pop().unwrap();
        assert_eq!((added.number.as_str(), added.name.as_str(), added.card), ("2001", "Zarina", 12_345_678));
        session.remove_person(&person.number).await.unwrap();
        session.remove_person(&person.number).await.unwrap();
        assert_eq!(terminal.people().len(), 12);
        person.number = Number::parse("1001").unwrap();
        assert_eq!(session.put_person(&person).await.unwrap_err().code(), "device_refused");
        assert_eq!(session.remove_person(&person.number).await.unwrap_err().code(), "device_refused");
        assert!(terminal.people()[0].is_admin);
        assert_eq!(terminal.misunderstood(), 0);
        running.stop().await;
        office.terminal.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_terminal_counts_and_we_have_not_is_fetched() {
    for dialect in BOTH {
        let office = Office::start(dialect, Faults::default()).await;
        let Office { kept, terminal, .. } = &office;
        // Nobody was told of these: the terminal believes that they were sent.
        terminal.fill_sent(40);
        let running = Running::start(Arc::clone(&office.session));
        until("counted and fetched", LIMIT, || kept.events().len() == 40).await;
        let wanted: BTreeSet<String> = office.wanted(dialect).into_iter().collect();
        assert_eq!(kept.serials().into_iter().collect::<BTreeSet<_>>(), wanted);
        running.stop().await;
        office.terminal.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_terminal_that_does_not_call_is_not_there() {
    let kept = Arc::new(Kept::default());
    let pace = nazorat::adapters::zkteco::Pace { silence: Duration::from_millis(300), ..hurried() };
    let session = open_with(None, json!({"serial_number": "SIM0000000001"}), &kept, pace);
    let never = session.run(Default::default()).await.unwrap_err();
    assert!(never.to_string().contains("SIM0000000001"), "{never}");
    let bridge = Bridge::start(Arc::clone(&session)).await;
    let terminal = Terminal::start(terminal(Dialect::Att, bridge.address, Faults::default())).await.unwrap();
    let running = Running::start(Arc::clone(&session));
    until("live", LIMIT, || kept.live() > 0).await;
    terminal.stop().await;
    tokio::time::sleep(Duration::from_millis(700)).await;
    let ended = running.stop().await;
    let is_silent = |problem: &DeviceError| problem.to_string().contains("has not called for");
    assert!(ended.iter().any(is_silent), "{ended:?}");
}
