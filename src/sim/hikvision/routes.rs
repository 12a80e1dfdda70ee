//! What it can be asked.

use std::time::Duration;

use hyper::Method;
use hyper::http::request::Parts;
use nazorat_terminals::hikvision::device::DeviceTime;
use nazorat_terminals::hikvision::device::DoorCommand;
use nazorat_terminals::hikvision::log::Search;
use nazorat_terminals::hikvision::push::Host;
use nazorat_terminals::hikvision::time;
use nazorat_terminals::hikvision::xml;
use serde_json::Value;
use serde_json::json;

use super::Inner;
use super::Terminal;
use super::answer::Answer;
use super::digest;
use super::pass::DoorState;
use super::pass::Logged;
use super::pass::Pass;
use super::staff;
use super::state::State;
use super::state::zone;
use super::stream;

/// All doors at once.
const ALL_DOORS: u16 = 65_535;

pub(super) async fn answer(terminal: &Terminal, head: &Parts, body: &[u8]) -> Answer {
    let inner = &terminal.0;
    let slow = {
        let mut state = inner.state();
        state.requests += 1;
        let most = i64::try_from(state.faults.slow.as_millis()).unwrap_or(0);
        let millis = if most > 0 { state.chance.between(most / 2, most) } else { 0 };
        Duration::from_millis(u64::try_from(millis).unwrap_or(0))
    };
    if head.uri.path() == "/SDK/activateStatus" {
        let activated = inner.config.activated;
        return Answer::xml(format!("<ActivateStatus><Activated>{activated}</Activated></ActivateStatus>"));
    }
    if let Err(refused) = digest::check(inner, &mut inner.state(), head) {
        return refused;
    }
    let answer = route(terminal, head, body);
    // It does first and tells later, like the real ones: a door may be open before anybody says so.
    if !slow.is_zero() && !matches!(answer, Answer::Stream(_)) {
        tokio::time::sleep(slow).await;
    }
    answer
}

fn route(terminal: &Terminal, head: &Parts, body: &[u8]) -> Answer {
    let inner = &terminal.0;
    let Some(path) = head.uri.path().strip_prefix("/ISAPI/") else { return unsupported() };
    let is = |method: Method| head.method == method;
    match path {
        "System/deviceInfo" if is(Method::GET) => device_info(inner),
        "System/time" if is(Method::GET) => device_time(inner, &inner.state()),
        "System/time" if is(Method::PUT) => set_time(terminal, body),
        "System/reboot" if is(Method::PUT) => {
            let later = terminal.clone();
            inner.tasks.spawn(async move {
                tokio::time::sleep(Duration::from_millis(100)).await;
                later.reboot();
            });
            Answer::ok()
        }
        "System/capabilities" if is(Method::GET) => {
            Answer::xml("<DeviceCap><isSupportReboot>true</isSupportReboot></DeviceCap>".to_owned())
        }
        "Security/userCheck" if is(Method::GET) => user_check(inner, &inner.state()),
        "AccessControl/capabilities" if is(Method::GET) => Answer::xml(
            "<AccessControl version=\"2.0\" xmlns=\"http://www.isapi.org/ver20/XMLSchema\">\
             <isSupportAcsEvent>true</isSupportAcsEvent><isSupportRemoteControlDoor>true</isSupportRemoteControlDoor>\
             <isSupportUserInfo>true</isSupportUserInfo><isSupportCardInfo>true</isSupportCardInfo>\
             <isSupportFaceRecognizeMode>true</isSupportFaceRecognizeMode></AccessControl>"
                .to_owned(),
        ),
        "AccessControl/AcsWorkStatus" if is(Method::GET) => Answer::json(&json!({ "AcsWorkStatus": {
            "doorLockStatus": [0], "doorStatus": [4], "magneticStatus": [0], "cardReaderOnlineStatus": [1],
            "cardNum": inner.state().people.iter().map(|person| person.cards.len()).sum::<usize>(), "netStatus": "connect"
        } })),
        "AccessControl/AcsEvent/capabilities" if is(Method::GET) => log_capabilities(inner),
        "AccessControl/AcsEvent" if is(Method::POST) => search_log(inner, body),
        "AccessControl/AcsEvent/StorageCfg" if is(Method::GET) => {
            Answer::json(&json!({ "EventStorageCfg": { "mode": inner.state().storage } }))
        }
        "AccessControl/RemoteControl/door/capabilities" if is(Method::GET) => Answer::xml(format!(
            "<RemoteControlDoor><doorNo min=\"1\" max=\"{}\"/><cmd opt=\"open,close,alwaysOpen,alwaysClose,resume\"/>\
             </RemoteControlDoor>",
            inner.config.doors
        )),
        "Event/notification/alertStream" if is(Method::GET) => stream::listen(terminal, None),
        "Event/notification/subscribeEventCap" if is(Method::GET) && inner.config.subscribes => {
            Answer::xml("<SubscribeEventCap><heartbeat min=\"1\" max=\"180\"/></SubscribeEventCap>".to_owned())
        }
        "Event/notification/subscribeEvent" if is(Method::POST) && inner.config.subscribes => {
            match xml::read(body).is_ok_and(|root| root.name == "SubscribeEvent") {
                true => stream::listen(
                    terminal,
                    Some("<SubscribeEventResponse><id>1</id></SubscribeEventResponse>".to_owned()),
                ),
                false => Answer::xml_status(400, (5, "Invalid XML Format"), "badXmlFormat"),
            }
        }
        "Event/notification/httpHosts" if is(Method::GET) => push_hosts(inner),
        _ if path.starts_with("Event/notification/httpHosts/") => push_host(inner, path, head, body),
        _ => match path.strip_prefix("AccessControl/RemoteControl/door/").map(str::parse) {
            Some(Ok(door)) if is(Method::PUT) => command_door(terminal, door, body),
            Some(_) => unsupported(),
            None => staff::answer(inner, path, head, body).unwrap_or_else(unsupported),
        },
    }
}

