//! Account, operators, organizations, keys and the audit log.

use http::StatusCode;
use nazorat::identity::Assignment;
use nazorat::kernel::Language;

use crate::support::office::Office;
use crate::support::office::PASSWORD;

/// What stands between two pieces of a page.
fn between<'a>(body: &'a str, before: &str, after: &str) -> &'a str {
    body.split_once(before).and_then(|(_, rest)| rest.split_once(after)).map_or("", |(found, _)| found)
}

#[tokio::test]
async fn all_pages_open_in_all_languages() {
    let office = Office::new().await;
    office.operator("malika", Assignment::Hr(office.organization())).await;
    let mut admin = office.signed_in("aziza").await;
    let pages = [
        "/account",
        "/account/password",
        "/account/tokens/new",
        "/operators",
        "/operators?role=HR",
        "/operators/new",
        "/operators/2",
        "/operators/2/password",
        "/operators/2/delete",
        "/operators/2/deactivate",
        "/organizations",
        "/organizations/new",
        "/organizations/1",
        "/organizations/1/deactivate",
        "/organizations/1/delete",
        "/api-keys",
        "/api-keys/new",
        "/audit",
        "/audit?log=system",
        "/audit?action=operator.&actor=x&from=2026-11-01&to=2026-11-23",
        "/about",
    ];
    for language in Language::ALL {
        admin.post("/language", &[("language", language.tag()), ("next", "/account")]).await;
        for path in pages {
            let shown = admin.get(path).await;
            assert_eq!(shown.status, StatusCode::OK, "{path}");
            assert!(!shown.body.contains('\u{2753}'), "{path} lacks a text in {}", language.tag());
        }
    }
}

#[tokio::test]
async fn a_key_is_shown_once_works_and_ends_at_once() {
    let office = Office::new().await;
    let mut admin = office.signed_in("aziza").await;
    assert!(admin.get("/api-keys").await.body.contains("No computer can send yet"));
    let made = admin.post("/api-keys/new", &[("name", "Head office")]).await;
    let secret = between(&made.body, "id=\"secret\">", "<").to_owned();
    assert!(
        secret.starts_with("nzk_") && made.body.contains("https://office.test:8443/v2/ingest/logs"),
        "{}",
        made.body
    );
    let now = office.clock.now();
    assert!(office.app.identity.api_keys.authenticate(&secret, now).is_some());
    assert!(!admin.get("/api-keys").await.body.contains(&secret));
    let rotated = admin.post("/api-keys/1/rotate", &[]).await;
    let second = between(&rotated.body, "id=\"secret\">", "<").to_owned();
    assert!(rotated.body.contains("The old secret works until") && second != secret);
    assert!(office.app.identity.api_keys.authenticate(&secret, now).is_some());
    assert_eq!(admin.post("/api-keys/1/revoke", &[]).await.location(), "/api-keys");
    for gone in [&secret, &second] {
        assert!(office.app.identity.api_keys.authenticate(gone, now).is_none());
    }
    let toast = admin.get("/api-keys").await;
    assert!(toast.body.contains("Head office revoked"));
    assert!(!admin.get("/api-keys").await.body.contains("Head office revoked"), "a toast comes once");
}

#[tokio::test]
async fn an_operator_is_made_changed_and_deleted() {
    let office = Office::new().await;
    let mut admin = office.signed_in("aziza").await;
    let organization = office.organization().to_string();
    let fields = |login: &'static str, again: &'static str| {
        [
            ("display_name", "Malika"),
            ("login", login),
            ("role", "HR"),
            ("language", "ru"),
            ("password", PASSWORD),
            ("password_again", again),
        ]
    };
    let mut typed = fields("malika", "another one").to_vec();
    typed.push(("organization", &organization));
    let refused = admin.post("/operators/new", &typed).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("The two passwords differ") && refused.body.contains("value=\"malika\""));
    let mut typed = fields("malika", PASSWORD).to_vec();
    typed.push(("organization", &organization));
    assert_eq!(admin.post("/operators/new", &typed).await.location(), "/operators");
    let taken = admin.post("/operators/new", &typed).await;
    assert!(taken.body.contains("Somebody else has this login."));
    let mut malika = office.signed_in("malika").await;
    assert_eq!(malika.get("/audit").await.status, StatusCode::OK);
    assert_eq!(malika.get("/operators").await.status, StatusCode::FORBIDDEN);
    assert_eq!(admin.post("/operators/2/deactivate", &[]).await.location(), "/operators/2");
    assert_eq!(malika.get("/audit").await.location(), "/sign-in?next=/audit");
    assert_eq!(admin.post("/operators/2/delete", &[]).await.location(), "/operators");
    assert_eq!(admin.get("/operators/2").await.status, StatusCode::NOT_FOUND);
    let last = admin.post("/operators/1/delete", &[]).await;
    assert_eq!(last.status, StatusCode::CONFLICT);
    assert!(last.body.contains("last active administrator"));
}

