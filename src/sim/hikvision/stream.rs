//! Those who listen: heartbeats, events, and what goes wrong with them.

use std::sync::Arc;
use std::sync::LazyLock;

use bytes::Bytes;
use nazorat_terminals::hikvision::time;
use serde_json::Value;
use serde_json::json;
use tokio::sync::mpsc;

use super::Inner;
use super::Terminal;
use super::answer::Answer;
use super::pass::Logged;
use super::state::Listener;
use super::state::State;
use super::state::zone;

/// Messages that wait for somebody who reads slowly.
const WAITING: usize = 20_000;

/// A picture of nobody. There is a boundary in a comment of it, which is no boundary.
static PICTURE: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut bytes = std::io::Cursor::new(Vec::new());
    let drawn = image::RgbImage::from_fn(480, 640, |x, y| {
        let face = (x.abs_diff(240).pow(2) + y.abs_diff(260).pow(2)) < 130 * 130;
        image::Rgb(if face { [201, 172, 150] } else { [86, 98, (x % 64) as u8 + 96] })
    });
    let written = image::DynamicImage::from(drawn).write_to(&mut bytes, image::ImageFormat::Jpeg);
    let mut jpeg = if written.is_ok() { bytes.into_inner() } else { b"\xff\xd8\xff\xd9".to_vec() };
    let comment = b"--MIME_boundary\r\n";
    let length = u16::try_from(comment.len() + 2).unwrap_or(2).to_be_bytes();
    jpeg.splice(2..2, [&[0xff, 0xfe], &length[..], comment].concat());
    jpeg
});

/// Begins to listen. `first` is what comes before anything else.
pub(super) fn listen(terminal: &Terminal, first: Option<String>) -> Answer {
    let inner = &terminal.0;
    let mut state = inner.state();
    state.listeners.retain(|listener| !listener.tx.is_closed());
    if state.faults.one_client && !state.listeners.is_empty() {
        return Answer::xml_status(403, (4, "Invalid Operation"), "deployExceedMax");
    }
    let (tx, rx) = mpsc::channel(WAITING);
    let start = first.map(|text| part("application/xml", text.as_bytes(), b"")).unwrap_or_default();
    send(&tx, start);
    send(&tx, heartbeat(inner, &state));
    if state.faults.replay {
        for logged in &state.ring {
            send(&tx, message(inner, logged, false));
        }
    }
    state.listeners.push(Listener { tx: tx.clone(), is_silent: false });
    drop(state);
    let beating = Arc::clone(inner);
    let every = inner.config.heartbeat;
    let weak = tx.downgrade();
    drop(tx);
    inner.tasks.spawn(async move {
        loop {
            tokio::select! {
                () = tokio::time::sleep(every) => {}
                () = beating.stop.cancelled() => return,
            }
            let Some(tx) = weak.upgrade() else { return };
            let state = beating.state();
            let Some(listener) = state.listeners.iter().find(|listener| listener.tx.same_channel(&tx)) else { return };
            if !listener.is_silent {
                send(&tx, heartbeat(&beating, &state));
            }
        }
    });
    Answer::Stream(rx)
}

/// Tells an event to all who listen.
pub(super) fn tell(inner: &Inner, state: &mut State, logged: &Logged) {
    let faults = state.faults;
    let text = message(inner, logged, true);
    let mut listeners = std::mem::take(&mut state.listeners);
    listeners.retain_mut(|listener| {
        let mut strikes = |rate: u32| rate > 0 && state.chance.happens(rate);
        if strikes(faults.silence) {
            listener.is_silent = true;
        }
        if listener.is_silent || strikes(faults.omit) {
            return !listener.tx.is_closed();
        }
        if strikes(faults.close) {
            return false;
        }
        if strikes(faults.duplicate) {
            send(&listener.tx, text.clone());
        }
        send(&listener.tx, text.clone())
    });
    state.listeners = listeners;
}

/// The document of an event.
pub(super) fn document(inner: &Inner, logged: &Logged, is_live: bool) -> Value {
    let mut event = item(logged);
    event["deviceName"] = json!("Simulated terminal");
    event["majorEventType"] = json!(logged.major);
    event["subEventType"] = json!(logged.minor);
    event["frontSerialNo"] = json!(logged.number.saturating_sub(1));
    event["currentEvent"] = json!(is_live);
    event["mask"] = json!("no");
    event["currTemperature"] = json!(36.6);
    let address = inner.address;
    json!({
        "ipAddress": address.ip().to_string(), "portNo": address.port(), "protocol": "HTTP",
        "macAddress": "00:00:5e:00:53:01", "channelID": 1, "dateTime": logged.time, "activePostCount": 1,
        "eventType": "AccessControllerEvent", "eventState": "active", "eventDescription": "Access Controller Event",
        "AccessControllerEvent": event
    })
}

/// What an event has in the log as well.
pub(super) fn item(logged: &Logged) -> Value {
    let mut item = json!({
        "serialNo": logged.number, "doorNo": logged.door, "cardReaderNo": 1, "type": 0,
        "currentVerifyMode": "cardOrFaceOrFp"
    });
    let texts = [("employeeNoString", &logged.person), ("name", &logged.name), ("cardNo", &logged.card)];
    for (name, text) in texts {
        if !text.is_empty() {
            item[name] = json!(text);
        }
    }
    item
}

fn message(inner: &Inner, logged: &Logged, is_live: bool) -> Bytes {
    let has_face = logged.minor == 75 && logged.major == 5;
    let mut document = document(inner, logged, is_live);
    document["AccessControllerEvent"]["picturesNumber"] = json!(u8::from(has_face));
    let picture: &[u8] = if has_face { &PICTURE } else { b"" };
    part("application/json; charset=\"UTF-8\"", document.to_string().as_bytes(), picture)
}

fn heartbeat(inner: &Inner, state: &State) -> Bytes {
    let now = inner.clock.now();
    let shown = now.checked_add(state.clock_off).unwrap_or(now);
    let text = format!(
        "<EventNotificationAlert version=\"2.0\" xmlns=\"http://www.isapi.org/ver20/XMLSchema\">\r\n<channelID>0</channelID>\
         <dateTime>{}</dateTime><activePostCount>0</activePostCount><eventType>videoloss</eventType>\
         <eventState>inactive</eventState><eventDescription>videoloss alarm</eventDescription>\r\n</EventNotificationAlert>",
        time::with_offset(shown, &zone(&inner.config))
    );
    part("application/xml; charset=\"UTF-8\"", text.as_bytes(), b"")
}

fn part(content_type: &str, text: &[u8], picture: &[u8]) -> Bytes {
    let head = |kind: &str, length: usize| {
        format!("--MIME_boundary\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\r\n").into_bytes()
    };
    let mut whole = head(content_type, text.len());
    whole.extend_from_slice(text);
    whole.extend_from_slice(b"\r\n");
    if !picture.is_empty() {
        whole.extend(head("image/jpeg", picture.len()));
        whole.extend_from_slice(picture);
        whole.extend_from_slice(b"\r\n");
    }
    whole.into()
}

/// False when nobody listens any more, or too slowly.
fn send(tx: &mpsc::Sender<Bytes>, bytes: Bytes) -> bool {
    bytes.is_empty() || tx.try_send(bytes).is_ok()
}
