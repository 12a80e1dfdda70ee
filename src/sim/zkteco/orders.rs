//! What a simulated terminal makes of pushed commands.

use nazorat_terminals::zkteco::adms::Fields;
use nazorat_terminals::zkteco::time::Stamp;
use nazorat_terminals::zkteco::users::Record;

use super::passes::Logged;
use super::push::Dialect;
use super::state::Shared;

/// What came of a command.
pub(super) struct Done {
    pub(super) code: i64,
    /// What is uploaded before the result is told.
    pub(super) uploads: Vec<Upload>,
    /// What is told with the result.
    pub(super) note: String,
    pub(super) restart: bool,
}

/// Something that is posted, and the answer that is understood.
pub(super) struct Upload {
    pub(super) path: &'static str,
    pub(super) query: String,
    pub(super) body: String,
    pub(super) expected: String,
}

impl Done {
    fn with(code: i64) -> Self {
        Self { code, uploads: Vec::new(), note: String::new(), restart: false }
    }
}

/// A line of ATTLOG.
pub(super) fn att_line(logged: &Logged) -> String {
    let Logged { person, time, state, verify, .. } = logged;
    // Newer terminals add a mask and a temperature; nobody shall read them.
    format!("{person}\t{time}\t{state}\t{verify}\t0\t0\t0\t255\t36.6\n")
}

/// A line of rtlog.
pub(super) fn acc_line(logged: &Logged) -> String {
    let pin = if logged.person.is_empty() { "0" } else { &logged.person };
    format!(
        "time={}\tpin={pin}\tcardno={}\tsitecode=0\tlinkid=0\teventaddr=1\tevent={}\tinoutstatus={}\tverifytype={}\tindex={}\t\
         maskflag=0\ttemperature=36.6\tconvtemperature=97.8",
        logged.time,
        logged.card,
        logged.code,
        logged.state.min(2),
        logged.verify,
        logged.number
    )
}

/// Does what a line asks for: its id and its words.
pub(super) fn carry_out(shared: &Shared, dialect: Dialect, (id, order): (&str, &str)) -> Done {
    match dialect {
        Dialect::Att => attendance(shared, order),
        Dialect::Acc => access(shared, id, order),
    }
}

fn attendance(shared: &Shared, order: &str) -> Done {
    if order == "AC_UNLOCK" {
        shared.open(1, order.to_owned());
        return Done::with(0);
    }
    if order == "REBOOT" {
        return Done { restart: true, ..Done::with(0) };
    }
    if let Some(rest) = order.strip_prefix("DATA UPDATE USERINFO ") {
        let fields = Fields::read(rest, '\t');
        return Done::with(if put(shared, &fields, "card") { 0 } else { -1 });
    }
    if let Some(rest) = order.strip_prefix("DATA DELETE USERINFO ") {
        return Done::with(remove(shared, Fields::read(rest, '\t').get("pin"), -10));
    }
    if let Some(rest) = order.strip_prefix("DATA QUERY USERINFO") {
        let wanted = Fields::read(rest.trim(), '\t');
        let lines: Vec<String> = people(shared, wanted.find("pin"))
            .iter()
            .map(|record| {
                format!(
                    "USER PIN={}\tName={}\tPri={}\tPasswd=\tCard={}\tGrp=1\tTZ=0000000100000000\tVerify=0\tViceCard=",
                    record.number(),
                    record.name(),
                    if record.is_admin() { 14 } else { 0 },
                    bracketed(record.card())
                )
            })
            .collect();
        let upload = upload("cdata", "table=OPERLOG&Stamp=9999", &lines, |count| format!("OK: {count}"));
        return Done { uploads: upload.into_iter().collect(), ..Done::with(0) };
    }
    let range = |rest: &str| {
        let fields = Fields::read(rest, '\t');
        let (from, to) = (Stamp::parse(fields.get("starttime")), Stamp::parse(fields.get("endtime")));
        let kept = shared.kept();
        let inside = |logged: &&Logged| Some(logged.time) >= from && to.is_none_or(|to| logged.time <= to);
        kept.iter().filter(inside).map(att_line).map(|line| line.trim_end().to_owned()).collect::<Vec<_>>()
    };
    if let Some(rest) = order.strip_prefix("DATA QUERY ATTLOG ") {
        let lines = range(rest);
        let upload = upload("cdata", "table=ATTLOG&Stamp=9999", &lines, |count| format!("OK: {count}"));
        let code = if lines.is_empty() { -1 } else { 0 };
        return Done { uploads: upload.into_iter().collect(), ..Done::with(code) };
    }
    if let Some(rest) = order.strip_prefix("VERIFY SUM ATTLOG ") {
        return Done { note: format!("&AttlogSum={}", range(rest).len()), ..Done::with(0) };
    }
    Done::with(-1_002)
}