#[tokio::test]
async fn a_department_lead_needs_a_department() {
    let office = Office::new().await;
    let mut admin = office.signed_in("aziza").await;
    let typed = [
        ("display_name", "Jasur"),
        ("login", "jasur"),
        ("role", "DEPARTMENT_LEAD"),
        ("language", "uz"),
        ("department", "1:77"),
        ("password", PASSWORD),
        ("password_again", PASSWORD),
    ];
    let refused = admin.post("/operators/new", &typed).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("Choose the department."));
}

#[tokio::test]
async fn an_administrator_looks_at_another_organization() {
    let office = Office::new().await;
    let mut admin = office.signed_in("aziza").await;
    let typed = [("name", "Filial"), ("zone", "Asia/Samarkand"), ("language", "uz")];
    assert_eq!(admin.post("/organizations/new", &typed).await.location(), "/organizations");
    let twice = admin.post("/organizations/new", &typed).await;
    assert!(
        twice.status == StatusCode::UNPROCESSABLE_ENTITY && twice.body.contains("Another organization has this name.")
    );
    assert_eq!(admin.post("/organizations/2/look", &[]).await.location(), "/");
    assert!(between(&admin.get("/account").await.body, "class=\"nz-org\"", "</a>").contains("Filial"));
    assert_eq!(admin.post("/organizations/2/deactivate", &[]).await.location(), "/organizations");
    assert_eq!(admin.post("/organizations/99/look", &[]).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_organization_goes_when_its_name_is_typed() {
    let office = Office::new().await;
    let mut admin = office.signed_in("aziza").await;
    let alone = admin.post("/organizations/1/delete", &[("name", "Zarafshon Savdo")]).await;
    assert!(alone.status == StatusCode::UNPROCESSABLE_ENTITY && alone.body.contains("the only organization"));
    let typed = [("name", "Filial"), ("zone", "Asia/Samarkand"), ("language", "uz")];
    assert_eq!(admin.post("/organizations/new", &typed).await.location(), "/organizations");
    let asked = admin.get("/organizations/2/delete").await;
    assert!(asked.body.contains("0 people") && asked.body.contains("There is no way back."), "{}", asked.body);
    let other = admin.post("/organizations/2/delete", &[("name", "Zarafshon Savdo")]).await;
    assert!(other.status == StatusCode::UNPROCESSABLE_ENTITY && other.body.contains("not the name"));
    assert_eq!(admin.post("/organizations/2/delete", &[("name", " Filial ")]).await.location(), "/organizations");
    assert_eq!(admin.get("/organizations/2").await.status, StatusCode::NOT_FOUND);
    assert_eq!(admin.get("/organizations/1").await.status, StatusCode::OK);
}

#[tokio::test]
async fn ones_own_password_sessions_and_tokens_are_ones_own() {
    let office = Office::new().await;
    let mut here = office.signed_in("aziza").await;
    let mut there = office.signed_in("aziza").await;
    let wrong = [
        ("current_password", "wrong"),
        ("password", "a new road to Bukhara"),
        ("password_again", "a new road to Bukhara"),
    ];
    let refused = here.post("/account/password", &wrong).await;
    assert!(
        refused.status == StatusCode::UNPROCESSABLE_ENTITY && refused.body.contains("The current password is wrong.")
    );
    let right = [
        ("current_password", PASSWORD),
        ("password", "a new road to Bukhara"),
        ("password_again", "a new road to Bukhara"),
    ];
    assert_eq!(here.post("/account/password", &right).await.location(), "/account");
    assert_eq!(there.get("/account").await.status, StatusCode::SEE_OTHER, "other places are signed out");
    let made = here.post("/account/tokens/new", &[("name", "Report"), ("days", "30"), ("access", "read_only")]).await;
    let secret = between(&made.body, "id=\"secret\">", "<").to_owned();
    assert!(office.app.identity.tokens.authenticate(&secret, office.clock.now()).is_some(), "{}", made.body);
    assert_eq!(here.post("/account/tokens/1/revoke", &[]).await.location(), "/account");
    assert!(office.app.identity.tokens.authenticate(&secret, office.clock.now()).is_none());
}
