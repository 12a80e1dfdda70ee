//! PUSH: what devices upload, ask and are told.

use nazorat_wire::AccessKind;
use nazorat_wire::Credential;
use nazorat_wire::Direction;

use crate::zkteco::adms::Dialect;
use crate::zkteco::adms::answers;
use crate::zkteco::adms::command;
use crate::zkteco::adms::command::Command;
use crate::zkteco::adms::command::Lock;
use crate::zkteco::adms::command::Outcome;
use crate::zkteco::adms::command::Person;
use crate::zkteco::adms::records;
use crate::zkteco::adms::records::Oper;
use crate::zkteco::adms::records::Sensor;
use crate::zkteco::adms::request::Call;
use crate::zkteco::adms::request::Query;
use crate::zkteco::adms::request::Table;
use crate::zkteco::meaning;
use crate::zkteco::time::Stamp;

#[test]
fn an_attendance_terminal_is_told_how_to_behave() {
    let block = answers::Attendance { serial: "ABC1234567890", zone_minutes: 300, delay_secs: 5 };
    let expected = "GET OPTION FROM: ABC1234567890
ATTLOGStamp=9999
OPERLOGStamp=9999
ATTPHOTOStamp=9999
BIODATAStamp=9999
ErrorDelay=60
Delay=5
TransTimes=03:10;15:10
TransInterval=1
TransFlag=TransData AttLog\tOpLog\tEnrollUser\tChgUser
TimeZone=5
Realtime=1
Encrypt=None
ServerVer=2.4.1
PushProtVer=2.4.1
PushOptionsFlag=1
PushOptions=FingerFunOn,FaceFunOn";
    assert_eq!(block.text(), expected);
    let zone = |zone_minutes| {
        let text = answers::Attendance { zone_minutes, ..block }.text();
        text.lines().find_map(|line| line.strip_prefix("TimeZone=").map(str::to_owned)).unwrap()
    };
    assert_eq!([330, -210, -480, 720, 0].map(zone), ["330", "-210", "-8", "720", "0"]);
}

#[test]
fn an_access_terminal_is_told_how_to_behave() {
    let block = answers::Access { session: "7C41D90E52AB4F6688D1E0B3A97F2C05", delay_secs: 5 };
    let expected = "ServerVersion=3.1.2
ServerName=gateway
PushVersion=3.1.2
PushProtVer=3.1.2
ErrorDelay=60
RequestDelay=5
TransTimes=03:10;15:10
TransInterval=1
TransTables=User\tTransaction
Realtime=1
SessionID=7C41D90E52AB4F6688D1E0B3A97F2C05
TimeoutSec=10";
    assert_eq!(block.text(), expected);
    assert_eq!(block.known("abc"), format!("registry=ok\nRegistryCode=abc\n{expected}"));
    assert_eq!(answers::registered("abc"), "RegistryCode=abc");
    assert_eq!(answers::time(Stamp(864_376_215), 300), "DateTime=864376215,ServerTZ=+0500");
    assert_eq!(answers::time(Stamp(0), -210), "DateTime=0,ServerTZ=-0330");
    assert_eq!((answers::kept(2).as_str(), answers::kept_of("user", 1).as_str()), ("OK: 2", "user=1"));
}

#[test]
fn attendance_is_read_with_more_columns_than_four_and_counted_with_fewer() {
    let body = "1001\t2026-11-23 08:30:15\t0\t15\t0\t0\t0\n1002\t2026-11-23 08:31:40\t0\t1\t0\t0\t0\n";
    let read = records::attendance(body);
    assert_eq!((read.lines, read.strange, read.records.len()), (2, 0, 2));
    assert_eq!(read.records[0].key(), "t864376215:1001:15:0");
    let read = records::attendance("1001\t2026-11-23 08:30:15\t255\t25\r\n\r\nnobody\n7\tsoon\t0\t1\t36.6\n");
    assert_eq!((read.lines, read.strange), (3, 1));
    assert_eq!((read.records[0].status, read.records[0].verify), (255, 25));
    assert_eq!((read.records[1].time.stamp, read.records[1].key().as_str()), (None, "xsoon:7:1:0"));
}

#[test]
fn a_key_fits_and_is_told_from_others_however_long_a_device_writes() {
    let long = |number: &str| format!("{}{number}\t2026-11-23 08:30:15\t0\t15\n", "\u{416}".repeat(60));
    let keys = ["1", "2"].map(|number| records::attendance(&long(number)).records[0].key());
    assert_ne!(keys[0], keys[1]);
    assert!(keys.iter().all(|key| key.len() <= 96 && key.starts_with("t864376215:")), "{keys:?}");
    let strange = records::attendance(&format!("1001\t{}\t0\t15", "\u{1f6aa}".repeat(40)));
    assert!(strange.records[0].key().len() <= 96);
}

