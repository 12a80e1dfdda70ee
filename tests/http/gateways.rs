//! The gateways of an organization: from the invitation to the end, by who may act and by who may only look.

use http::StatusCode;
use http::header;
use nazorat::fleet::Gateway;
use nazorat::fleet::GatewayState;
use nazorat::fleet::Joining;
use nazorat::identity::Assignment;
use nazorat::kernel::Actor;
use nazorat::kernel::GatewayId;
use nazorat::kernel::Language;
use nazorat_wire::JoinToken;

use crate::support::office::Browser;
use crate::support::office::Office;

const DAY: i64 = 86_400;

/// What stands between two pieces of a page.
fn between<'a>(body: &'a str, before: &str, after: &str) -> &'a str {
    body.split_once(before).and_then(|(_, rest)| rest.split_once(after)).map_or("", |(found, _)| found)
}

/// Adds a gateway in the browser; gives the body of the page with its token.
async fn add(admin: &mut Browser<'_>, name: &str) -> String {
    let typed = [("name", name), ("server", "https://nazorat.example.com:8443"), ("hours", "24")];
    let made = admin.post("/gateways/new", &typed).await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.body);
    assert_eq!(made.headers[header::CACHE_CONTROL], "no-store");
    made.body
}

fn token(body: &str) -> JoinToken {
    JoinToken::parse(between(body, "id=\"token\">", "<")).unwrap()
}

/// A box joins with the token of a page.
async fn join(office: &Office, body: &str) -> Gateway {
    let (secret, host) = (token(body).secret, format!("gw-{}", &token(body).gateway[..8]));
    let joining = Joining { request: secret.as_bytes(), host: &host, version: "1.4.0", address: None };
    let given = office.app.fleet.enroll(&secret, &joining).await.unwrap();
    gateway(office, given.gateway).await
}

async fn gateway(office: &Office, id: GatewayId) -> Gateway {
    office.app.fleet.get(&Actor::system(), office.organization(), id).await.unwrap()
}

/// The line of a page with a token that says whether the box has come.
async fn line(admin: &mut Browser<'_>, body: &str) -> String {
    let href = between(body, "hx-get=\"/gateways/", "\"").replace("&amp;", "&");
    let part = admin.get(&format!("/gateways/{href}")).await;
    assert!(part.status == StatusCode::OK && !part.body.contains("<html"), "{}", part.body);
    part.body
}

#[tokio::test]
async fn a_gateway_is_added_joins_and_is_seen_to_join() {
    let office = Office::new().await;
    let mut admin = office.signed_in("aziza").await;
    let empty = admin.get("/gateways").await.body;
    assert!(empty.contains("No gateways yet") && empty.contains("A gateway is a small box in a branch."), "{empty}");
    assert!(admin.get("/gateways/new").await.body.contains("value=\"https://office.test:8443\""));
    let body = add(&mut admin, "Chilonzor").await;
    let token = token(&body);
    assert_eq!(token.server, "https://nazorat.example.com:8443");
    assert_eq!(token.root.as_deref(), Some("7f2a9c"));
    assert!(body.contains(&format!("nazorat gateway --join {}", token_text(&body))) && body.contains("7F:2A:9C"));
    assert!(body.contains("role=\"img\" aria-label=\"QR code of the token\""));
    assert!(line(&mut admin, &body).await.contains("Waiting for the box."));
    let list = admin.get("/gateways").await.body;
    assert!(list.contains("waits for its box") && !list.contains(token_text(&body)), "a token is shown once: {list}");

    let joined = join(&office, &body).await;
    let host = joined.enrolled.unwrap().host;
    let said = line(&mut admin, &body).await;
    assert!(said.contains("The box has joined.") && said.contains(&host), "{said}");
    let page = admin.get(&format!("/gateways/{}", joined.id)).await.body;
    assert!(page.contains(&format!("Gateway on {host} \u{b7} version 1.4.0")), "{page}");
    assert!(page.contains("90\u{a0}days") || page.contains("90 days"), "{page}");
    assert!(page.contains("It renews itself from 22 January on."), "{page}");
}

