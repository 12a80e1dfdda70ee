//! Its people, their cards and faces. An empty condition takes off everybody, as with the real ones.

use hyper::Method;
use hyper::header::CONTENT_TYPE;
use hyper::http::request::Parts;
use nazorat_terminals::hikvision::multipart::Part;
use nazorat_terminals::hikvision::multipart::Parts as Cut;
use nazorat_terminals::hikvision::person::User;
use serde_json::Value;
use serde_json::json;

use super::Inner;
use super::answer::Answer;
use super::config::SimPerson;
use super::state::State;

/// Looks at a removal until it is over.
const LOOKS: u32 = 1;

/// The most that it keeps.
const MOST_PEOPLE: usize = 3000;

pub(super) fn answer(inner: &Inner, path: &str, head: &Parts, body: &[u8]) -> Option<Answer> {
    let mut state = inner.state();
    let state = &mut *state;
    let method = head.method.as_str();
    let value: Value = serde_json::from_slice(body).unwrap_or_default();
    let page = inner.config.page;
    let answer = match (method, path) {
        ("GET", "AccessControl/UserInfo/capabilities") => Answer::json(&json!({ "UserInfo": {
            "supportFunction": { "@opt": "post,delete,put,get,setUp" }, "maxRecordNum": { "@max": MOST_PEOPLE },
            "UserInfoSearchCond": { "maxResults": { "@min": 1, "@max": page } }, "name": { "@max": 64 }
        } })),
        ("GET", "AccessControl/UserInfo/Count") => {
            Answer::json(&json!({ "UserInfoCount": { "userNumber": state.people.len() } }))
        }
        ("POST", "AccessControl/UserInfo/Search") => find_people(state, &value["UserInfoSearchCond"], page),
        ("POST", "AccessControl/UserInfo/Record") => put(state, &value["UserInfo"], Put::Add),
        ("PUT", "AccessControl/UserInfo/Modify") => put(state, &value["UserInfo"], Put::Change),
        ("PUT", "AccessControl/UserInfo/SetUp") => put(state, &value["UserInfo"], Put::Either),
        ("PUT", "AccessControl/UserInfo/Delete") => remove(state, &value["UserInfoDelCond"]),
        ("PUT", "AccessControl/UserInfoDetail/Delete") => remove(state, &value["UserInfoDetail"]),
        ("GET", "AccessControl/UserInfoDetail/DeleteProcess") => {
            let is_over = state.removal_looks == 0;
            state.removal_looks = state.removal_looks.saturating_sub(1);
            let (status, percent) = if is_over { ("success", 100) } else { ("processing", 50) };
            Answer::json(&json!({ "UserInfoDetailDeleteProcess": { "status": status, "percent": percent } }))
        }
        ("POST", "AccessControl/CardInfo/Search") => find_cards(state, &value["CardInfoSearchCond"], page),
        ("POST", "AccessControl/CardInfo/Record") => add_card(state, &value["CardInfo"]),
        ("PUT", "AccessControl/CardInfo/Delete") => remove_cards(state, &value["CardInfoDelCond"]),
        ("PUT", "Intelligent/FDLib/FDSetUp") if head.method == Method::PUT => put_face(state, head, body),
        ("PUT", "Intelligent/FDLib/FDSearch/Delete") => {
            for number in list(&value, "FPID", "value") {
                if let Some(person) = state.people.iter_mut().find(|person| person.number == number) {
                    person.face = None;
                }
            }
            Answer::ok()
        }
        ("GET", "Intelligent/FDLib/Count") => {
            let faces = state.people.iter().filter(|person| person.face.is_some()).count();
            Answer::json(&json!({ "FDRecordDataInfo": [{ "FDID": "1", "recordDataNumber": faces }] }))
        }
        _ => return None,
    };
    Some(answer)
}

enum Put {
    Add,
    Change,
    Either,
}

fn put(state: &mut State, value: &Value, how: Put) -> Answer {
    let user = User::read(value);
    if user.number.is_empty() || user.number.len() > 32 {
        return Answer::status(400, "illegalEmployeeNo");
    }
    let there = state.people.iter().position(|person| person.number == user.number);
    let person = match (there, how) {
        (Some(_), Put::Add) => return Answer::status(400, "employeeNoAlreadyExist"),
        (None, Put::Change) => return Answer::status(400, "employeeNoNotExist"),
        (Some(index), _) => &mut state.people[index],
        (None, _) if state.people.len() >= MOST_PEOPLE => return Answer::status(400, "deviceUserFull"),
        (None, _) => {
            state.people.push(SimPerson { number: user.number.clone(), ..SimPerson::default() });
            let last = state.people.len() - 1;
            &mut state.people[last]
        }
    };
    person.name = user.name;
    (person.from, person.until) = (user.from, user.until);
    (person.doors, person.plan) = (user.doors, user.plan);
    Answer::ok()
}

