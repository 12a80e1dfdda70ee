//! It posts events to its hosts by itself, one after the other, each until it is taken.

use std::time::Duration;

use super::Terminal;
use super::state::Slot;
use super::stream;

const PAUSE: Duration = Duration::from_millis(200);
const WITHIN: Duration = Duration::from_secs(10);

pub(super) async fn run(terminal: Terminal) {
    let inner = &terminal.0;
    let client = reqwest::Client::builder().no_proxy().timeout(WITHIN).build();
    let Ok(client) = client else { return };
    loop {
        let waiting: Vec<_> = {
            let state = inner.state();
            let next = |slot: &Slot| Some((slot.host.clone(), slot.unsent.front()?.clone()));
            state.slots.iter().filter_map(next).collect()
        };
        let mut sent = 0;
        for (host, logged) in &waiting {
            let url = format!("http://{}:{}{}", host.address, host.port, host.url);
            let body = stream::document(inner, logged, true).to_string();
            let request = client.post(url).header("content-type", "application/json").body(body);
            if request.send().await.is_ok_and(|answer| answer.status().as_u16() == 200) {
                sent += 1;
                let mut state = inner.state();
                if let Some(slot) = state.slots.iter_mut().find(|slot| slot.host == *host) {
                    slot.unsent.pop_front();
                }
            }
        }
        if sent > 0 {
            continue;
        }
        tokio::select! {
            () = tokio::time::sleep(PAUSE) => {}
            () = inner.stop.cancelled() => return,
        }
    }
}
