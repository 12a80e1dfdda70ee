//! Every page with the roles that get in: who may do what, as people meet it.

use std::collections::BTreeSet;

use axum::body::Body;
use http::Request;
use nazorat::identity::Assignment;
use nazorat::kernel::Access;

use super::routes;
use super::tree;
use crate::support::app::Answer;
use crate::support::app::Office;

/// A page and who gets in (Admin, Hr, Lead, Guard). `{id}` is 1, an object of organization 1 that a lead of
/// department 1 may see.
const PAGES: &[(&str, &str)] = &[
    ("/", "AHL"),
    ("/overview/live", "AHL"),
    ("/overview/table", "AHL"),
    ("/summary", "AHL"),
    ("/departments/{id}/summary", "AHL"),
    ("/people/{id}", "AHL"),
    ("/people/{id}/day.csv", "AHL"),
    ("/people/{id}/table", "AHL"),
    ("/activity", "AHL"),
    ("/activity/more", "AHL"),
    ("/activity/export.csv", "AHL"),
    ("/dead-letters", "AH"),
    ("/categories", "AH"),
    ("/policies", "AH"),
    ("/policies/new", "AH"),
    ("/policies/{id}", "AH"),
    ("/policies/{id}/discard", "AH"),
    ("/policies/{id}/preview", "AH"),
    ("/policies/{id}/preview/result", "AH"),
    ("/policies/{id}/publish", "AH"),
    ("/policies/{id}/rollout", "AH"),
    ("/policies/{id}/versions", "AH"),
    ("/policies/{id}/compare", "AH"),
    ("/policies/{id}/people", "AH"),
    ("/categories/groups/new", "AH"),
    ("/categories/groups/{id}", "AH"),
    ("/storage", "AH"),
    ("/storage/retention", "AH"),
    ("/storage/run", "AH"),
    ("/computers", "AHL"),
    ("/computers/{id}", "AHL"),
    ("/computers/{id}/edit", "AH"),
    ("/computers/{id}/delete", "AH"),
    ("/search", "AHLG"),
    ("/unassigned", "AH"),
    ("/departments", "AHLG"),
    ("/departments/export.csv", "AHL"),
    ("/departments/new", "AH"),
    ("/departments/{id}", "AHLG"),
    ("/departments/{id}/edit", "AH"),
    ("/departments/{id}/delete", "AH"),
    ("/computer-users/{id}/link", "AH"),
    ("/links/{id}/edit", "AH"),
    ("/links/{id}/delete", "AH"),
    ("/people/import", "AH"),
    ("/people/import/template.csv", "AH"),
    ("/people", "AHLG"),
    ("/people/export.csv", "AHL"),
    ("/people/new", "AH"),
    ("/people/notices", "AHL"),
    ("/people/notices/export.csv", "AHL"),
    ("/people/{id}/collected", "AHL"),
    ("/people/{id}/credentials", "AHL"),
    ("/people/{id}/cards/remove", "AH"),
    ("/people/{id}/face/picture", "AHL"),
    ("/people/{id}/face/remove", "AH"),
    ("/people/{id}/edit", "AH"),
    ("/people/{id}/delete", "AH"),
    ("/operators", "A"),
    ("/operators/new", "A"),
    ("/operators/{id}", "A"),
    ("/operators/{id}/deactivate", "A"),
    ("/operators/{id}/delete", "A"),
    ("/operators/{id}/password", "A"),
    ("/operators/{id}/sessions", "A"),
    ("/about", "AH"),
    ("/account", "AHLG"),
    ("/account/password", "AHLG"),
    ("/account/tokens/new", "AHLG"),
    ("/organizations", "A"),
    ("/organizations/new", "A"),
    ("/organizations/{id}", "A"),
    ("/organizations/{id}/deactivate", "A"),
    ("/organizations/{id}/delete", "A"),
    ("/audit", "AH"),
    ("/audit/export.csv", "AH"),
    ("/api-keys", "A"),
    ("/api-keys/new", "A"),
    ("/api-keys/{id}/rotate", "A"),
    ("/api-keys/{id}/revoke", "A"),
    ("/gateways", "AHL"),
    ("/gateways/new", "A"),
    ("/gateways/without-certificate", "A"),
    ("/gateways/{id}", "AHL"),
    ("/gateways/{id}/live", "AHL"),
    ("/gateways/{id}/table", "AHL"),
    ("/gateways/{id}/agents", "AHL"),
    ("/gateways/{id}/commands", "AHL"),
    ("/gateways/{id}/log-level", "A"),
    ("/gateways/{id}/restart", "A"),
    ("/alerts", "AHL"),
    ("/devices", "AHG"),
    ("/devices/new", "A"),
    ("/devices/find", "A"),
    ("/devices/networks", "A"),
    ("/devices/{id}", "AHG"),
    ("/devices/{id}/live", "AHG"),
    ("/devices/{id}/changes", "AHG"),
    ("/devices/{id}/edit", "A"),
    ("/devices/{id}/doors", "A"),
    ("/devices/{id}/disable", "A"),
    ("/devices/{id}/remove", "A"),
    ("/devices/{id}/orders", "AHG"),
    ("/devices/{id}/set-clock", "A"),
    ("/devices/{id}/read-log", "A"),
    ("/devices/{id}/reboot", "A"),
    ("/devices/people", "AH"),
    ("/devices/{id}/people", "AH"),
    ("/devices/{id}/people/keep", "A"),
    ("/devices/{id}/people/leave", "A"),
    ("/access-groups", "AH"),
    ("/access-groups/new", "AH"),
    ("/access-groups/{id}", "AH"),
    ("/access-groups/{id}/remove", "AH"),
    ("/gates", "AHG"),
    ("/gates/new", "A"),
    ("/gates/{id}", "A"),
    ("/gates/{id}/remove", "A"),
    ("/doors", "AHLG"),
    ("/doors/more", "AHLG"),
    ("/doors/export.csv", "AHLG"),
    ("/doors/desk", "AHG"),
    ("/doors/open", "AG"),
    ("/gateways/{id}/joining", "A"),
    ("/gateways/{id}/rename", "A"),
    ("/gateways/{id}/replace", "A"),
    ("/gateways/{id}/suspend", "A"),
    ("/gateways/{id}/revoke", "A"),
    ("/gateways/{id}/remove", "A"),
];

