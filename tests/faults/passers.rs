//! Pictures of those who pass: kept only where a device is set to, small, under the event that they belong to, and never
//! looked at without a record.

use std::time::Duration;
use std::time::Instant;

use serde_json::Value;
use serde_json::json;

use super::terminals::Branch;
use super::terminals::Kind;
use super::terminals::Terminal;

const WITHIN: Duration = Duration::from_secs(60);

impl Branch {
    async fn passes(&self, device: u64) -> Vec<Value> {
        let path = format!("/api/v1/access-events?device_id={device}&outcome=granted&limit=100");
        self.ask("GET", &path, None, 200).await["items"].as_array().cloned().unwrap_or_default()
    }

    async fn look(&self, pass: &Value) -> (u16, Vec<u8>) {
        let url = self.office.appliance.https("/api/v1/access-events/picture");
        let text = |name: &str| pass[name].as_str().unwrap_or_default().to_owned();
        let which = [("device_id", pass["device_id"].to_string()), ("serial", text("serial")), ("ts", text("ts"))];
        let answer = self.http.get(url).query(&which).bearer_auth(&self.token).send().await.unwrap();
        (answer.status().as_u16(), answer.bytes().await.unwrap().to_vec())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pictures_are_kept_where_somebody_decided_so_and_looks_are_recorded() {
    let branch = Branch::new(vec![Terminal::hikvision(1).await, Terminal::hikvision(2).await]).await;
    branch.all_online().await;
    let (kept, other) = (branch.terminals[0].0, branch.terminals[1].0);
    let mut device = branch.setting_of(kept).await;
    device["settings"]["pictures"] = true.into();
    branch.ask("PUT", &format!("/api/v1/devices/{kept}"), Some(device), 200).await;
    // The session begins anew with the setting; what is told while nobody listens has no picture.
    tokio::time::sleep(Duration::from_secs(2)).await;
    branch.all_online().await;
    let deadline = Instant::now() + WITHIN;
    let pass = loop {
        for (_, terminal) in &branch.terminals {
            let Kind::Hikvision(terminal, _) = &terminal.kind else { unreachable!() };
            terminal.pass(nazorat::sim::hikvision::Pass::face("1001", 1));
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
        if let Some(pass) = branch.passes(kept).await.into_iter().find(|pass| pass["has_picture"] == true) {
            break pass;
        }
        assert!(Instant::now() < deadline, "{}", branch.gateway.as_ref().unwrap().desk().log());
    };
    let (status, jpeg) = branch.look(&pass).await;
    assert_eq!(status, 200);
    let picture = image::load_from_memory(&jpeg).unwrap();
    assert_eq!((picture.width(), picture.height()), (320, 427), "no larger than is needed to know somebody again");
    assert!(!jpeg.windows(13).any(|bytes| bytes == b"MIME_boundary"), "nothing else of the terminal's file is kept");
    let passes = branch.passes(other).await;
    assert!(!passes.is_empty() && passes.iter().all(|pass| pass["has_picture"] == false));
    assert_eq!(branch.look(&passes[0]).await.0, 404);
    let mut wrong = pass.clone();
    wrong["serial"] = json!("1:999999");
    assert_eq!(branch.look(&wrong).await.0, 404);
    let audit = branch.ask("GET", "/api/v1/audit?organization_id=1", None, 200).await;
    let looks = audit["items"].as_array().unwrap().iter().filter(|one| one["action"] == "doors.picture").count();
    assert_eq!(looks, 1, "{audit:#}");
}