fn unsupported() -> Answer {
    Answer::xml_status(404, (4, "Invalid Operation"), "notSupport")
}

fn device_info(inner: &Inner) -> Answer {
    let config = &inner.config;
    Answer::xml(format!(
        "<DeviceInfo version=\"2.0\" xmlns=\"http://www.isapi.org/ver20/XMLSchema\"><deviceName>Simulated terminal</deviceName>\
         <deviceID>255</deviceID><model>{}</model><serialNumber>{}</serialNumber><macAddress>00:00:5e:00:53:01</macAddress>\
         <firmwareVersion>V3.3.5</firmwareVersion><firmwareReleasedDate>build 240101</firmwareReleasedDate>\
         <deviceType>ACS</deviceType><subDeviceType>accessControlTerminal</subDeviceType>\
         <electroLockNum>{}</electroLockNum></DeviceInfo>",
        xml::escape(&config.model),
        xml::escape(&config.serial),
        config.doors
    ))
}

fn posix(inner: &Inner) -> String {
    let offset = zone(&inner.config).to_offset(inner.clock.now()).seconds();
    let sign = if offset < 0 { "+" } else { "-" };
    let offset = offset.unsigned_abs();
    format!("CST{sign}{}:{:02}:{:02}", offset / 3600, offset / 60 % 60, offset % 60)
}

fn device_time(inner: &Inner, state: &State) -> Answer {
    let now = inner.clock.now();
    let shown = now.checked_add(state.clock_off).unwrap_or(now);
    Answer::xml(format!(
        "<Time version=\"2.0\" xmlns=\"http://www.isapi.org/ver20/XMLSchema\"><timeMode>NTP</timeMode>\
         <localTime>{}</localTime><timeZone>{}</timeZone></Time>",
        time::with_offset(shown, &zone(&inner.config)),
        posix(inner)
    ))
}

fn set_time(terminal: &Terminal, body: &[u8]) -> Answer {
    let inner = &terminal.0;
    let told = DeviceTime::read(body, &zone(&inner.config));
    let Some(at) = told.ok().and_then(|told| told.at) else {
        return Answer::xml_status(400, (6, "Invalid XML Content"), "badXmlContent");
    };
    inner.state().clock_off = at.duration_since(inner.clock.now());
    terminal.pass(Pass::code(3, 1028, 0));
    Answer::xml_status(200, (1, "OK"), "ok")
}

fn user_check(inner: &Inner, state: &State) -> Answer {
    let (locked, left, tries) = digest::lock(inner, state);
    let lock = if locked { "locked" } else { "unlock" };
    Answer::xml(format!(
        "<userCheck version=\"2.0\"><statusValue>200</statusValue><statusString>OK</statusString>\
         <isActivated>true</isActivated><lockStatus>{lock}</lockStatus><unlockTime>{left}</unlockTime>\
         <retryLoginTime>{tries}</retryLoginTime></userCheck>"
    ))
}

fn log_capabilities(inner: &Inner) -> Answer {
    let mut condition = json!({
        "searchID": { "@min": 1, "@max": 36 }, "maxResults": { "@min": 1, "@max": inner.config.page },
        "major": { "@opt": "0,1,2,3,5" }
    });
    if inner.config.by_serial {
        condition["beginSerialNo"] = json!({ "@min": 1, "@max": inner.config.highest });
        condition["endSerialNo"] = condition["beginSerialNo"].clone();
    }
    let most = inner.config.capacity;
    Answer::json(&json!({ "AcsEvent": { "AcsEventCond": condition, "totalMatches": { "@max": most } } }))
}