fn token_text(body: &str) -> &str {
    between(body, "id=\"token\">", "<")
}

#[tokio::test]
async fn what_is_wrong_stands_beside_its_field() {
    let office = Office::new().await;
    let mut admin = office.signed_in("aziza").await;
    add(&mut admin, "Chilonzor").await;
    for (name, server, sentence) in [
        ("", "https://a:1", "Use 1 to 100 characters"),
        ("Yunusobod", "http://a:1", "Write https, the name or the address, and the port"),
        ("CHILONZOR", "https://a:1", "Another gateway has this name."),
    ] {
        let refused = admin.post("/gateways/new", &[("name", name), ("server", server), ("hours", "1")]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{name} {server}");
        assert!(refused.body.contains(sentence) && refused.body.contains(&format!("value=\"{server}\"")));
        assert!(refused.body.contains("value=\"1\" checked"), "the choice is kept");
    }
}

#[tokio::test]
async fn a_gateway_is_suspended_replaced_revoked_and_deleted() {
    let office = Office::new().await;
    let mut admin = office.signed_in("aziza").await;
    let first = join(&office, &add(&mut admin, "Chilonzor").await).await;
    let (here, state) = (format!("/gateways/{}", first.id), async || gateway(&office, first.id).await.state);

    let question = admin.get(&format!("{here}/suspend")).await.body;
    assert!(question.contains("Suspend Chilonzor?") && question.contains("waits on it"), "{question}");
    assert_eq!(admin.post(&format!("{here}/suspend"), &[]).await.location(), here);
    assert!(admin.get(&here).await.body.contains("Chilonzor is suspended"));
    assert_eq!(state().await, GatewayState::Suspended);
    assert_eq!(admin.post(&format!("{here}/remove"), &[]).await.status, StatusCode::CONFLICT);
    assert_eq!(admin.post(&format!("{here}/resume"), &[]).await.location(), here);

    let form = admin.get(&format!("{here}/replace")).await.body;
    assert!(form.contains("works on until the new one has joined"), "{form}");
    let typed = [("server", "https://nazorat.example.com:8443"), ("hours", "168")];
    let second = admin.post(&format!("{here}/replace"), &typed).await.body;
    assert!(admin.get(&here).await.body.contains("This box works until that one has joined."));
    assert!(line(&mut admin, &second).await.contains("Waiting for the box."));
    office.forward(8 * DAY);
    let mut admin = office.signed_in("aziza").await;
    assert!(line(&mut admin, &second).await.contains("The token is too old."));
    let third = admin.post(&format!("{here}/replace"), &typed).await.body;
    assert!(line(&mut admin, &second).await.contains("This token is worth nothing any more."));
    join(&office, &third).await;
    assert!(line(&mut admin, &third).await.contains("The box has joined."));

    assert!(admin.get(&format!("{here}/revoke")).await.body.contains("at once and for good"));
    assert_eq!(admin.post(&format!("{here}/revoke"), &[]).await.location(), here);
    assert_eq!(state().await, GatewayState::Revoked);
    let page = admin.get(&here).await.body;
    assert!(page.contains("worth nothing any more") && !page.contains("days left"), "{page}");
    assert_eq!(admin.post(&format!("{here}/suspend"), &[]).await.status, StatusCode::CONFLICT);
    assert_eq!(admin.post(&format!("{here}/rename"), &[("name", "Sergeli")]).await.location(), here);
    assert_eq!(admin.post(&format!("{here}/remove"), &[]).await.location(), "/gateways");
    assert!(admin.get("/gateways").await.body.contains("Sergeli deleted"));
    assert_eq!(admin.get(&here).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_certificate_that_was_not_renewed_is_seen() {
    let office = Office::new().await;
    let mut admin = office.signed_in("aziza").await;
    let one = join(&office, &add(&mut admin, "Chilonzor").await).await;
    let here = format!("/gateways/{}", one.id);
    for (days, on_page, in_list) in [
        (62, "It should have been renewed on 22 January.", "was not renewed"),
        (91 - 62, "joins again with a new token", "no longer valid"),
    ] {
        office.forward(days * DAY);
        let mut admin = office.signed_in("aziza").await;
        let (page, list) = (admin.get(&here).await.body, admin.get("/gateways").await.body);
        assert!(page.contains(on_page), "{page}");
        assert!(list.contains(in_list), "{list}");
    }
}

#[tokio::test]
async fn an_organization_lets_gateways_come_without_a_certificate() {
    let office = Office::new().await;
    let mut admin = office.signed_in("aziza").await;
    add(&mut admin, "Chilonzor").await;
    assert!(admin.get("/gateways").await.body.contains("Each box shows its certificate"));
    let question = admin.get("/gateways/without-certificate").await.body;
    assert!(question.contains("Only for networks where") && question.contains("Zarafshon Savdo"), "{question}");
    let allowed = async || office.app.fleet.without_certificate(&Actor::system(), office.organization()).await.unwrap();
    assert_eq!(admin.post("/gateways/without-certificate", &[]).await.location(), "/gateways");
    assert!(allowed().await && admin.get("/gateways").await.body.contains("Boxes may come without a certificate"));
    assert_eq!(admin.post("/gateways/with-certificate", &[]).await.location(), "/gateways");
    assert!(!allowed().await);
}

#[tokio::test]
async fn who_may_only_look_sees_no_buttons_and_is_refused() {
    let office = Office::new().await;
    let mut admin = office.signed_in("aziza").await;
    let one = join(&office, &add(&mut admin, "Chilonzor").await).await;
    let here = format!("/gateways/{}", one.id);
    office.operator("malika", Assignment::Hr(office.organization())).await;
    office.operator("jasur", Assignment::Guard(office.organization())).await;
    let mut hr = office.signed_in("malika").await;
    let (list, page) = (hr.get("/gateways").await.body, hr.get(&here).await.body);
    for shown in [&list, &page] {
        assert!(shown.contains("Chilonzor") && shown.contains("active"), "{shown}");
        for absent in ["Add gateway", "Proof of the boxes", "What can be done", "/rename"] {
            assert!(!shown.contains(absent), "{absent}");
        }
    }
    let typed = [("name", "X"), ("server", "https://a:1"), ("hours", "1")];
    let verbs = ["rename", "replace", "suspend", "resume", "revoke", "remove"];
    let places = verbs.map(|verb| format!("{here}/{verb}"));
    let others = ["/gateways/new", "/gateways/without-certificate", "/gateways/with-certificate"].map(str::to_owned);
    for place in places.iter().chain(&others) {
        assert_eq!(hr.post(place, &typed).await.status, StatusCode::FORBIDDEN, "{place}");
    }
    assert_eq!(gateway(&office, one.id).await, one);
    let mut guard = office.signed_in("jasur").await;
    assert_eq!(guard.get("/gateways").await.status, StatusCode::FORBIDDEN);
    assert!(!guard.get("/people").await.body.contains("href=\"/gateways\""));
}

#[tokio::test]
async fn a_gateway_of_another_organization_does_not_exist() {
    let office = Office::new().await;
    let mut admin = office.signed_in("aziza").await;
    let one = join(&office, &add(&mut admin, "Chilonzor").await).await;
    let here = format!("/gateways/{}", one.id);
    let typed = [("name", "Filial"), ("zone", "Asia/Samarkand"), ("language", "uz")];
    assert_eq!(admin.post("/organizations/new", &typed).await.location(), "/organizations");
    assert_eq!(admin.post("/organizations/2/look", &[]).await.location(), "/");
    assert!(!admin.get("/gateways").await.body.contains("Chilonzor"));
    for place in ["", "/rename", "/replace", "/suspend", "/revoke", "/remove"] {
        assert_eq!(admin.get(&format!("{here}{place}")).await.status, StatusCode::NOT_FOUND, "{place}");
    }
    let typed = [("name", "X"), ("server", "https://a:1"), ("hours", "1")];
    for verb in ["rename", "replace", "suspend", "resume", "revoke", "remove"] {
        assert_eq!(admin.post(&format!("{here}/{verb}"), &typed).await.status, StatusCode::NOT_FOUND, "{verb}");
    }
    assert_eq!(gateway(&office, one.id).await, one);
}

#[tokio::test]
async fn the_audit_log_tells_of_gateways_in_words() {
    let office = Office::new().await;
    let mut admin = office.signed_in("aziza").await;
    let one = join(&office, &add(&mut admin, "Chilonzor").await).await;
    let here = format!("/gateways/{}", one.id);
    admin.post(&format!("{here}/suspend"), &[]).await;
    admin.post("/gateways/without-certificate", &[]).await;
    let peer = nazorat::fleet::Peer { organization: one.organization, gateway: one.id };
    for code in ["gateway_suspended", "bad_signature"] {
        office.app.fleet.note_refusal(Some(peer), None, code, "an English sentence").await;
    }
    office.app.fleet.note_refusal(None, None, "foreign_certificate", "an English sentence").await;
    let log = admin.get("/audit?action=gateway.").await.body;
    for words in [
        "Added a gateway and made its token",
        "A box joined as a gateway",
        "Suspended a gateway",
        "Decided whether gateways may come without a certificate",
        "allowed: yes",
        "A gateway was not let in",
        "why: it is suspended",
        "why: the signature does not fit the request",
        &format!("href=\"{here}\""),
    ] {
        assert!(log.contains(words), "{words}: {log}");
    }
    assert!(!log.contains("an English sentence") && !log.contains("gateway:"), "{log}");
    assert!(admin.get("/audit?log=system").await.body.contains("its certificate is not from this appliance"));
}

#[tokio::test]
async fn all_pages_open_in_all_languages() {
    let office = Office::new().await;
    let mut admin = office.signed_in("aziza").await;
    let empty = admin.get("/gateways").await.body;
    assert!(empty.contains("No gateways yet"));
    let waiting = token(&add(&mut admin, "Yunusobod").await).gateway;
    let active = join(&office, &add(&mut admin, "Chilonzor").await).await.id.to_string();
    let suspended = join(&office, &add(&mut admin, "Sergeli").await).await.id.to_string();
    let revoked = join(&office, &add(&mut admin, "Olmazor").await).await.id.to_string();
    admin.post(&format!("/gateways/{suspended}/suspend"), &[]).await;
    admin.post(&format!("/gateways/{revoked}/revoke"), &[]).await;
    let verbs = ["", "/rename", "/replace", "/suspend", "/revoke", "/remove", "/joining?until=2026-11-24T09:00:00Z"];
    let pages = [&waiting, &active, &suspended, &revoked];
    let pages = pages.into_iter().flat_map(|id| verbs.map(|verb| format!("/gateways/{id}{verb}")));
    let others = ["/gateways", "/gateways/new", "/gateways/without-certificate", "/audit"].map(str::to_owned);
    let pages: Vec<String> = pages.chain(others).collect();
    for language in Language::ALL {
        admin.post("/language", &[("language", language.tag()), ("next", "/gateways")]).await;
        for path in &pages {
            let shown = admin.get(path).await;
            assert_eq!(shown.status, StatusCode::OK, "{path}");
            assert!(!shown.body.contains('\u{2753}'), "{path} lacks a text in {}", language.tag());
        }
        let names: Vec<String> = ["Bektemir", "Mirobod", "Uchtepa"].map(str::to_owned).into();
        let name = &names[Language::ALL.iter().position(|one| *one == language).unwrap()];
        assert!(!add(&mut admin, name).await.contains('\u{2753}'));
    }
}
