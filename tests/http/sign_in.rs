//! Coming in and going out.

use http::StatusCode;
use http::header;
use nazorat::identity::Assignment;

use crate::support::office::Office;
use crate::support::office::PASSWORD;

const SESSION: &str = "__Host-nz";

#[tokio::test]
async fn who_signs_in_goes_where_they_wanted() {
    let office = Office::new().await;
    let mut browser = office.browser();
    let refused = browser.get("/account?x=1").await;
    assert_eq!(refused.location(), "/sign-in?next=/account%3Fx%3D1");
    let form = browser.get(refused.location()).await;
    assert!(form.body.contains("action=\"/sign-in?next=/account%3Fx%3D1\""), "{}", form.body);
    let action = "/sign-in?next=/account%3Fx%3D1";
    let inside = browser.post(action, &[("login", " Aziza "), ("password", PASSWORD)]).await;
    assert_eq!((inside.status, inside.location()), (StatusCode::SEE_OTHER, "/account?x=1"));
    let cookie = inside.set_cookie(SESSION).unwrap();
    for attribute in ["HttpOnly", "Secure", "SameSite=Strict", "Path=/"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    assert_eq!(browser.get("/account").await.status, StatusCode::OK);
}

#[tokio::test]
async fn nobody_is_sent_to_a_foreign_place() {
    let office = Office::new().await;
    let mut browser = office.browser();
    let inside = browser.post("/sign-in?next=//evil.example/x", &[("login", "aziza"), ("password", PASSWORD)]).await;
    assert_eq!(inside.location(), "/");
}

#[tokio::test]
async fn a_wrong_password_says_no_more_than_a_wrong_login() {
    let office = Office::new().await;
    let mut browser = office.browser();
    let password = browser.sign_in("aziza", "not this one at all").await;
    let login = browser.sign_in("nobody", PASSWORD).await;
    assert_eq!((password.status, login.status), (StatusCode::UNAUTHORIZED, StatusCode::UNAUTHORIZED));
    assert!(password.body.contains("Login or password is wrong."));
    assert_eq!(password.body.replace("aziza", "nobody"), login.body);
    assert!(!browser.cookies.contains_key(SESSION));
}

#[tokio::test]
async fn who_tries_too_often_is_told_how_long_to_wait() {
    let office = Office::new().await;
    let mut browser = office.browser();
    let mut last = browser.sign_in("aziza", "not this one at all").await;
    for _ in 0..30 {
        if last.status == StatusCode::TOO_MANY_REQUESTS {
            break;
        }
        last = browser.sign_in("aziza", "not this one at all").await;
    }
    assert_eq!(last.status, StatusCode::TOO_MANY_REQUESTS);
    let secs: i64 = last.headers.get(header::RETRY_AFTER).unwrap().to_str().unwrap().parse().unwrap();
    assert!(secs > 0 && last.body.contains("Too many attempts. Try again in"), "{}", last.body);
    assert_eq!(browser.sign_in("aziza", PASSWORD).await.status, StatusCode::TOO_MANY_REQUESTS);
    office.forward(secs + 1);
    assert_eq!(browser.sign_in("aziza", PASSWORD).await.status, StatusCode::SEE_OTHER);
}

/// F34.
#[tokio::test]
async fn session_fixation_csrf_cswsh() {
    let office = Office::new().await;
    let mut browser = office.browser();
    let planted = "AAAAAAAAAAAAAAAAAAAAAA";
    browser.cookies.insert(SESSION.to_owned(), planted.to_owned());
    browser.sign_in("aziza", PASSWORD).await;
    let first = browser.cookies.get(SESSION).unwrap().clone();
    assert_ne!(first, planted, "the id of a session is chosen here");
    browser.sign_in("aziza", PASSWORD).await;
    let second = browser.cookies.get(SESSION).unwrap().clone();
    assert_ne!(first, second, "another sign-in has another id");

    browser.site = "cross-site";
    let foreign = browser.post("/account/sessions", &[]).await;
    assert_eq!(foreign.status, StatusCode::FORBIDDEN);
    assert_eq!(browser.post("/sign-out", &[]).await.status, StatusCode::FORBIDDEN);
    assert_eq!(browser.sign_in("aziza", PASSWORD).await.status, StatusCode::FORBIDDEN);
    browser.site = "same-origin";
    assert_eq!(browser.get("/account").await.status, StatusCode::OK);

    let out = browser.post("/sign-out", &[]).await;
    assert_eq!((out.status, out.location()), (StatusCode::SEE_OTHER, "/sign-in"));
    let gone = out.set_cookie(SESSION).unwrap();
    assert!(gone.contains("Max-Age=0") && gone.contains("Secure") && gone.contains("Path=/"), "{gone}");
    browser.cookies.insert(SESSION.to_owned(), second);
    assert_eq!(browser.get("/account").await.location(), "/sign-in?next=/account");
    let api = browser.get("/api/v1/employees").await;
    assert_eq!(api.status, StatusCode::UNAUTHORIZED, "{}", api.body);
}

#[tokio::test]
async fn the_language_is_kept_for_the_person_and_the_browser() {
    let office = Office::new().await;
    let mut browser = office.browser();
    let chosen = browser.post("/language", &[("language", "ru"), ("next", "/sign-in?next=/people")]).await;
    assert_eq!(chosen.location(), "/sign-in?next=/people");
    assert!(browser.get("/sign-in").await.body.contains("<html lang=\"ru\""));
    let mut inside = office.signed_in("aziza").await;
    inside.post("/language", &[("language", "uz"), ("next", "https://evil.example")]).await;
    assert!(inside.get("/account").await.body.contains("<html lang=\"uz\""));
}

#[tokio::test]
async fn a_guard_begins_at_the_desk_and_is_refused_elsewhere() {
    let office = Office::new().await;
    office.operator("botir", Assignment::Guard(office.organization())).await;
    let mut guard = office.browser();
    assert_eq!(guard.sign_in("botir", PASSWORD).await.location(), "/doors/desk");
    for path in ["/operators", "/organizations", "/api-keys", "/audit", "/about", "/operators/1/delete"] {
        assert_eq!(guard.get(path).await.status, StatusCode::FORBIDDEN, "{path}");
    }
    assert!(office.actions().await.contains(&"access.denied".to_owned()));
}

#[tokio::test]
async fn a_page_that_does_not_exist_says_so() {
    let office = Office::new().await;
    let mut browser = office.signed_in("aziza").await;
    let missing = browser.get("/no-such-page").await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
    assert!(missing.body.contains("This does not exist"));
    assert_eq!(browser.get("/operators/abc").await.status, StatusCode::NOT_FOUND);
    assert_eq!(browser.get("/static/app.css").await.status, StatusCode::OK);
}