fn search_log(inner: &Inner, body: &[u8]) -> Answer {
    let Ok(search) = Search::read(body) else { return Answer::status(400, "badJsonContent") };
    if search.most == 0 || search.most > inner.config.page {
        return Answer::status(400, "badParameters");
    }
    let zone = zone(&inner.config);
    let moment = |text: &Option<String>| text.as_ref().and_then(|text| time::instant(text, &zone));
    let (from, to) = (moment(&search.from), moment(&search.to));
    let (by_serial, first, last) = (inner.config.by_serial, search.first_serial, search.last_serial);
    let find = |logged: &Logged| {
        let shown = logged.shown.as_second();
        from.is_none_or(|from| shown >= from.as_second())
            && to.is_none_or(|to| shown <= to.as_second())
            && (!by_serial || first.is_none_or(|first| logged.number >= first))
            && (!by_serial || last.is_none_or(|last| logged.number <= last))
    };
    let mut state = inner.state();
    let Some(found) = state.search(&search.id, search.position, find) else {
        return Answer::status(400, "invalidSearchConditions");
    };
    let total = found.len();
    let start = usize::try_from(search.position).unwrap_or(total).min(total);
    let page = &found[start..(start + search.most as usize).min(total)];
    let items: Vec<Value> = page.iter().map(log_item).collect();
    let status = match (total, start + page.len() < total) {
        (0, _) => "NO MATCH",
        (_, true) => "MORE",
        (_, false) => "OK",
    };
    let mut answer = json!({
        "searchID": search.id, "totalMatches": total, "responseStatusStrg": status, "numOfMatches": items.len()
    });
    if !items.is_empty() {
        answer["InfoList"] = Value::Array(items);
    }
    Answer::json(&json!({ "AcsEvent": answer }))
}

fn log_item(logged: &Logged) -> Value {
    let mut item = stream::item(logged);
    item["major"] = json!(logged.major);
    item["minor"] = json!(logged.minor);
    item["time"] = json!(logged.time);
    item
}

fn command_door(terminal: &Terminal, door: u16, body: &[u8]) -> Answer {
    let inner = &terminal.0;
    let Ok(command) = DoorCommand::read(body) else {
        return Answer::xml_status(400, (6, "Invalid XML Content"), "badXmlContent");
    };
    if door != ALL_DOORS && !(1..=inner.config.doors).contains(&door) {
        return Answer::xml_status(400, (6, "Invalid XML Content"), "badParameters");
    }
    let at = inner.clock.now();
    inner.state().doors.push(DoorState { door, command: command.word(), at });
    let minor = match command {
        DoorCommand::Open => 1024,
        DoorCommand::Close => 1025,
        DoorCommand::AlwaysOpen => 1026,
        DoorCommand::AlwaysClose => 1027,
    };
    terminal.pass(Pass::code(3, minor, door));
    if command == DoorCommand::Open {
        terminal.pass(Pass::code(5, 21, door));
    }
    Answer::xml_status(200, (1, "OK"), "ok")
}

fn push_hosts(inner: &Inner) -> Answer {
    let all: Vec<String> = inner.state().slots.iter().map(|slot| bare(&slot.host)).collect();
    Answer::xml(format!(
        "<HttpHostNotificationList version=\"2.0\" xmlns=\"http://www.isapi.org/ver20/XMLSchema\">{}</HttpHostNotificationList>",
        all.concat()
    ))
}

/// Without the line that every document begins with.
fn bare(host: &Host) -> String {
    let text = host.body();
    text.split_once('\n').map_or(text.as_str(), |(_, host)| host).to_owned()
}

fn push_host(inner: &Inner, path: &str, head: &Parts, body: &[u8]) -> Answer {
    let id = path.rsplit('/').next().and_then(|id| id.parse().ok()).unwrap_or(0);
    let mut state = inner.state();
    let Some(slot) = state.slots.iter_mut().find(|slot| slot.host.id == id) else { return unsupported() };
    match head.method {
        Method::GET => Answer::xml(bare(&slot.host)),
        Method::PUT => match Host::read(body) {
            Ok(host) if !host.https => {
                (slot.host, slot.unsent) = (Host { id, ..host }, Default::default());
                Answer::xml_status(200, (1, "OK"), "ok")
            }
            _ => Answer::xml_status(400, (6, "Invalid XML Content"), "badXmlContent"),
        },
        Method::DELETE => {
            (slot.host, slot.unsent) = (Host::free(id), Default::default());
            Answer::xml_status(200, (1, "OK"), "ok")
        }
        _ => Answer::xml_status(403, (4, "Invalid Operation"), "methodNotAllowed"),
    }
}