#[test]
fn the_operation_log_brings_operations_people_and_templates() {
    let body = "OPLOG 21\t0\t2026-11-23 08:30:15\t1\t2\t3\t0\nUSER PIN=1001\tName=Anna\tPri=14\tPasswd=\tCard=[15CD5B07]\tGrp=1\n\
        FP PIN=1001\tFID=1\tSize=3\tTMP=AAAA\nOPLOG what\nUSER PIN=\tName=B\n";
    let read = records::operations(body);
    assert_eq!((read.lines, read.strange), (5, 2));
    let Oper::Operation(operation) = &read.records[0] else { panic!("{read:?}") };
    assert_eq!((operation.code, operation.key().as_str()), (21, "ot864376215:21:0:1:2:3"));
    let Oper::User(user) = &read.records[1] else { panic!("{read:?}") };
    assert_eq!((user.pin.as_str(), user.name.as_str(), user.privilege), ("1001", "Anna", 14));
    assert_eq!(user.card, "123456789");
    assert_eq!(read.records[2], Oper::Template);
    let cards =
        ["123456789", "[15CD5B07]", "[4E61BC00]", "0", "", "[]", "[4E6]", "[\u{e9}\u{e9}]", "x"].map(records::card);
    assert_eq!(cards, ["123456789", "123456789", "12345678", "", "", "", "", "", ""]);
}

#[test]
fn an_event_is_the_same_live_and_from_the_log() {
    let live = "time=2026-11-23 08:30:15\tpin=1001\tcardno=0\tsitecode=0\tlinkid=0\teventaddr=1\tevent=3\tinoutstatus=0\t\
        verifytype=15\tindex=217\tmaskflag=0\ttemperature=\tconvtemperature=";
    let read = records::events(live);
    let event = &read.records[0];
    assert_eq!((event.pin.as_str(), event.card.as_str(), event.door, event.code), ("1001", "", 1, 3));
    assert_eq!((event.verify.as_str(), event.index), ("15", Some(217)));
    let stored = "transaction cardno=0\tpin=1001\tverified=15\tdoorid=1\teventtype=3\tinoutstate=0\ttime_second=864376215\t\
        index=217\tsitecode=0\tdevid=1\tsn=ABC";
    let again = records::transactions(stored);
    assert_eq!(again.records[0].key(), event.key());
    assert_eq!(event.key(), "i217:t864376215:1001:3");
    let nobody = records::events("Index=0\tEVENT=202\tTIME=2026-11-23 08:30:15\tpin=0\teventaddr=2\n");
    assert_eq!(nobody.records[0].key(), "n2:t864376215::202:");
    assert_eq!(records::events("time=2026-11-23 08:30:15\tpin=1\n").strange, 1);
}

#[test]
fn numbers_have_a_meaning() {
    assert_eq!(meaning::event(0).0, AccessKind::Granted);
    assert_eq!(meaning::event(23), (AccessKind::Denied, "no_right"));
    assert_eq!(meaning::event(102), (AccessKind::Alarm, "forced"));
    assert_eq!(meaning::event(206), (AccessKind::Info, "started"));
    assert_eq!(meaning::event(200), (AccessKind::Door, "opened"));
    assert_eq!(meaning::event(u32::MAX).0, AccessKind::Info);
    assert_eq!(meaning::credential_of_text("0000000000000010"), Credential::Face);
    assert_eq!(meaning::credential_of_text("0000100000000001"), Credential::Card);
    assert_eq!(meaning::credential_of_text("0000100000000011"), Credential::Several);
    assert_eq!(meaning::credential_of_text("15"), Credential::Face);
    assert_eq!(
        [0, 1, 2, 4, 15].map(meaning::credential_of_record).map(Credential::word),
        ["pin", "fingerprint", "card", "card", "face"]
    );
    assert_eq!(
        [0, 3, 4, 1, 2, 5, 255].map(meaning::direction),
        [
            Direction::In,
            Direction::In,
            Direction::In,
            Direction::Out,
            Direction::Out,
            Direction::Out,
            Direction::Unknown
        ]
    );
    assert_eq!(
        records::sensors("time=x\tsensor=0902\trelay=00"),
        [
            Sensor::Closed,
            Sensor::Open,
            Sensor::Unknown,
            Sensor::Unknown,
            Sensor::Open,
            Sensor::Unknown,
            Sensor::Unknown,
            Sensor::Unknown
        ]
    );
}

