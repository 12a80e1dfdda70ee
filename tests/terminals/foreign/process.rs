//! Programs as they are: real processes that tell, answer, are killed, hang, flood and babble.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use nazorat::adapters::Action;
use nazorat::adapters::Device;
use nazorat::adapters::DeviceError;
use nazorat::adapters::Face;
use nazorat::adapters::Feed;
use nazorat::adapters::Number;
use nazorat::adapters::Person;
use nazorat::adapters::Session;
use nazorat::adapters::Taker;
use nazorat::adapters::process::Pace;
use nazorat::adapters::process::Programs;
use nazorat::adapters::process::with_pace;
use nazorat::kernel::Clock;
use nazorat::kernel::Zone;
use nazorat_wire::Direction;
use serde_json::Value;
use serde_json::json;
use tempfile::TempDir;

use crate::support::programs;
use crate::support::programs::is_alive;
use crate::terminals::zkteco::kept::Kept;
use crate::terminals::zkteco::kept::Running;
use crate::terminals::zkteco::kept::until;

const LIMIT: Duration = Duration::from_secs(30);

/// A folder of programs, and a host that keeps what they tell.
struct Bench {
    dir: TempDir,
    kept: Arc<Kept>,
}

impl Bench {
    fn new() -> Self {
        let bench = Self { dir: tempfile::tempdir().unwrap(), kept: Arc::default() };
        programs::put(&bench.folder(), "template.py", |text| text);
        programs::put(&bench.folder(), "turnstile.py", |text| text);
        bench
    }

    fn folder(&self) -> PathBuf {
        self.dir.path().join("programs")
    }

    /// A program that says hello, and what it can do, and then does this.
    fn python(&self, text: &str) {
        let text = format!(
            "#!/usr/bin/env python3\nimport json, os, signal, subprocess, sys, time\n\
             def say(**message): print(json.dumps(message), flush=True)\n\
             hello = json.loads(sys.stdin.readline())\n\
             open('pid', 'w').write(str(os.getpid()))\n{text}\n"
        );
        programs::write(&self.folder(), "own.py", &text);
    }

    fn session(&self, program: &str, settings: Value, pace: Pace) -> Arc<dyn Session> {
        let mut settings = settings;
        settings["program"] = program.into();
        let programs = Programs::new(self.folder(), self.dir.path().join("work"));
        let device = Device {
            id: 7,
            name: "Turnstile".to_owned(),
            address: None,
            host: String::new(),
            settings: settings.as_object().unwrap().clone(),
            zone: Zone::default(),
            listener: None,
        };
        let feed = Feed::new(Arc::clone(&self.kept) as Arc<dyn Taker>, Clock::system());
        Arc::from(with_pace(Some(programs), pace).open(&device, feed).unwrap())
    }

    /// Runs the program of `python` once, until it ends.
    async fn problem(&self, pace: Pace) -> DeviceError {
        let session = self.session("own.py", json!({ "memory_mb": 64 }), pace);
        session.run(tokio_util::sync::CancellationToken::new()).await.unwrap_err()
    }

    /// A number that the program wrote into its folder.
    fn number(&self, file: &str) -> Option<i32> {
        programs::number(&self.dir.path().join("work/work-7").join(file))
    }
}

