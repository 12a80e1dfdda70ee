//! A box that is started as an appliance and becomes a gateway of another one in its first run.

use std::net::SocketAddr;
use std::process::Child;
use std::time::Duration;
use std::time::Instant;

use serde_json::Value;

use super::office::Office;
use crate::support::agent::free_port;
use crate::support::appliance::Appliance;
use crate::support::appliance::Options;
use crate::support::appliance::Place;
use crate::support::appliance::said;

/// How long a start may take on a busy machine.
const LIMIT: Duration = Duration::from_secs(60);

/// A process that is killed when the test ends.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// `nazorat serve` on a folder that is a gateway's.
fn serve(place: &Place, listen: SocketAddr) -> Running {
    let mut command = place.command(&["serve"]);
    Running(command.env("NAZORAT_GATEWAY__LISTEN", listen.to_string()).spawn().unwrap())
}

/// Waits until a gateway answers.
async fn answers(listen: SocketAddr) -> Value {
    let deadline = Instant::now() + LIMIT;
    loop {
        if let Ok(answer) = reqwest::get(format!("http://{listen}/status")).await
            && answer.status() == 200
        {
            return answer.json().await.unwrap();
        }
        assert!(Instant::now() < deadline, "nothing answers at {listen}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Waits until the appliance hears a gateway.
async fn is_heard(office: &Office, id: &str) {
    let deadline = Instant::now() + LIMIT;
    loop {
        let told = office.manage("GET", &format!("/api/v1/gateways/{id}/presence"), None).await;
        if told.body["connected"] == true {
            return;
        }
        assert!(Instant::now() < deadline, "the gateway is not heard: {told:?}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test]
async fn a_box_that_became_a_gateway_in_its_first_run_stays_one() {
    let office = Office::new();
    let (id, token) = office.invite("Chilonzor").await;
    let listen = free_port();
    let environment = vec![("NAZORAT_GATEWAY__LISTEN", listen.to_string())];
    let fresh = Appliance::start(Options { environment, ..Options::default() });
    let setup = fresh.setup_token().unwrap();
    let address = fresh.https(&format!("/setup?step=gateway&kind=gateway&token={setup}"));
    let join = async |token: &str| {
        let request = fresh.client().post(&address).header("content-type", "application/x-www-form-urlencoded");
        let answer = request.body(format!("join={token}")).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    let used_up = token.replace("nzj_", "nzj_AAAA");
    assert_eq!(join(&used_up).await.0, 422, "what is no token changes nothing");
    let (status, page) = join(&token).await;
    assert!(status == 200 && page.contains("Chilonzor"), "{status} {page}");

    // The same process goes on as a gateway.
    assert!(answers(listen).await["uplink"].is_object());
    is_heard(&office, &id).await;
    let place = fresh.kill();
    assert!(!place.data().join("setup-token").exists(), "the link of the first run is worth nothing any more");

    let refused = place.init();
    assert!(refused.status.code() == Some(64) && said(&refused).contains("became a gateway"), "{}", said(&refused));

    // So it does after a power cut, without having to be told.
    let again = serve(&place, listen);
    answers(listen).await;
    is_heard(&office, &id).await;
    drop(again);
}