#[test]
fn commands_are_written_for_their_dialect() {
    let check = |command: &Command, att: Option<&str>, acc: Option<&str>| {
        assert_eq!(command.text(Dialect::Att).as_deref(), att);
        assert_eq!(command.text(Dialect::Acc).as_deref(), acc);
    };
    check(&Command::Open { door: 1, seconds: 5 }, Some("AC_UNLOCK"), Some("CONTROL DEVICE 01010105"));
    check(&Command::Open { door: 16, seconds: 0 }, None, Some("CONTROL DEVICE 01100101"));
    check(&Command::HoldOpen(2), None, Some("CONTROL DEVICE 010201FF"));
    check(&Command::Close(2), None, Some("CONTROL DEVICE 01020100"));
    check(&Command::LockDown(1, Lock::Locked), None, Some("CONTROL DEVICE 06010100"));
    check(&Command::Restart, Some("REBOOT"), Some("CONTROL DEVICE 03000000"));
    let person = Person {
        pin: "1001".to_owned(),
        name: "Anna\tPri=14\n".to_owned(),
        card: "12345678".to_owned(),
        validity: ("0".to_owned(), "0".to_owned()),
    };
    check(
        &Command::PutPerson(person),
        Some(
            "DATA UPDATE USERINFO PIN=1001\tName=AnnaPri=14\tPri=0\tPasswd=\tCard=12345678\tGrp=1\tTZ=0000000100000000",
        ),
        Some(
            "DATA UPDATE user CardNo=12345678\tPin=1001\tPassword=\tGroup=0\tStartTime=0\tEndTime=0\tName=AnnaPri=14\tPrivilege=0",
        ),
    );
    check(
        &Command::Authorize { pin: "1001".to_owned(), doors: 3 },
        None,
        Some("DATA UPDATE userauthorize Pin=1001\tAuthorizeTimezoneId=1\tAuthorizeDoorId=3\tDevID=1"),
    );
    for everybody in ["", "*", "1001\tPin=*", "1 2"] {
        check(&Command::DeletePerson(everybody.to_owned()), None, None);
        check(&Command::Forbid(everybody.to_owned()), None, None);
    }
    let (from, to) = (Stamp::parse("2026-11-01 00:00:00").unwrap(), Stamp::parse("2026-11-23 23:59:59").unwrap());
    check(
        &Command::QueryLog(from, to),
        Some("DATA QUERY ATTLOG StartTime=2026-11-01 00:00:00\tEndTime=2026-11-23 23:59:59"),
        Some("DATA QUERY tablename=transaction,fielddesc=*,filter=*"),
    );
    check(
        &Command::CountLog(from, to),
        Some("VERIFY SUM ATTLOG StartTime=2026-11-01 00:00:00\tEndTime=2026-11-23 23:59:59"),
        Some("DATA COUNT transaction"),
    );
    assert_eq!(command::line(221, "CONTROL DEVICE 01010105"), "C:221:CONTROL DEVICE 01010105");
}

#[test]
fn results_are_read_however_they_are_told() {
    let outcome = |id, code, count| Outcome { id, code, count };
    let body = "ID=1&Return=0&CMD=DATA UPDATE\nID=2&Return=-1002&CMD=CONTROL DEVICE\n&SN=A";
    assert_eq!(command::outcomes(body), [outcome(1, 0, None), outcome(2, -1002, None)]);
    let sum = "ID=3&Return=0&CMD=VERIFY SUM\r\nAttlogSum=17\r\n";
    assert_eq!(command::outcomes(sum), [outcome(3, 0, Some(17))]);
    assert_eq!(command::outcomes("ID=3&Return=0&CMD=VERIFY SUM&AttlogSum=17"), [outcome(3, 0, Some(17))]);
    assert_eq!(command::outcomes("ID=&Return=0\n\nhello"), []);
    assert_ne!(command::meaning(Dialect::Att, -1002), command::meaning(Dialect::Acc, -8));
}

#[test]
fn requests_are_told_apart_by_path_and_table() {
    let call = |method: &str, path: &str, query: &str| Call::read(method, path, &Query::parse(query));
    assert_eq!(call("GET", "/iclock/cdata", "SN=A&options=all&pushver=2.4.1"), Call::Start);
    assert_eq!(call("GET", "/iclock/cdata", "SN=A&table=RemoteAtt&PIN=1"), Call::AskPerson);
    assert_eq!(call("POST", "/iclock/cdata", "SN=A&table=ATTLOG&Stamp=1"), Call::Upload(Table::AttLog));
    assert_eq!(call("POST", "/iclock/cdata.aspx", "sn=A&TABLE=attlog"), Call::Upload(Table::AttLog));
    let data = Call::Upload(Table::Data("user".to_owned()));
    assert_eq!(call("POST", "/iclock/cdata", "SN=A&table=tabledata&tablename=user&count=1"), data);
    assert_eq!(call("GET", "/iclock/getrequest", "SN=A"), Call::Poll);
    assert_eq!(call("POST", "/iclock/devicecmd", "SN=A"), Call::Result);
    assert_eq!(call("GET", "/iclock/push", "SN=A"), Call::Push);
    assert_eq!(call("GET", "/iclock/rtdata", "SN=A&type=time"), Call::Time);
    assert_eq!(call("GET", "/", ""), Call::Unknown);
    assert_eq!(Query::parse("SN=A%20b%2&x=%zz+1").get("sn"), "A b%2");
    assert_eq!(Query::parse("SN=A&x=%zz+1").get("X"), "%zz 1");
}