fn hurried() -> Pace {
    Pace { silence: Duration::from_millis(800), write: Duration::from_secs(2), ..Pace::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_is_greeted_acknowledged_asked_and_ended() {
    let bench = Bench::new();
    bench.python(
        r#"
say(type="hello", version=1, identity={"serial": "T-1", "model": "Turnstile"}, capabilities={"doors": 1, "people": True})
event = {"ts": "2026-11-23 08:30:15", "person": 1001, "direction": "in"}
say(type="event", event=event, cursor=1)
say(type="events", events=[event, {"ts": 1795404616, "serial": "2"}, {"person": "Anna"}], cursor={"at": 3})
say(type="drift", millis=-40)
say(type="weather", sun=True)
say(type="live")
said = []
for line in sys.stdin:
    message = json.loads(line)
    said.append(message)
    kind = message["type"]
    if kind == "probe": say(type="result", id=message["id"], drift_ms=5, warnings=["a door stands open"])
    elif kind == "people": say(type="result", id=message["id"], people=[{"number": "1001", "name": "Anna"}])
    elif kind == "put_person" and message["person"]["number"] == "9":
        say(type="result", id=message["id"], error={"code": "refused", "detail": "the list is full"})
    elif kind in ("put_person", "remove_person"): say(type="result", id=message["id"])
    elif kind == "execute" and message["action"] == "open": say(type="result", id=message["id"], reply={"opened": message["door"]})
    elif kind == "stop":
        open("said", "w").write(json.dumps([hello] + said))
        sys.exit(0)
"#,
    );
    let session = bench.session("own.py", json!({ "options": "a=1, b=x", "secret": "Demo-Pass-7" }), Pace::default());
    let running = Running::start(Arc::clone(&session));
    until("live", LIMIT, || bench.kept.live() > 0).await;
    let events = bench.kept.events();
    assert_eq!(
        events.iter().map(|one| one.ts.to_string()).collect::<Vec<_>>(),
        ["2026-11-23T03:30:15Z", "2026-11-23T03:30:16Z"]
    );
    assert!(events[0].serial.starts_with("sha256:") && events[1].serial == "2", "{events:?}");
    assert_eq!((events[0].direction, events[0].door, events[0].person.as_str()), (Direction::In, 1, "1001"));
    assert_eq!((bench.kept.last_place(), bench.kept.drift_ms()), (Some(json!({ "at": 3 })), Some(-40)));
    assert!(bench.kept.missed_anything()[0].contains("missing_field"), "{:?}", bench.kept.missed_anything());

    let probe = session.probe().await.unwrap();
    assert_eq!((probe.identity.serial.as_str(), probe.capabilities.doors, probe.drift_ms), ("T-1", 1, Some(5)));
    assert_eq!(probe.warnings, ["a door stands open"]);
    assert_eq!(session.people().await.unwrap()[0].name, "Anna");
    let opened = session.execute(Action::Open { door: 1 }).await.unwrap();
    assert_eq!(opened.get("opened"), Some(&json!(1)));
    for action in [Action::Open { door: 2 }, Action::Open { door: 0 }, Action::HoldOpen { door: 1 }, Action::Reboot] {
        assert_eq!(session.execute(action).await.unwrap_err().code(), "device_cannot");
    }
    let mut person = Person {
        number: Number::parse("1002").unwrap(),
        name: "Bobur".to_owned(),
        cards: vec!["77".to_owned()],
        from: None,
        until: None,
        face: Face::Jpeg(Arc::from(&b"jpeg"[..])),
    };
    session.put_person(&person).await.unwrap();
    person.number = Number::parse("9").unwrap();
    let refused = session.put_person(&person).await.unwrap_err();
    assert_eq!(refused, DeviceError::Refused("the list is full".to_owned()));
    session.remove_person(&person.number).await.unwrap();

    assert_eq!(running.stop().await, []);
    assert_eq!(session.probe().await.unwrap_err().code(), "device_unreachable");
    assert!(!is_alive(bench.number("pid").unwrap()));
    let said = std::fs::read_to_string(bench.dir.path().join("work/work-7/said")).unwrap();
    let said: Vec<Value> = serde_json::from_str(&said).unwrap();
    assert_eq!(said[0]["settings"], json!({ "a": "1", "b": "x" }));
    assert_eq!((&said[0]["secret"], &said[0]["device"]["zone"]), (&json!("Demo-Pass-7"), &json!("Asia/Tashkent")));
    let refused = said.iter().find(|one| one["type"] == "refused").unwrap();
    assert_eq!(refused["code"], "missing_field");
    let ack = said.iter().rfind(|one| one["type"] == "ack").unwrap();
    assert_eq!((&ack["events"], &ack["cursor"]), (&json!(3), &json!({ "at": 3 })));
    let put = said.iter().find(|one| one["type"] == "put_person").unwrap();
    assert_eq!((&put["person"]["cards"], &put["person"]["face"]), (&json!(["77"]), &json!("anBlZw==")));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_template_runs_and_what_it_told_is_kept_once_although_it_is_killed() {
    let bench = Bench::new();
    let slowly = |text: String| text.replace("self.cursor += 1", "self.cursor += 1; time.sleep(0.002)");
    programs::put(&bench.folder(), "template.py", slowly);
    let running = Running::start(bench.session("template.py", json!({ "options": "count=600" }), Pace::default()));
    let mut killed = None;
    for reached in [50, 200, 350] {
        until("told some", LIMIT, || bench.kept.events().len() >= reached).await;
        until("is there", LIMIT, || bench.number("pid").is_some() && bench.number("pid") != killed).await;
        killed = bench.number("pid");
        programs::kill(killed.unwrap());
    }
    until("told all", LIMIT, || bench.kept.last_place() == Some(json!(600)) && bench.kept.live() > 0).await;
    let wanted: Vec<String> = (1..=600).map(|number| format!("demo-{number}")).collect();
    assert_eq!(bench.kept.serials(), wanted, "each once and in order");
    let ended = running.stop().await;
    let by_signal = |problem: &DeviceError| problem.to_string() == "the program was ended by signal 9";
    assert!(ended.len() == 3 && ended.iter().all(by_signal), "{ended:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_could_not_be_kept_is_not_acknowledged_and_comes_again() {
    let bench = Bench::new();
    bench.kept.refuse(2);
    let running = Running::start(bench.session("template.py", json!({ "options": "count=40" }), Pace::default()));
    until("told all", LIMIT, || bench.kept.live() > 0).await;
    assert_eq!(bench.kept.events().len(), 40);
    let ended = running.stop().await;
    assert_eq!(ended.iter().map(DeviceError::code).collect::<Vec<_>>(), ["not_kept", "not_kept"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_gets_nothing_but_what_it_needs_and_no_more_than_it_may_use() {
    let bench = Bench::new();
    bench.python(
        r#"
import resource
own = lambda name: resource.getrlimit(getattr(resource, name))[0]
about = {"env": sorted(os.environ), "args": len(sys.argv), "cwd": os.path.basename(os.getcwd()), "group": os.getpgid(0) == os.getpid(),
    "limits": [own(name) for name in ("RLIMIT_DATA", "RLIMIT_AS", "RLIMIT_NOFILE", "RLIMIT_CORE", "RLIMIT_CPU")]}
say(type="hello", version=1)
open("about", "w").write(json.dumps(about))
bytearray(200 << 20)
"#,
    );
    let told = bench.problem(hurried()).await.to_string();
    assert_eq!(told, "the program ended with code 1: MemoryError");
    let about = std::fs::read_to_string(bench.dir.path().join("work/work-7/about")).unwrap();
    let about: Value = serde_json::from_str(&about).unwrap();
    let mut env: Vec<&str> = about["env"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    // Python itself sets one where the locale is plain.
    env.retain(|name| *name != "LC_CTYPE");
    assert_eq!(env, ["HOME", "LANG", "PATH", "PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED", "TMPDIR"]);
    assert_eq!((&about["args"], &about["cwd"], &about["group"]), (&json!(1), &json!("work-7"), &json!(true)));
    let mb = 1_u64 << 20;
    assert_eq!(about["limits"], json!([64 * mb, 1024 * mb, 256, 0, 60]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_hangs_is_ended_with_all_that_it_has_started() {
    let bench = Bench::new();
    bench.python(
        r#"
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen(["sleep", "600"])
open("child", "w").write(str(child.pid))
say(type="hello", version=1)
while True: time.sleep(1)
"#,
    );
    let problem = bench.problem(hurried()).await;
    assert_eq!(problem, DeviceError::Unreachable("the program has said nothing for 0.8 s".to_owned()));
    for file in ["pid", "child"] {
        let pid = bench.number(file).unwrap();
        until("gone", LIMIT, || !is_alive(pid)).await;
    }
    // Somebody who gives up waiting leaves nothing behind either.
    let session = bench.session("own.py", json!({}), Pace::default());
    let before = bench.number("pid");
    let waited = async {
        until("started", LIMIT, || bench.number("pid").is_some_and(|pid| Some(pid) != before)).await;
        until("has a child", LIMIT, || bench.number("child").is_some_and(is_alive)).await;
    };
    tokio::select! {
        _ = session.run(tokio_util::sync::CancellationToken::new()) => panic!("it hangs"),
        () = waited => {}
    }
    for file in ["pid", "child"] {
        let pid = bench.number(file).unwrap();
        until("gone", LIMIT, || !is_alive(pid)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_a_program_says_wrong_is_an_error_with_a_reason() {
    let bench = Bench::new();
    let hello = "say(type='hello', version=1)\n";
    for (text, code, told) in [
        ("print('Starting turnstile driver', flush=True); time.sleep(9)", "device_nonsense", "is no hello"),
        ("say(type='missed', detail='too early'); time.sleep(9)", "device_nonsense", "is no hello"),
        ("say(type='hello', version=2); time.sleep(9)", "device_cannot", "speaks version 2"),
        ("time.sleep(9)", "device_unreachable", "did not say hello within 0.5 s"),
        ("sys.exit('no such port')", "device_unreachable", "ended with code 1: no such port"),
        ("say(type='failed', code='credentials', detail='wrong pin')", "device_credentials", "wrong pin"),
        (&format!("{hello}print('debug', flush=True); time.sleep(9)"), "device_nonsense", "is no message"),
        (&format!("{hello}print('x' * (3 << 20), flush=True); time.sleep(9)"), "device_nonsense", "1048576 bytes"),
        (&format!("{hello}say(type='failed', code='busy', detail='later')"), "device_busy", "later"),
        (
            &format!("{hello}say(type='event', event={{'ts': 1}}, cursor='x' * 5000); time.sleep(9)"),
            "device_nonsense",
            "cursor",
        ),
        (&format!("{hello}os.kill(os.getpid(), 15)"), "device_unreachable", "ended by signal 15"),
    ] {
        bench.python(text);
        let problem = bench.problem(Pace { hello: Duration::from_millis(500), ..Pace::default() }).await;
        assert!(problem.code() == code && problem.to_string().contains(told), "{text}: {problem:?}");
    }
    programs::write(&bench.folder(), "own.py", "no first line\n");
    let problem = bench.problem(Pace::default()).await;
    assert!(problem.code() == "device_settings" && problem.to_string().contains("cannot be started"), "{problem}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_neither_ends_a_program_nor_holds_up_anybody() {
    let bench = Bench::new();
    bench.python(
        r#"
say(type="hello", version=1, capabilities={"doors": 1})
say(type="live")
line = json.dumps({"type": "log", "text": "again and again"}) + "\n"
for _ in range(30): sys.stdout.write(line * 1000)
sys.stderr.write("complaint " * 100000); sys.stderr.write("\n" * 100000)
import threading
threading.Thread(target=lambda: [sys.stdout.write(line * 100) for _ in range(100000)], daemon=True).start()
for told in sys.stdin: pass
"#,
    );
    let session = bench.session("own.py", json!({}), Pace { answer: Duration::from_millis(300), ..Pace::default() });
    let running = Running::start(Arc::clone(&session));
    until("live", LIMIT, || bench.kept.live() > 0).await;
    // It does not answer, and that is known in time.
    let problem = session.execute(Action::Open { door: 1 }).await.unwrap_err();
    assert!(problem.to_string().contains("did not answer within 0.3 s"), "{problem}");
    assert_eq!(running.stop().await, [], "it was slowed down, and not ended");
    assert!(!is_alive(bench.number("pid").unwrap()));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_turnstile_follows_its_file_over_kills_and_renamings() {
    let bench = Bench::new();
    let file = bench.dir.path().join("passes.csv");
    let commands = bench.dir.path().join("commands.txt");
    let settings = json!({ "options": format!("file={}, commands={}", file.display(), commands.display()) });
    let session = bench.session("turnstile.py", settings, Pace::default());
    std::fs::write(&file, "id,time,card,direction,result\n").unwrap();
    let append = |line: &str| {
        use std::io::Write as _;
        let mut file = std::fs::File::options().append(true).create(true).open(&file).unwrap();
        file.write_all(line.as_bytes()).unwrap();
    };
    let pass =
        |number: usize| format!("{number},2026-11-23 08:{:02}:{:02},77{number},in,ok\n", number / 60, number % 60);
    let running = Running::start(Arc::clone(&session));
    for number in 1..=300 {
        if number == 150 {
            std::fs::rename(&file, bench.dir.path().join("passes.csv.1")).unwrap();
            append("time,id,result,card\n");
        }
        let line = match number {
            150.. => format!(
                "2026-11-23T08:40:{:02}+05:00,{number},{},88\n",
                number % 60,
                if number == 299 { "no" } else { "ok" }
            ),
            _ => pass(number),
        };
        // Half a line is none yet.
        let (one, other) = line.split_at(line.len() / 2);
        append(one);
        append(other);
        if number % 90 == 0 {
            until("told", LIMIT, || bench.kept.events().len() >= number - 20).await;
            programs::kill(bench.number("pid").unwrap());
        }
        if number % 20 == 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
    until("told all", LIMIT, || bench.kept.events().len() == 300).await;
    let wanted: Vec<String> = (1..=300).map(|number| number.to_string()).collect();
    assert_eq!(bench.kept.serials(), wanted);
    let events = bench.kept.events();
    assert_eq!((events[0].ts.to_string().as_str(), events[0].card.as_str()), ("2026-11-23T03:00:01Z", "771"));
    assert_eq!((events[298].outcome.word(), events[0].direction), ("denied", Direction::In));
    session.execute(Action::Open { door: 1 }).await.unwrap();
    assert_eq!(std::fs::read_to_string(&commands).unwrap(), "open 1\n");
    assert_eq!(session.execute(Action::Reboot).await.unwrap_err().code(), "device_cannot");
    running.stop().await;
}
