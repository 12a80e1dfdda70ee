//! What the appliance lets be collected, fetched by an edge in this process, and held against what waits there.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::Mutex;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::ECDSA_P256_SHA256_ASN1_SIGNING;
use aws_lc_rs::signature::EcdsaKeyPair;
use aws_lc_rs::signature::KeyPair as _;
use axum::Json;
use axum::Router;
use axum::extract::Path as UrlPath;
use axum::extract::State;
use axum::response::IntoResponse as _;
use axum::response::Response;
use axum::routing::get;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;
use tokio_util::sync::CancellationToken;

use nazorat::edge::OWN;
use nazorat::edge::Policies;
use nazorat::edge::PoliciesConfig;
use nazorat::edge::Standing;
use nazorat::kernel::Clock;
use nazorat::kernel::SecretText;
use nazorat::kernel::Timestamp;
use nazorat::uplink;
use nazorat::uplink::Carrier;
use nazorat::uplink::Chance;
use nazorat::uplink::Head;
use nazorat::uplink::HopConfig;
use nazorat::uplink::Inspect;
use nazorat::uplink::Parcels;
use nazorat_wire::policy::Action;
use nazorat_wire::policy::Effective;
use nazorat_wire::policy::Exclusion;
use nazorat_wire::policy::Layer;
use nazorat_wire::policy::Part;
use nazorat_wire::policy::Pattern;
use nazorat_wire::policy::PolicyItem;
use nazorat_wire::policy::PolicyList;
use nazorat_wire::policy::Settings;
use nazorat_wire::policy::Sheet;
use nazorat_wire::policy::SignedSheet;
use nazorat_wire::policy::WindowDetail;
use nazorat_wire::policy::signable;

use super::branch::Closed;
use super::hop::Hop;
use super::hop::Said;
use super::hop::until;

/// Stands in everything that may not be passed on.
const MARKER: &str = "zarafshon-sirli-belgi";

/// Somebody whose word counts.
#[derive(Clone)]
pub(super) struct Signer(Arc<EcdsaKeyPair>);

impl Signer {
    pub(super) fn new() -> Self {
        Self(Arc::new(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap()))
    }

    pub(super) fn sign(&self, sheet: &Sheet, second: i64) -> SignedSheet {
        let issued_at = Timestamp::from_second(1_795_334_400 + second).unwrap();
        let signature = self.0.sign(&SystemRandom::new(), &signable(&sheet.text(), issued_at)).unwrap();
        SignedSheet { sheet: sheet.text(), issued_at, signature: STANDARD.encode(signature) }
    }

    pub(super) fn policies(&self, folder: &Path) -> Policies {
        let key = self.0.public_key().as_ref().to_vec();
        let keys: nazorat::edge::Keys = Arc::new(move || vec![key.clone()]);
        let config = PoliciesConfig { folder: folder.join("policies"), keys, computer_uid: None };
        Policies::open(config, Clock::fixed(Timestamp::from_second(1_795_338_000).unwrap())).unwrap()
    }
}

pub(super) fn sheet(settings: &Settings) -> Sheet {
    let policies = vec![Effective::of([(Layer::Organization, settings)]).0];
    Sheet { policies, otherwise: Some(0), salt: "ab".to_owned(), ..Sheet::undecided(1, None) }
}

fn titles(exclusions: &[(&str, Action)]) -> Settings {
    let exclusion = |(text, action): &(&str, Action)| Exclusion {
        part: Part::Title,
        pattern: Pattern { text: (*text).to_owned(), regex: false },
        action: *action,
    };
    let exclusions = exclusions.iter().map(exclusion).collect();
    Settings { windows: Some(WindowDetail::Title), exclusions, ..Settings::default() }
}

fn window(number: usize, title: &str) -> String {
    format!(
        "{{\"kind\":\"active_window\",\"ts\":\"2026-11-20T04:00:00Z\",\"computer_uid\":\"pc\",\"duration_ms\":1,\
         \"app\":\"app-{number}\",\"title\":\"{title}\"}}"
    )
}

/// An appliance that gives out sheets, as they are now.
#[derive(Clone, Default)]
struct Desk {
    sheets: Arc<Mutex<BTreeMap<u32, SignedSheet>>>,
    asked: Arc<Mutex<Vec<String>>>,
    /// Says of these subjects that it is not well.
    ill: Arc<Mutex<Vec<u32>>>,
}

