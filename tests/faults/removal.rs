//! An organization that is removed while its events are still on their way, by a process that is killed.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;

use super::journal::Journal;
use super::office::Closed;
use super::office::Office;
use super::office::make_key;
use super::office::post;
use crate::support::appliance::wait_until;

/// Asks the API as the administrator; gives the status.
async fn ask(office: &Office, token: &str, method: Method, path: &str, body: serde_json::Value) -> u16 {
    let request = office.http.request(method, office.appliance.plain(path)).bearer_auth(token).json(&body);
    request.send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn a_removed_organization_leaves_nothing_although_the_process_is_killed() {
    let closed = Closed::new();
    let admin = closed.token("malika");
    let office = closed.open();
    let settings = json!({ "name": "Filial", "time_zone": "Asia/Tashkent", "language": "uz" });
    assert_eq!(ask(&office, &admin, Method::POST, "/api/v1/organizations", settings).await, 201);
    let key = make_key(office.appliance.place(), 2);

    let (mut ours, mut theirs) = (Journal::new(), Journal::new().of(2));
    let url = office.ingest();
    for _ in 0..5 {
        let batch = ours.batch(40);
        office.deliver(&mut ours, &batch).await;
        assert_eq!(post(&office.http, &url, &key, &theirs.batch(40)).await.unwrap().status, 200);
    }
    office.applied(400).await;
    let late = theirs.batch(40);
    assert_eq!(post(&office.http, &url, &key, &late).await.unwrap().status, 200);
    assert_eq!(ask(&office, &admin, Method::DELETE, "/api/v1/organizations/2", json!({})).await, 204);
    // It does not exist from the answer on, for people and for programs.
    assert_eq!(ask(&office, &admin, Method::GET, "/api/v1/organizations/2", json!({})).await, 404);
    assert_eq!(post(&office.http, &url, &key, &theirs.batch(1)).await.unwrap().status, 401);
    assert_eq!(ask(&office, &admin, Method::DELETE, "/api/v1/organizations/1", json!({})).await, 409);
    let office = office.kill().open();

    let events = office.appliance.data().join("events");
    assert!(wait_until(Duration::from_secs(30), || !events.join("2").exists()), "{}", office.appliance.place().log());
    let gone = "organization 2 is removed";
    assert!(wait_until(Duration::from_secs(30), || office.appliance.place().log().contains(gone)));
    let audit = std::fs::read_dir(office.appliance.data().join("audit")).unwrap();
    assert!(audit.flatten().all(|entry| entry.file_name() != "2"), "its audit log is still there");
    let batch = ours.batch(7);
    office.deliver(&mut ours, &batch).await;
    office.check(&ours).await;
    assert!(!events.join("2").exists());
}