fn remove(state: &mut State, condition: &Value) -> Answer {
    let numbers = list(condition, "EmployeeNoList", "employeeNo");
    state.people.retain(|person| !numbers.is_empty() && !numbers.contains(&person.number));
    state.removal_looks = LOOKS;
    Answer::ok()
}

fn find_people(state: &State, condition: &Value, most: u32) -> Answer {
    let numbers = list(condition, "EmployeeNoList", "employeeNo");
    let found = state.people.iter().filter(|person| numbers.is_empty() || numbers.contains(&person.number));
    let found = found.map(|person| {
        json!({
            "employeeNo": person.number, "name": person.name, "userType": "normal", "closeDelayEnabled": false,
            "Valid": { "enable": true, "beginTime": person.from, "endTime": person.until, "timeType": "local" },
            "doorRight": person.doors, "RightPlan": person.plan, "localUIRight": person.is_admin,
            "numOfCard": person.cards.len(), "numOfFP": 0, "numOfFace": u8::from(person.face.is_some())
        })
    });
    paged(("UserInfoSearch", "UserInfo"), condition, found.collect(), most)
}

fn find_cards(state: &State, condition: &Value, most: u32) -> Answer {
    let numbers = list(condition, "EmployeeNoList", "employeeNo");
    let found = state.people.iter().filter(|person| numbers.is_empty() || numbers.contains(&person.number));
    let found = found.flat_map(|person| {
        let card =
            |card| json!({ "employeeNo": person.number, "cardNo": card, "cardType": "normalCard", "leaderCard": "" });
        person.cards.iter().map(card)
    });
    paged(("CardInfoSearch", "CardInfo"), condition, found.collect(), most)
}

fn paged((answer, items): (&str, &str), condition: &Value, found: Vec<Value>, most: u32) -> Answer {
    let asked = condition["maxResults"].as_u64().unwrap_or(0);
    if asked == 0 || asked > u64::from(most) {
        return Answer::status(400, "badParameters");
    }
    let total = found.len();
    let start = condition["searchResultPosition"].as_u64().unwrap_or(0);
    let start = usize::try_from(start).unwrap_or(total).min(total);
    let page: Vec<Value> = found.into_iter().skip(start).take(usize::try_from(asked).unwrap_or(1)).collect();
    let status = match (total, start + page.len() < total) {
        (0, _) => "NO MATCH",
        (_, true) => "MORE",
        (_, false) => "OK",
    };
    let mut inner = json!({
        "searchID": condition["searchID"], "responseStatusStrg": status, "numOfMatches": page.len(), "totalMatches": total
    });
    if !page.is_empty() {
        inner[items] = Value::Array(page);
    }
    Answer::json(&json!({ answer: inner }))
}

fn add_card(state: &mut State, value: &Value) -> Answer {
    let (number, card) = (text(value, "employeeNo"), text(value, "cardNo"));
    if card.is_empty() {
        return Answer::status(400, "illegalCardNo");
    }
    if state.people.iter().any(|person| person.cards.contains(&card)) {
        return Answer::status(400, "cardNoAlreadyExist");
    }
    match state.people.iter_mut().find(|person| person.number == number) {
        Some(person) => person.cards.push(card),
        None => return Answer::status(400, "employeeNoNotExist"),
    }
    Answer::ok()
}

fn remove_cards(state: &mut State, condition: &Value) -> Answer {
    let cards = list(condition, "CardNoList", "cardNo");
    let numbers = list(condition, "EmployeeNoList", "employeeNo");
    let all = cards.is_empty() && numbers.is_empty();
    for person in &mut state.people {
        let whole = all || numbers.contains(&person.number);
        person.cards.retain(|card| !whole && !cards.contains(card));
    }
    Answer::ok()
}

fn put_face(state: &mut State, head: &Parts, body: &[u8]) -> Answer {
    let content_type = head.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let Ok(parts) = Cut::of(content_type).push(body) else { return Answer::status(400, "badParameters") };
    let (mut number, mut size) = (String::new(), 0);
    for part in parts {
        match part {
            Part::Message(message) => {
                number = text(&serde_json::from_slice(&message).unwrap_or_default(), "FPID");
            }
            Part::Binary(bytes) => size = bytes.len(),
        }
    }
    match size {
        0 => return Answer::status(400, "pictureFaceDetectZero"),
        204_801.. => return Answer::status(400, "pictureSizeExceedLimit"),
        _ => {}
    }
    match state.people.iter_mut().find(|person| person.number == number) {
        Some(person) => person.face = Some(size),
        None => return Answer::status(400, "employeeNoNotExist"),
    }
    Answer::ok()
}

fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_default().to_owned()
}

fn list(value: &Value, name: &str, inner: &str) -> Vec<String> {
    let items = value[name].as_array().map(Vec::as_slice).unwrap_or_default();
    items.iter().map(|item| text(item, inner)).collect()
}