/// Pages of a thing that an organization without events, or another operator, does not have.
const NOT_HERE: &[&str] = &[
    "/screenshots/{place}",
    "/screenshots/{place}/preview",
    "/screenshots/{place}/picture",
    "/account/tokens/{id}/revoke",
    "/gateways/{id}/commands/{command}",
    "/doors/opened",
    "/doors/picture",
    "/doors/picture.jpg",
    "/devices/found",
    "/policies/{id}/rollout/everyone",
    "/policies/{id}/versions/{number}/bring-back",
    "/people/{id}/collected/{number}/withdrawal",
    "/devices/{id}/people/allow",
    "/devices/{id}/people/take-off",
];

/// Streams that end only when the reader leaves.
const STREAMS: &[&str] = &["/live/overview", "/live/gateways", "/live/devices", "/live/doors"];

fn address(office: &Office, path: &str) -> String {
    path.replace("gateways/{id}", &format!("gateways/{}", office.gateway))
        .replace("/joining", "/joining?until=2026-11-21T11:00:00Z")
        .replace("/cards/remove", "/cards/remove?card=0")
        .replace("{id}", "1")
        .replace("{place}", "1")
        .replace("{command}", "1")
        .replace("/doors/open", if path == "/doors/open" { "/doors/open?device=1&door=1" } else { "/doors/open" })
        .replace("{number}", "1")
}

