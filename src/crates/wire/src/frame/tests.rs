//! Frames as text, there and back.

use serde_json::json;
use uuid::Uuid;

use super::Ack;
use super::AgentSeen;
use super::Announced;
use super::Command;
use super::Downward;
use super::Ending;
use super::Frame;
use super::FrameError;
use super::Heartbeat;
use super::Hello;
use super::MAX_AGENTS;
use super::MAX_FRAME;
use super::Notice;
use super::Outcome;
use super::Ping;
use super::PolicySeen;
use super::Spool;
use super::Upward;
use super::Welcome;

const ID: Uuid = Uuid::from_u128(0x0199_0000_0000_7000_8000_0000_0000_0001);

fn time() -> jiff::Timestamp {
    "2026-11-20T08:00:00Z".parse().unwrap()
}

fn agent(id: u32) -> AgentSeen {
    AgentSeen {
        id,
        computer_uid: format!("4c4c4544-0042-3510-8052-{id:012}"),
        name: format!("KASSA-{id}"),
        version: Some("0.1.0".to_owned()),
        last_contact: Some(time()),
        last_event: Some(time()),
        interval_secs: Some(30),
        policy: Some(PolicySeen { have: Some("ab".into()), since: Some(time()), ..PolicySeen::default() }),
    }
}

fn beat(agents: u32) -> Heartbeat {
    Heartbeat {
        version: "0.1.0".to_owned(),
        clock: time(),
        uptime_secs: 60,
        cpu_permille: Some(120),
        memory_bytes: Some(38 << 20),
        disk_free_bytes: Some(1 << 34),
        disk_bytes: Some(1 << 35),
        spool: Spool { batches: 3, bytes: 9_000, max_bytes: 2 << 30, oldest_secs: 4, ..Spool::default() },
        agents_total: agents,
        agents: (1..=agents).map(agent).collect(),
        devices: Vec::new(),
        devices_at: Some("192.0.2.5:8081".to_owned()),
    }
}

fn back<F: Frame + PartialEq + std::fmt::Debug>(frame: F) {
    let read = F::decode(&frame.encode().unwrap()).unwrap();
    assert_eq!((read.unknown, read.frame), (0, Some(frame)));
}

#[test]
fn every_frame_comes_back() {
    let hello = Hello {
        version: "0.1.0".to_owned(),
        clock: time(),
        started_at: time(),
        frames: 1,
        config: Some("ab".into()),
        policies: None,
    };
    back(Upward::Hello(hello));
    back(Upward::Heartbeat(Box::new(beat(2))));
    back(Upward::Ack(Ack { id: ID, checksum: None }));
    let body = Some(json!({ "anything": [1, { "at": "all" }] }));
    back(Upward::Result(Outcome { id: ID, status: Ending::Succeeded, code: None, detail: None, body }));
    let numbers = [("batches".to_owned(), 4)].into();
    back(Upward::Event(Notice { at: time(), code: "gap".to_owned(), numbers }));
    let welcome = Welcome { clock: time(), version: "0.1.0".to_owned(), heartbeat_secs: 30, silent_secs: 45 };
    back(Downward::Welcome(welcome));
    let payload = json!({ "level": "debug" }).as_object().cloned().unwrap();
    let (kind, agent) = ("set_log_level".to_owned(), Some(7));
    back(Downward::Command(Command { id: ID, kind, payload, agent, expires_at: time(), attempt: 2 }));
    let announced = Announced { id: ID, subject: 1, version: 7, checksum: "ab".to_owned() };
    back(Downward::Policy(announced.clone()));
    back(Downward::Config(announced));
    back(Downward::Ping(Ping { id: ID, clock: time() }));
}