fn access(shared: &Shared, id: &str, order: &str) -> Done {
    if let Some(digits) = order.strip_prefix("CONTROL DEVICE ") {
        if digits.starts_with("03") {
            return Done { restart: true, ..Done::with(0) };
        }
        let door = digits.get(2..4).and_then(|two| u16::from_str_radix(two, 16).ok()).unwrap_or(0);
        shared.open(door, order.to_owned());
        return Done::with(0);
    }
    if let Some(rest) = order.strip_prefix("SET OPTIONS ") {
        if let Some(time) = Fields::read(rest, ',').number("datetime") {
            shared.set_clock(Stamp(time));
        }
        return Done::with(0);
    }
    if let Some(rest) = order.strip_prefix("DATA UPDATE user ") {
        return Done::with(if put(shared, &Fields::read(rest, '\t'), "cardno") { 0 } else { -11 });
    }
    if order.starts_with("DATA UPDATE userauthorize ") || order.starts_with("DATA DELETE userauthorize ") {
        return Done::with(0);
    }
    if let Some(rest) = order.strip_prefix("DATA DELETE user ") {
        return Done::with(remove(shared, Fields::read(rest, '\t').get("pin"), 0));
    }
    if let Some(rest) = order.strip_prefix("DATA QUERY tablename=user,fielddesc=*,filter=") {
        let fields = Fields::read(rest, '\t');
        let lines: Vec<String> = people(shared, fields.find("pin"))
            .iter()
            .map(|record| {
                let rights = if record.is_admin() { 14 } else { 0 };
                let (uid, card, pin, name) = (record.uid(), record.card(), record.number(), record.name());
                format!("user uid={uid}\tcardno={card}\tpin={pin}\tpassword=\tgroup=1\tstarttime=0\tendtime=0\tname={name}\tprivilege={rights}\tdisable=0\tverify=0")
            })
            .collect();
        return queried("user", id, &lines);
    }
    if order.starts_with("DATA QUERY tablename=transaction,") {
        let line = |logged: &Logged| {
            let pin = if logged.person.is_empty() { "0" } else { &logged.person };
            let Logged { card, verify, code, time, number, .. } = logged;
            let way = logged.state.min(2);
            format!(
                "transaction cardno={card}\tpin={pin}\tverified={verify}\tdoorid=1\teventtype={code}\tinoutstate={way}\ttime_second={}\tindex={number}\tsitecode=0\tdevid=1\tsn=",
                time.0
            )
        };
        return queried("transaction", id, &shared.kept().iter().map(line).collect::<Vec<_>>());
    }
    if order == "DATA COUNT transaction" {
        return Done::with(i64::try_from(shared.kept().len()).unwrap_or(0));
    }
    Done::with(-13)
}

/// Answers to a question go in packets of so many lines.
const PACKET: usize = 200;

fn queried(table: &str, id: &str, lines: &[String]) -> Done {
    let packets = lines.chunks(PACKET).count();
    let uploads = lines.chunks(PACKET).enumerate().map(|(at, part)| Upload {
        path: "querydata",
        query: format!(
            "type=tabledata&cmdid={id}&tablename={table}&count={}&packcnt={packets}&packidx={}",
            part.len(),
            at + 1
        ),
        body: part.join("\r\n"),
        expected: format!("{table}={}", part.len()),
    });
    Done { uploads: uploads.collect(), ..Done::with(i64::try_from(lines.len()).unwrap_or(0)) }
}

fn upload(path: &'static str, query: &str, lines: &[String], expected: impl Fn(usize) -> String) -> Option<Upload> {
    let body = lines.iter().map(|line| format!("{line}\n")).collect();
    (!lines.is_empty()).then(|| Upload { path, query: query.to_owned(), body, expected: expected(lines.len()) })
}

/// A card as attendance terminals write it: the low byte first.
fn bracketed(card: u32) -> String {
    let [a, b, c, d] = card.to_le_bytes();
    format!("[{a:02X}{b:02X}{c:02X}{d:02X}]")
}

fn people(shared: &Shared, pin: Option<&str>) -> Vec<Record> {
    let state = shared.state();
    state.people.iter().filter(|record| pin.is_none_or(|pin| record.number() == pin)).cloned().collect()
}

fn put(shared: &Shared, fields: &Fields, card: &str) -> bool {
    let mut state = shared.state();
    let pin = fields.get("pin");
    let card = Some(fields.get(card)).filter(|card| !card.is_empty() && *card != "0");
    let known = state.people.iter().position(|record| record.number() == pin);
    let uid = state.people.iter().map(Record::uid).max().unwrap_or(0) + 1;
    let record = known
        .and_then(|at| state.people.get(at).cloned())
        .map_or_else(|| Record::new(shared.config.users, uid, pin).ok(), Some);
    let Some(mut record) = record.filter(|_| !pin.is_empty()) else { return false };
    record.set_name(fields.get("name"));
    if record.set_card(card).is_err() {
        return false;
    }
    match known.and_then(|at| state.people.get_mut(at)) {
        Some(place) => *place = record,
        None => state.people.push(record),
    }
    true
}

fn remove(shared: &Shared, pin: &str, unknown: i64) -> i64 {
    let mut state = shared.state();
    let before = state.people.len();
    state.people.retain(|record| record.number() != pin);
    if state.people.len() < before { 0 } else { unknown }
}