/// An organization with one of everything, and a key.
async fn furnished() -> Office {
    let office = routes::furnished().await;
    let admin = office.token("aziz", Access::Full).await;
    let made = office.ask(&admin, "POST", "/api/v1/api-keys", r#"{"name":"Agents"}"#).await;
    assert_eq!(made.status, 201, "{}", made.text);
    office
}

async fn open(office: &Office, session: &str, path: &str) -> Answer {
    let request = Request::get(address(office, path)).header("cookie", session);
    office.send(request.body(Body::empty()).unwrap()).await
}

/// Paths of the routes in the code that answer a GET.
fn routed() -> BTreeSet<String> {
    let files = tree::all();
    let pages = files.iter().filter(|file| file.is_under("src/web/pages") && file.has_extension(&["rs"]));
    let lines = pages.flat_map(|file| file.text.split(".route(\"").skip(1));
    lines
        .filter_map(|line| line.split_once("\", "))
        .filter(|(_, methods)| methods.starts_with("get("))
        .map(|(path, _)| path.to_owned())
        .collect()
}

#[test]
fn the_table_of_pages_is_complete() {
    let listed = PAGES.iter().map(|page| page.0).chain(NOT_HERE.iter().copied()).chain(STREAMS.iter().copied());
    assert_eq!(routed(), listed.map(str::to_owned).collect());
}

#[tokio::test]
async fn nobody_sees_a_page_without_signing_in() {
    let office = furnished().await;
    for path in PAGES.iter().map(|page| page.0).chain(NOT_HERE.iter().copied()).chain(STREAMS.iter().copied()) {
        for session in ["", "__Host-nz=wrong"] {
            let answer = open(&office, session, path).await;
            assert_eq!(answer.status, 303, "{path}: {}", answer.text);
            let to = answer.headers["location"].to_str().unwrap();
            assert!(to.starts_with("/sign-in?next="), "{path} leads to {to}");
        }
    }
}

#[tokio::test]
async fn each_role_sees_the_pages_that_the_table_says() {
    let office = furnished().await;
    let mut wrong = Vec::new();
    for (role, letter) in routes::ROLES {
        office.role(role).await;
        let session = office.sign_in(&role.name().to_ascii_lowercase()).await;
        for (path, allowed) in PAGES {
            let answer = open(&office, &session, path).await;
            let status = answer.status.as_u16();
            if answer.text.contains('\u{2753}') {
                wrong.push(format!("{path} {letter}: a text is missing"));
            }
            let fits = match (allowed.contains(letter), *path) {
                (true, _) => status == 200,
                // Guards have no overview; they are led to what they have.
                (false, "/") => status == 303,
                (false, _) => status == 403 || status == 404,
            };
            if !fits {
                wrong.push(format!("{path} {letter}: {status}"));
            }
        }
        for path in NOT_HERE {
            let status = open(&office, &session, path).await.status.as_u16();
            if status != 403 && status != 404 {
                wrong.push(format!("{path} {letter}: {status}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn pages_of_another_organization_do_not_exist() {
    let office = furnished().await;
    let other = office.organization("Samarqand ofis").await;
    office.operator("malika", Assignment::Hr(other)).await;
    let session = office.sign_in("malika").await;
    let mut wrong = Vec::new();
    for (path, allowed) in PAGES {
        // Asking for the other organization by the administrators' cookie changes nothing.
        let session = format!("{session}; {}=1", nazorat::web::ORGANIZATION_COOKIE);
        let answer = open(&office, &session, path).await;
        let status = answer.status.as_u16();
        let fits = match (path.contains("{id}"), allowed.contains('H')) {
            (true, true) => status == 404,
            (false, true) => status == 200,
            (_, false) => status == 403 || status == 404,
        };
        if !fits || ["Sotuv", "Karimov", "Chilonzor"].iter().any(|word| answer.text.contains(word)) {
            wrong.push(format!("{path}: {status}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
