//! It posts events to a host by itself, one after the other, each until it is taken.

use std::time::Duration;

use super::Terminal;
use super::stream;

const PAUSE: Duration = Duration::from_millis(200);
const WITHIN: Duration = Duration::from_secs(10);

pub(super) async fn run(terminal: Terminal) {
    let inner = &terminal.0;
    let client = reqwest::Client::builder().no_proxy().timeout(WITHIN).build();
    let Ok(client) = client else { return };
    loop {
        let next = {
            let state = inner.state();
            state.host.clone().zip(state.unsent.front().cloned())
        };
        let is_sent = match &next {
            None => false,
            Some((host, logged)) => {
                let url = format!("http://{}:{}{}", host.address, host.port, host.url);
                let body = stream::document(inner, logged, true).to_string();
                let request = client.post(url).header("content-type", "application/json").body(body);
                request.send().await.is_ok_and(|answer| answer.status().as_u16() == 200)
            }
        };
        if is_sent {
            inner.state().unsent.pop_front();
            continue;
        }
        tokio::select! {
            () = tokio::time::sleep(PAUSE) => {}
            () = inner.stop.cancelled() => return,
        }
    }
}
