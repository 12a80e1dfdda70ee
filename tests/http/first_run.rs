//! Setting up a box in the browser.

use http::StatusCode;
use nazorat::kernel::Actor;
use nazorat_timeseries::Dataset;

use crate::support::office::Office;
use crate::support::office::PASSWORD;

/// The address of a step with good answers.
fn address(office: &Office, step: &str) -> String {
    format!(
        "/setup?token={}&step={step}&kind=new&name=Zarafshon%20Savdo&zone=Asia/Tashkent&language=uz\
         &computers=170&shots=0&keep_windows=180&keep_sites=0",
        office.token.expose()
    )
}

#[tokio::test]
async fn the_first_run_ends_inside() {
    let office = Office::fresh();
    let mut browser = office.browser();
    assert_eq!(browser.get("/people").await.location(), "/setup");
    let first = browser.get(&format!("/setup?token={}", office.token.expose())).await;
    assert!(first.body.contains("What should this box be?") && first.body.contains("7F:2A:9C"));
    for (step, sign) in [("organization", "Who is it for?"), ("size", "How much disk"), ("login", "Who administrates")]
    {
        let shown = browser.get(&address(&office, step)).await;
        assert_eq!(shown.status, StatusCode::OK, "{step}");
        assert!(shown.body.contains(sign), "{step}: {}", shown.body);
    }
    assert!(office.app.tenancy.list_all().is_empty(), "nothing is recorded before the last step");
    let typed =
        [("display_name", "Aziza Karimova"), ("login", "aziza"), ("password", PASSWORD), ("password_again", PASSWORD)];
    let inside = browser.post(&address(&office, "login"), &typed).await;
    assert_eq!((inside.status, inside.location()), (StatusCode::SEE_OTHER, "/"), "{}", inside.body);
    let account = browser.get("/account").await;
    assert!(account.body.contains("Aziza Karimova") && account.body.contains("Zarafshon Savdo"));
    let settings = office.app.retention.settings(&Actor::system(), office.organization()).await.unwrap();
    assert_eq!(settings.of(Dataset::ActiveWindows).days, Some(180));
    assert_eq!(settings.of(Dataset::VisitedSites).days, None);
    assert_eq!(browser.get(&address(&office, "login")).await.location(), "/sign-in");
}

#[tokio::test]
async fn without_the_link_nothing_is_shown_and_nothing_is_set_up() {
    let office = Office::fresh();
    let mut browser = office.browser();
    for token in ["", "?token=wrong"] {
        let shown = browser.get(&format!("/setup{token}")).await;
        assert_eq!(shown.status, StatusCode::FORBIDDEN);
        assert!(shown.body.contains("This box is not set up yet") && !shown.body.contains("name=\"kind\""));
    }
    let wrong = address(&office, "login").replace(office.token.expose(), "wrong");
    let typed = [("display_name", "Eve"), ("login", "eve"), ("password", PASSWORD), ("password_again", PASSWORD)];
    assert_eq!(browser.post(&wrong, &typed).await.status, StatusCode::FORBIDDEN);
    assert!(office.app.identity.needs_first_run());
}

#[tokio::test]
async fn wrong_answers_come_back_with_what_was_typed() {
    let office = Office::fresh();
    let mut browser = office.browser();
    let wrong = address(&office, "size").replace("Asia/Tashkent", "Mars/Olympus");
    let shown = browser.get(&wrong).await;
    assert_eq!(shown.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(shown.body.contains("This zone is not known") && shown.body.contains("Mars/Olympus"));
    let typed = [("display_name", "Aziza"), ("login", "aziza"), ("password", "kaput7"), ("password_again", "kaput7")];
    let shown = browser.post(&address(&office, "login"), &typed).await;
    assert_eq!(shown.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(shown.body.contains("Use at least 10 characters.") && shown.body.contains("value=\"aziza\""));
    assert!(!shown.body.contains("kaput7"), "a password never comes back");
}

#[tokio::test]
async fn what_is_not_possible_yet_is_said() {
    let office = Office::fresh();
    let mut browser = office.browser();
    let shown = browser.get(&address(&office, "organization").replace("kind=new", "kind=restore")).await;
    assert!(shown.body.contains("a later version") && shown.body.contains("What should this box be?"));
}

#[tokio::test]
async fn a_box_becomes_a_gateway_of_another_appliance() {
    let office = Office::fresh();
    let mut browser = office.browser();
    let here = format!("/setup?step=gateway&token={}&kind=gateway", office.token.expose());
    let form = browser.get(&here).await;
    assert!(form.body.contains("Join the other appliance") && form.body.contains("name=\"join\""), "{}", form.body);
    for (token, sentence) in
        [("hello", "This is no token of a gateway."), ("nzj_old", "The other appliance could not be joined.")]
    {
        let refused = browser.post(&here, &[("join", token)]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.body.contains(sentence), "{}", refused.body);
        assert!(!refused.body.contains("hello"), "a token never comes back");
    }
    assert!(browser.post(&here, &[("join", "nzj_old")]).await.body.contains("this token is not known"));
    let wrong = here.replace(office.token.expose(), "wrong");
    assert_eq!(browser.post(&wrong, &[("join", "nzj_good")]).await.status, StatusCode::FORBIDDEN);
    browser.site = "cross-site";
    assert_eq!(browser.post(&here, &[("join", "nzj_good")]).await.status, StatusCode::FORBIDDEN);
    assert_eq!(office.app.setup.gateway(), None);

    browser.site = "same-origin";
    let joined = browser.post(&here, &[("join", "nzj_good")]).await;
    assert_eq!(joined.status, StatusCode::OK);
    for words in ["This box is the gateway Chilonzor now", "Zarafshon Savdo", "http://office.test:4100/"] {
        assert!(joined.body.contains(words), "{words}: {}", joined.body);
    }
    // Nobody makes an appliance of it any more.
    let typed = [("display_name", "Eve"), ("login", "eve"), ("password", PASSWORD), ("password_again", PASSWORD)];
    let late = browser.post(&address(&office, "login"), &typed).await;
    assert!(late.body.contains("This box is the gateway Chilonzor now"), "{}", late.body);
    assert!(office.app.identity.needs_first_run());
}

#[tokio::test]
async fn the_estimate_follows_the_knobs() {
    let office = Office::fresh();
    let mut browser = office.browser();
    let part = browser.get(&address(&office, "size").replace("/setup?", "/setup/estimate?")).await;
    assert!(part.status == StatusCode::OK && !part.body.contains("<html"));
    let more = browser
        .get(&address(&office, "size").replace("/setup?", "/setup/estimate?").replace("shots=0", "shots=5"))
        .await;
    assert_ne!(part.body, more.body);
}
