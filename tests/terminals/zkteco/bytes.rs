//! Exact answers to devices that come by themselves, without a device.

use std::sync::Arc;

use nazorat::adapters::PushAnswer;
use nazorat::adapters::PushRequest;
use nazorat::adapters::Session;
use serde_json::json;

use super::kept::Kept;
use super::kept::open;

async fn ask(session: &dyn Session, method: &str, target: &str, body: &str) -> PushAnswer {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let request = PushRequest {
        method: method.to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        content_type: "text/plain".to_owned(),
        headers: http::HeaderMap::new(),
        body: body.to_owned().into(),
    };
    session.pushed(request).await
}

fn text(answer: &PushAnswer) -> (u16, &str) {
    assert_eq!(answer.content_type, "text/plain");
    (answer.status, std::str::from_utf8(&answer.body).unwrap())
}

const ATT: &str = "1001\t2026-11-23 08:30:15\t0\t15\t0\t0\t0\n1002\t2026-11-23 08:31:40\t0\t1\t0\t0\t0\n";

#[tokio::test]
async fn an_attendance_terminal_hears_what_it_expects_to_the_byte() {
    let kept = Arc::new(Kept::default());
    let session = open(None, json!({"serial_number": "ABC1234567890"}), &kept);
    let start = "/iclock/cdata?SN=ABC1234567890&options=all&pushver=2.4.1&language=69&pushcommkey=x";
    let block = ask(&*session, "GET", start, "").await;
    let lines: Vec<&str> = text(&block).1.lines().collect();
    assert_eq!(lines[0], "GET OPTION FROM: ABC1234567890");
    assert!(lines.contains(&"TimeZone=5") && lines.contains(&"Realtime=1") && lines.contains(&"Encrypt=None"));
    let check = async |method: &str, target: &str, body: &str, status: u16, expected: &str| {
        let answer = ask(&*session, method, &format!("/iclock/{target}"), body).await;
        assert_eq!(text(&answer), (status, expected), "{method} {target}");
    };
    check("POST", "cdata?SN=ABC1234567890&table=ATTLOG&Stamp=9999", ATT, 200, "OK: 2").await;
    check("POST", "cdata?SN=ABC1234567890&table=ATTLOG&Stamp=9999", ATT, 200, "OK: 2").await;
    check("GET", "getrequest?SN=ABC1234567890&INFO=Ver 2.0.12,1,0,2", "", 200, "OK").await;
    check("GET", "ping?SN=ABC1234567890", "", 200, "OK").await;
    check("GET", "cdata?SN=ABC1234567890&table=RemoteAtt&PIN=1", "", 200, "OK").await;
    let operations =
        "OPLOG 23\t1\t2026-11-23 09:00:00\t0\t0\t0\t0\nUSER PIN=1\tName=A\tPri=0\nFP PIN=1\tFID=0\tTMP=A\n";
    check("POST", "cdata?SN=ABC1234567890&table=OPERLOG&Stamp=1", operations, 200, "OK: 3").await;
    check("POST", "cdata?SN=ABC1234567890&table=BIODATA", "BIODATA Pin=1\tTmp=A\n", 200, "OK: 1").await;
    check("POST", "cdata?SN=ABC1234567890&table=ATTPHOTO", "PIN=1.jpg\nSN=x\nsize=3\nCMD=uploadphoto\0abc", 200, "OK")
        .await;
    check("POST", "cdata?SN=ABC1234567890&table=options", "FWVersion=1,~DeviceName=K40", 200, "OK").await;
    check("POST", "devicecmd?SN=ABC1234567890", "ID=1&Return=0&CMD=DATA\n", 200, "OK").await;
    check("POST", "exchange?SN=ABC1234567890&type=publickey", "", 404, "nothing is taken here").await;
    check("GET", "elsewhere?SN=ABC1234567890", "", 404, "nothing is taken here").await;
    check("POST", "cdata?SN=ABC1234567890&table=ATTLOG", "1\t\0\t0\t1\n", 400, "text has no zeros").await;
    assert_eq!(kept.serials(), ["t864376215:1001:15:0", "t864376300:1002:1:0", "ot864378000:23:1:0:0:0"]);
    let cleared = kept.events().pop().unwrap();
    assert_eq!((cleared.reason.as_str(), cleared.code.as_str()), ("log_cleared", "op/23"));
}