/// What version 1 wrote when it was new. Neither text may ever change.
#[test]
fn frames_of_version_1_stay_readable() {
    let up = [
        r#"{"v":1,"type":"hello","version":"0.1.0","clock":"2026-11-20T08:00:00Z","started_at":"2026-11-20T07:00:00Z"}"#,
        r#"{"v":1,"type":"heartbeat","version":"0.1.0","clock":"2026-11-20T08:00:00Z"}"#,
        r#"{"v":1,"type":"heartbeat","version":"0.1.0","clock":"2026-11-20T08:00:00Z","uptime_secs":5,"cpu_permille":7,"memory_bytes":9,"disk_free_bytes":1,"disk_bytes":2,"spool":{"batches":1,"bytes":2,"max_bytes":3,"oldest_secs":4,"evicted":5,"given_up":6,"refusing":true},"agents_total":1,"agents":[{"id":1,"computer_uid":"u","name":"n","version":null,"last_contact":"2026-11-20T08:00:00Z","last_event":null,"interval_secs":30}],"devices":[{"id":1,"state":"online","last_contact":null}]}"#,
        r#"{"v":1,"type":"ack","id":"01990000-0000-7000-8000-000000000001"}"#,
        r#"{"v":1,"type":"result","id":"01990000-0000-7000-8000-000000000001","status":"failed","code":"x","detail":"y"}"#,
        r#"{"v":1,"type":"event","at":"2026-11-20T08:00:00Z","code":"gap","numbers":{"batches":4}}"#,
    ];
    for text in up {
        let read = Upward::decode(text).unwrap();
        assert!(read.frame.is_some() && read.unknown == 0, "{text}: {read:?}");
    }
    let down = [
        r#"{"v":1,"type":"welcome","clock":"2026-11-20T08:00:00Z","version":"0.1.0","heartbeat_secs":30,"silent_secs":45}"#,
        r#"{"v":1,"type":"command","id":"01990000-0000-7000-8000-000000000001","kind":"ping","expires_at":"2026-11-20T08:00:00Z"}"#,
        r#"{"v":1,"type":"policy","id":"01990000-0000-7000-8000-000000000001","subject":1,"version":2,"checksum":"c"}"#,
        r#"{"v":1,"type":"config","id":"01990000-0000-7000-8000-000000000001","subject":0,"version":2,"checksum":"c"}"#,
        r#"{"v":1,"type":"ping","id":"01990000-0000-7000-8000-000000000001","clock":"2026-11-20T08:00:00Z"}"#,
    ];
    for text in down {
        let read = Downward::decode(text).unwrap();
        assert!(read.frame.is_some() && read.unknown == 0, "{text}: {read:?}");
    }
}

#[test]
fn what_is_not_known_is_ignored_and_counted() {
    let newer = r#"{"v":2,"type":"heartbeat","version":"9","clock":"2026-11-20T08:00:00Z","mood":"good",
        "spool":{"batches":1,"colour":{"a":1}},"agents":[{"id":1,"computer_uid":"u","x":1}]}"#;
    let read = Upward::decode(newer).unwrap();
    assert_eq!(read.unknown, 3);
    assert!(matches!(read.frame, Some(Upward::Heartbeat(beat)) if beat.spool.batches == 1));
    let read = Upward::decode(r#"{"v":1,"type":"dance"}"#).unwrap();
    assert_eq!((read.frame, read.unknown), (None, 1));
}

#[test]
fn what_is_no_frame_is_refused_with_a_reason() {
    for text in
        ["", "[]", "{", "7", r#"{"type":"ack"}"#, r#"{"v":0,"type":"ack"}"#, r#"{"v":1}"#, r#"{"v":1,"type":3}"#]
    {
        assert_eq!(Upward::decode(text), Err(FrameError::NotAFrame), "{text}");
    }
    let deep = format!("{{\"v\":1,\"type\":\"ack\",\"id\":{}", "[".repeat(20_000));
    assert_eq!(Upward::decode(&deep), Err(FrameError::NotAFrame));
    let wrong = Upward::decode(r#"{"v":1,"type":"ack","id":"x"}"#).unwrap_err();
    assert!(wrong.to_string().starts_with("frame ack: "), "{wrong}");
    assert_eq!(Upward::decode(&" ".repeat(MAX_FRAME + 1)), Err(FrameError::TooLarge(MAX_FRAME + 1)));
    let body = Some("x".repeat(MAX_FRAME).into());
    let large = Upward::Result(Outcome { id: ID, status: Ending::Failed, code: None, detail: None, body });
    assert!(matches!(large.encode(), Err(FrameError::TooLarge(_))));
}

#[test]
fn texts_and_lists_have_a_bound() {
    let mut beat = beat(0);
    beat.agents = (0..400).map(|id| AgentSeen { computer_uid: "u".into(), name: String::new(), ..agent(id) }).collect();
    beat.agents[0].name = "x\n".repeat(300);
    let text = Upward::Heartbeat(Box::new(beat)).encode().unwrap();
    let Some(Upward::Heartbeat(read)) = Upward::decode(&text).unwrap().frame else { panic!() };
    assert_eq!((read.agents.len(), read.agents[0].name.len()), (MAX_AGENTS, 256));
    assert!(!read.agents[0].name.contains('\n'));
}

#[test]
fn a_heartbeat_of_a_full_house_fits_into_a_frame() {
    let mut beat = beat(MAX_AGENTS as u32);
    for agent in &mut beat.agents {
        agent.name = "SAVDO-BOLIMI-KASSA-0000001".to_owned();
    }
    assert!(Upward::Heartbeat(Box::new(beat)).encode().unwrap().len() < MAX_FRAME);
}