impl Desk {
    #[expect(clippy::disallowed_methods, reason = "the runtime of the test ends with it")]
    async fn start(&self) -> uplink::Hop {
        let router = Router::new()
            .route("/v2/gateway/policies", get(list))
            .route("/v2/gateway/policies/{subject}", get(one))
            .with_state(self.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        let config = HopConfig { url, key: SecretText::new("nzg_test"), authority: None, identity: None };
        uplink::Hop::open(&config, Clock::system()).unwrap()
    }

    fn give(&self, subject: u32, signed: SignedSheet) {
        self.sheets.lock().unwrap().insert(subject, signed);
    }

    fn list(&self) -> PolicyList {
        let item =
            |(subject, signed): (&u32, &SignedSheet)| PolicyItem { subject: *subject, checksum: signed.checksum() };
        PolicyList::of(self.sheets.lock().unwrap().iter().map(item).collect())
    }

    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }
}

async fn list(State(desk): State<Desk>) -> Json<PolicyList> {
    desk.asked.lock().unwrap().push("list".to_owned());
    Json(desk.list())
}

async fn one(State(desk): State<Desk>, UrlPath(subject): UrlPath<u32>) -> Response {
    desk.asked.lock().unwrap().push(subject.to_string());
    if desk.ill.lock().unwrap().contains(&subject) {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    match desk.sheets.lock().unwrap().get(&subject) {
        Some(signed) => Json(signed.clone()).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_newest_is_fetched_and_only_what_is_not_here() {
    let (folder, signer, desk) = (tempfile::tempdir().unwrap(), Signer::new(), Desk::default());
    let (hop, policies) = (desk.start().await, signer.policies(folder.path()));
    let empty = policies.refresh(&hop).await.unwrap();
    assert_eq!((empty, policies.standing()), (desk.list().checksum, Standing::Undecided));
    let of = |uid: &str| Sheet { computer_uid: Some(uid.to_owned()), ..sheet(&titles(&[])) };
    desk.give(OWN, signer.sign(&sheet(&titles(&[])), 1));
    (1..=9).for_each(|agent| desk.give(agent, signer.sign(&of(&format!("uid-{agent}")), 1)));
    desk.asked();
    let first = policies.refresh(&hop).await.unwrap();
    assert_eq!((first, policies.list()), (desk.list().checksum, Some(desk.list().checksum)));
    let asked = desk.asked();
    assert_eq!((asked[0].as_str(), asked[1].as_str(), asked.len()), ("list", "0", 11), "{asked:?}");
    assert_eq!(policies.passed_on(7).unwrap().unwrap().checksum(), of("uid-7").checksum());
    // The same push again costs a list and nothing else.
    policies.refresh(&hop).await.unwrap();
    assert_eq!(desk.asked(), ["list"]);
    // One that cannot be had holds up no other, and the list is not held to.
    let stricter = Sheet { salt: "cd".to_owned(), ..of("uid-8") };
    desk.give(8, signer.sign(&stricter, 2));
    desk.give(9, signer.sign(&Sheet { salt: "cd".to_owned(), ..of("uid-9") }, 2));
    desk.ill.lock().unwrap().push(9);
    assert_eq!(policies.refresh(&hop).await.unwrap_err().code, "refused");
    assert_eq!((policies.list(), policies.checksum(8)), (None, Some(stricter.checksum())));
    desk.ill.lock().unwrap().clear();
    policies.refresh(&hop).await.unwrap();
    // Somebody else's word counts for nothing, and neither does an old one.
    desk.give(OWN, Signer::new().sign(&sheet(&Settings::default()), 3));
    assert_eq!(policies.refresh(&hop).await.unwrap_err().code, "not_followed");
    desk.give(OWN, signer.sign(&sheet(&Settings::default()), 0));
    assert_eq!(policies.refresh(&hop).await.unwrap_err().code, "older");
    assert_eq!(policies.sheet().unwrap().policies[0].windows, WindowDetail::Title);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_taken_in_is_judged_before_it_is_on_disk() {
    let (hop, signer) = (Hop::start().await, Signer::new());
    let mut closed = Closed::new(hop.config());
    let policies = signer.policies(closed.folder.path());
    policies.put(OWN, &signer.sign(&sheet(&titles(&[("maosh", Action::Drop)])), 1)).unwrap();
    closed.rules = Some(Arc::new(policies.clone()));
    hop.rule(|_| Said::No(503, None, None));
    let branch = closed.open().await;
    let events = [window(1, "Shartnoma"), window(2, &format!("Maosh {MARKER}"))];
    let answer = branch.accept("k-1", &events).await.unwrap();
    assert_eq!((answer.accepted, answer.withheld, answer.duplicate), (1, 1, false));
    let again = branch.accept("k-1", &events).await.unwrap();
    assert_eq!((again.accepted, again.withheld, again.duplicate), (1, 1, true));
    let nothing = branch.accept("k-2", &events[1..]).await.unwrap();
    assert_eq!((nothing.accepted, nothing.withheld), (0, 1));
    assert!(branch.accept("k-2", &events[1..]).await.unwrap().duplicate, "its name is known all the same");
    let closed = branch.cut().await;
    assert_nowhere(closed.folder.path());
    hop.rule(|_| Said::Yes);
    let branch = closed.open().await;
    until("all has left", || branch.is_empty()).await;
    assert_eq!(hop.taken(), [window(1, "Shartnoma")]);
    // While nobody can say what holds, nothing is taken in.
    let closed = branch.stop().await;
    for file in std::fs::read_dir(closed.path("policies")).unwrap() {
        std::fs::write(file.unwrap().path(), "{").unwrap();
    }
    let policies = signer.policies(closed.folder.path());
    assert!(matches!(policies.standing(), Standing::Unreadable(_)));
    let branch = Closed { rules: Some(Arc::new(policies)), ..closed }.open().await;
    let refused = branch.accept("k-3", &events[..1]).await.unwrap_err();
    assert!(matches!(refused, nazorat::intake::AcceptError::Unjudged(_)), "{refused:?}");
    branch.stop().await;
}

fn assert_nowhere(folder: &Path) {
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let bytes = std::fs::read(&path).unwrap();
            let found = bytes.windows(MARKER.len()).any(|part| part == MARKER.as_bytes());
            assert!(!found, "{} holds what may not be kept", path.display());
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_waits_is_judged_anew_when_it_gets_its_name_and_goes_unchanged_from_then_on() {
    let (hop, signer) = (Hop::start().await, Signer::new());
    let mut closed = Closed::new(hop.config());
    // The first batch is under way before anybody decides anything, and the answer to it is lost.
    hop.rule(|_| Said::YesUnheard);
    let branch = closed.open().await;
    branch.accept("k-1", &[window(1, &format!("Maosh {MARKER}"))]).await.unwrap();
    until("it is under way", || !hop.seen().is_empty()).await;
    hop.rule(|_| Said::No(503, None, None));
    for number in 2..=40 {
        let title = if number % 2 == 0 { format!("Maosh {MARKER}") } else { format!("Shartnoma {number}") };
        branch.accept(&format!("k-{number}"), &[window(number, &title)]).await.unwrap();
    }
    closed = branch.cut().await;
    let policies = signer.policies(closed.folder.path());
    policies.put(OWN, &signer.sign(&sheet(&titles(&[("maosh", Action::Drop)])), 1)).unwrap();
    closed.rules = Some(Arc::new(policies.clone()));
    // The next batch is named under this policy, and again nobody hears the answer.
    hop.rule(|seen| if seen.events.len() == 1 { Said::Yes } else { Said::YesUnheard });
    let branch = closed.open().await;
    until("the second was sent", || hop.seen().iter().any(|seen| seen.events.len() > 1)).await;
    closed = branch.cut().await;
    // A stricter one comes; what has its name goes as it was, whatever is new is judged by it.
    let stricter = titles(&[("maosh", Action::Drop), ("shartnoma", Action::Redact)]);
    policies.put(OWN, &signer.sign(&sheet(&stricter), 2)).unwrap();
    closed.rules = Some(Arc::new(signer.policies(closed.folder.path())));
    hop.rule(|_| Said::Yes);
    let branch = closed.open().await;
    branch.accept("k-41", &[window(41, "Shartnoma 41"), window(42, &format!("Maosh {MARKER}"))]).await.unwrap();
    until("all has left", || branch.is_empty()).await;
    branch.stop().await;
    let mut bodies = BTreeMap::new();
    for seen in hop.seen() {
        let known = bodies.entry(seen.name.clone()).or_insert_with(|| seen.body.clone());
        assert_eq!(*known, seen.body, "{} has two contents", seen.name);
    }
    let taken = hop.taken();
    assert_eq!(taken[0], window(1, &format!("Maosh {MARKER}")), "it had arrived before");
    assert!(taken[1..].iter().all(|event| !event.contains(MARKER)), "{taken:?}");
    assert_eq!(taken.iter().filter(|event| event.contains("Shartnoma")).count(), 19);
    assert_eq!(taken.len(), 1 + 19 + 1, "{taken:?}");
    assert!(taken[20].contains("app-41") && !taken[20].contains("title"), "{}", taken[20]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_somebody_carries_is_judged_when_it_is_written() {
    let (hop, signer) = (Hop::start().await, Signer::new());
    hop.rule(|_| Said::No(503, None, None));
    let mut closed = Closed::new(hop.config());
    let branch = closed.open().await;
    let secret = format!("Maosh {MARKER}");
    branch.accept("k-1", &[window(0, "Shartnoma")]).await.unwrap();
    until("it is under way", || !hop.seen().is_empty()).await;
    let events: Vec<_> =
        (1..=9).map(|number| window(number, if number == 5 { &secret } else { "Shartnoma" })).collect();
    branch.accept("k-2", &events).await.unwrap();
    closed = branch.cut().await;
    let policies = signer.policies(closed.folder.path());
    policies.put(OWN, &signer.sign(&sheet(&titles(&[("maosh", Action::Drop)])), 1)).unwrap();
    closed.rules = Some(Arc::new(policies.clone()));
    let branch = closed.open().await;
    let carried = branch.carry().await;
    // Another policy comes, and what was written stays what it is, also on the line.
    policies.put(OWN, &signer.sign(&sheet(&Settings::default()), 2)).unwrap();
    assert_eq!(branch.carry().await, carried);
    carried.iter().for_each(|body| assert!(!hop.import(body)));
    hop.rule(|_| Said::Yes);
    until("all has left", || branch.is_empty()).await;
    branch.stop().await;
    let taken = hop.taken();
    assert_eq!(taken.len(), 9, "{taken:?}");
    assert!(taken.iter().all(|event| event.contains("Shartnoma") && !event.contains(MARKER)), "{taken:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[expect(clippy::disallowed_methods, reason = "the runtime of the test ends with it")]
async fn a_screenshot_that_waits_is_looked_at_once_more_before_it_goes() {
    let (hop, folder) = (Hop::start().await, tempfile::tempdir().unwrap());
    let parcels = Parcels::open(&folder.path().join("screenshots"), 1 << 20).unwrap();
    for app in ["bank", "mspaint"] {
        let head = Head {
            path: format!("/v2/ingest/{app}"),
            content_type: "text/plain".to_owned(),
            key: None,
            source: "agent".to_owned(),
        };
        let parcel = parcels.wrap(head).await.unwrap().write(MARKER.into()).await.unwrap();
        parcel.finish().await.unwrap();
    }
    let judged = Arc::new(Mutex::new(0));
    let asked = Arc::clone(&judged);
    let inspect: Inspect = Arc::new(move |head, body| {
        assert_eq!(body, MARKER.as_bytes());
        *asked.lock().unwrap() += 1;
        Box::pin(std::future::ready(Ok(head.path.ends_with("bank"))))
    });
    let line = uplink::Hop::open(&hop.config(), Clock::system()).unwrap();
    let (carrier, stop) = (Carrier::new(line, parcels.clone(), Chance::fixed(0.0)), CancellationToken::new());
    let running = tokio::spawn(carrier.inspected_by(inspect).run(stop.clone()));
    until("both were looked at", || *judged.lock().unwrap() == 2).await;
    // The other one is on its way, to a hop that has no such door.
    let count = parcels.count();
    assert_eq!((count.waiting, count.sent, count.refused, count.evicted), (1, 0, 0, 0));
    stop.cancel();
    running.await.unwrap().unwrap();
}