#[tokio::test]
async fn an_access_terminal_hears_what_it_expects_to_the_byte() {
    let kept = Arc::new(Kept::default());
    let session = open(None, json!({"serial_number": "ACC1"}), &kept);
    let start = "/iclock/cdata?SN=ACC1&pushver=3.1.2&options=all&DeviceType=acc";
    assert_eq!(text(&ask(&*session, "GET", start, "").await), (200, "OK"));
    let about = "DeviceType=acc,~DeviceName=SpeedFace,FirmVer=1,MAC=00:17:61:00:00:02,DateFmtFunOn=1";
    let registered = ask(&*session, "POST", "/iclock/registry?SN=ACC1", about).await;
    let code = text(&registered).1.to_owned();
    assert_eq!((code.len(), code.starts_with("RegistryCode=")), (13 + 32, true));
    let block = ask(&*session, "POST", "/iclock/push?SN=ACC1", "").await;
    assert!(text(&block).1.starts_with("ServerVersion=3.1.2\nServerName=gateway\n"));
    assert!(text(&block).1.ends_with("\nTimeoutSec=10"));
    let again = ask(&*session, "GET", start, "").await;
    assert_eq!(text(&again).1, format!("registry=ok\n{code}\n{}", text(&block).1));
    let check = async |method: &str, target: &str, body: &str, expected: &str| {
        let answer = ask(&*session, method, &format!("/iclock/{target}"), body).await;
        assert_eq!(text(&answer), (200, expected), "{method} {target}");
    };
    let live = "time=2026-11-23 08:30:15\tpin=1001\tcardno=0\teventaddr=1\tevent=3\tinoutstatus=0\tverifytype=15\tindex=217\t\
        maskflag=0\ttemperature=36.6\tconvtemperature=97.8\r\n";
    check("POST", "cdata?SN=ACC1&table=rtlog", live, "OK").await;
    let state = "time=2026-11-23 08:30:15\tsensor=01\trelay=00\talarm=00\tdoor=01";
    check("POST", "cdata?SN=ACC1&table=rtstate", state, "OK").await;
    let user = "user uid=5\tcardno=\tpin=4\tpassword=\tgroup=1\tstarttime=0\tendtime=0\tname=\tprivilege=0\tdisable=0\tverify=0";
    check("POST", "cdata?SN=ACC1&table=tabledata&tablename=user&count=1", user, "user=1").await;
    check("POST", "cdata?SN=ACC1&table=tabledata&tablename=biophoto&count=7", "biophoto pin=1", "biophoto=7").await;
    let stored = "transaction cardno=0\tpin=1001\tverified=15\tdoorid=1\teventtype=3\tinoutstate=0\ttime_second=864376215\t\
        index=217\r\ntransaction cardno=4711\tpin=0\tverified=4\tdoorid=1\teventtype=27\tinoutstate=0\ttime_second=864376216\tindex=218";
    let target = "querydata?SN=ACC1&type=tabledata&cmdid=1&tablename=transaction&count=2&packcnt=1&packidx=1";
    check("POST", target, stored, "transaction=2").await;
    check("POST", "querydata?SN=ACC1&type=options&cmdid=1", "LockCount=2", "OK").await;
    check("GET", "getrequest?SN=ACC1", "", "OK").await;
    let time = ask(&*session, "GET", "/iclock/rtdata?SN=ACC1&type=time", "").await;
    assert!(text(&time).1.starts_with("DateTime=") && text(&time).1.ends_with(",ServerTZ=+0500"));
    assert_eq!(kept.serials(), ["i217:t864376215:1001:3", "i218:t864376216::27"]);
    let refused = kept.events().pop().unwrap();
    assert_eq!(
        (refused.card.as_str(), refused.reason.as_str(), refused.code.as_str()),
        ("4711", "unknown_person", "27")
    );
}

#[tokio::test]
async fn what_is_not_durable_is_not_acknowledged_and_strangers_keep_what_they_have() {
    let kept = Arc::new(Kept::default());
    let session = open(None, json!({"serial_number": "ABC1234567890", "dialect": "att"}), &kept);
    kept.refuse(1);
    let upload = "/iclock/cdata?SN=ABC1234567890&table=ATTLOG&Stamp=9999";
    assert_eq!(text(&ask(&*session, "POST", upload, ATT).await), (503, "later"));
    assert_eq!(kept.events().len(), 0);
    assert_eq!(text(&ask(&*session, "POST", upload, ATT).await), (200, "OK: 2"));
    for (method, target, expected) in [
        ("GET", "/iclock/cdata?SN=OTHER&options=all", (200, "OK")),
        ("GET", "/iclock/getrequest?SN=OTHER", (200, "OK")),
        ("POST", "/iclock/cdata?SN=OTHER&table=ATTLOG", (503, "later")),
        ("POST", "/iclock/cdata?table=ATTLOG", (503, "later")),
        ("POST", "/iclock/registry?SN=OTHER", (503, "later")),
        ("POST", "/iclock/querydata?SN=OTHER&tablename=user", (503, "later")),
        ("GET", "/iclock/nothing?SN=OTHER", (404, "nothing is taken here")),
    ] {
        assert_eq!(text(&ask(&*session, method, target, ATT).await), expected, "{method} {target}");
    }
    assert_eq!(kept.events().len(), 2);
    // A record that nobody can read does not come for ever, and somebody hears of it.
    assert_eq!(text(&ask(&*session, "POST", upload, "what\n").await), (200, "OK: 1"));
    assert_eq!(kept.missed_anything(), ["1 records of the device could not be read"]);
}
