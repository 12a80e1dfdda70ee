//! People are put on terminals by the appliance while everything goes wrong: in the end each terminal knows exactly whom it
//! should, with the cards that they should have, and whom nobody named is still there.

use std::collections::BTreeMap;
use std::time::Duration;
use std::time::Instant;

use nazorat::sim::hikvision;
use nazorat::sim::zkteco;
use serde_json::Value;
use serde_json::json;

use super::terminals::Branch;
use super::terminals::Kind;
use super::terminals::Terminal;
use crate::support::picture;

/// How long everything may take once nothing goes wrong any more.
const WITHIN: Duration = Duration::from_secs(120);

/// Cards by the number of whoever has them.
type Known = BTreeMap<String, Vec<String>>;

impl Terminal {
    /// Whom it knows.
    fn knows(&self) -> Known {
        let bare = |card: &str| card.trim_start_matches('0').to_owned();
        match &self.kind {
            Kind::Hikvision(terminal, _) => {
                let one = |person: hikvision::SimPerson| {
                    let mut cards: Vec<String> = person.cards.iter().map(|card| bare(card)).collect();
                    cards.sort();
                    (person.number, cards)
                };
                terminal.people().into_iter().map(one).collect()
            }
            Kind::Zkteco(terminal, _) => {
                let card = |card: u32| if card > 0 { vec![card.to_string()] } else { Vec::new() };
                let one = |person: zkteco::SimPerson| (person.number, card(person.card));
                terminal.people().into_iter().map(one).collect()
            }
        }
    }
}

impl Branch {
    async fn made(&self, path: &str, body: Value) -> u64 {
        self.ask("POST", path, Some(body), 201).await["id"].as_u64().unwrap_or_default()
    }

    /// Waits until each terminal knows its own and these.
    async fn comes_to(&self, own: &[Known], wanted: &Known) {
        let deadline = Instant::now() + WITHIN;
        for ((id, terminal), own) in self.terminals.iter().zip(own) {
            let mut expected = own.clone();
            expected.extend(wanted.clone());
            while terminal.knows() != expected {
                if Instant::now() > deadline {
                    let told = self.ask("GET", &format!("/api/v1/devices/{id}/people"), None, 200).await;
                    let log = self.gateway.as_ref().unwrap().desk().log();
                    panic!("device {id} knows {:#?}\nand not {expected:#?}\n{told:#}\n{log}", terminal.knows());
                }
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        }
    }

    /// Waits until the first terminal has somebody's face, or has it no more.
    async fn has_face(&self, number: &str, has: bool) {
        let Kind::Hikvision(terminal, _) = &self.terminals[0].1.kind else { unreachable!() };
        let deadline = Instant::now() + WITHIN;
        while terminal.people().iter().any(|one| one.number == number && one.face.is_some() != has) {
            assert!(Instant::now() < deadline, "{}", self.gateway.as_ref().unwrap().desk().log());
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    /// Waits until the appliance knows it as well.
    async fn is_told(&self, wanted: usize) {
        let deadline = Instant::now() + WITHIN;
        loop {
            let told = self.ask("GET", "/api/v1/device-people", None, 200).await;
            let is_right =
                |one: &Value| one["right"] == wanted && one["wanted"] == wanted && one["problems"] == json!([]);
            if told["items"].as_array().unwrap().iter().all(is_right) {
                return;
            }
            assert!(Instant::now() < deadline, "{told:#}");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_come_to_terminals_and_leave_them_although_the_gateway_is_killed() {
    let terminals = vec![Terminal::hikvision(1).await, Terminal::zkteco(1).await];
    let own: Vec<Known> = terminals.iter().map(Terminal::knows).collect();
    let mut branch = Branch::new(terminals).await;
    branch.all_online().await;
    let gate = branch.made("/api/v1/gates", json!({ "name": "Kirish" })).await;
    for (id, _) in &branch.terminals {
        let mut device = branch.setting_of(*id).await;
        device["doors"] = json!([{ "number": 1, "gate_id": gate }]);
        device["manages_people"] = true.into();
        branch.ask("PUT", &format!("/api/v1/devices/{id}"), Some(device), 200).await;
    }
    let mut wanted = Known::new();
    let mut employees = Vec::new();
    for at in 0..40 {
        let (number, card) = ((3_001 + at).to_string(), (7_000_001 + at * 13).to_string());
        let person = json!({ "surname": format!("Karimov{at}"), "given_name": "Ali", "personnel_number": number });
        let id = branch.made("/api/v1/employees", person).await;
        branch.ask("POST", &format!("/api/v1/employees/{id}/cards"), Some(json!({ "number": card })), 201).await;
        employees.push((id, card.clone()));
        wanted.insert(number, vec![card]);
    }
    branch.terminals.iter().for_each(|(_, terminal)| terminal.answers_slowly(true));
    branch.made("/api/v1/access-groups", json!({ "name": "Hamma", "everyone": true, "all_gates": true })).await;
    for _ in 0..3 {
        tokio::time::sleep(Duration::from_millis(2_500)).await;
        branch.kill_gateway();
    }
    branch.terminals.iter().for_each(|(_, terminal)| terminal.answers_slowly(false));
    branch.comes_to(&own, &wanted).await;
    branch.is_told(40).await;
    // A face comes to the terminal that takes faces, and leaves it.
    let face = format!("/api/v1/employees/{}/face", employees[5].0);
    let request = branch.http.put(branch.office.appliance.https(&face)).bearer_auth(&branch.token);
    let answer = request.header("content-type", "image/png").body(picture(300, 300)).send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 200, "{}", answer.text().await.unwrap());
    branch.has_face("3006", true).await;
    branch.kill_gateway();
    branch.gone(&face).await;
    branch.has_face("3006", false).await;
    let Kind::Hikvision(entrance, _) = &branch.terminals[0].1.kind else { unreachable!() };
    let taken_there = entrance.people().into_iter().filter(|person| person.face.is_some()).count();
    assert_eq!(taken_there, own[0].len(), "those taken at the terminal stay");
    // One card is blocked, one is taken, one person leaves, and one is deleted; the gateway dies over it.
    let (blocked, taken) = (&employees[0], &employees[1]);
    let path = format!("/api/v1/employees/{}/cards/{}", blocked.0, blocked.1);
    branch.ask("PATCH", &path, Some(json!({ "blocked": true })), 200).await;
    let path = format!("/api/v1/employees/{}/cards/{}", taken.0, taken.1);
    branch.gone(&path).await;
    branch.kill_gateway();
    branch.ask("POST", &format!("/api/v1/employees/{}/deactivate", employees[2].0), None, 200).await;
    branch.gone(&format!("/api/v1/employees/{}", employees[3].0)).await;
    wanted.insert("3001".to_owned(), Vec::new());
    wanted.insert("3002".to_owned(), Vec::new());
    wanted.remove("3003");
    wanted.remove("3004");
    branch.comes_to(&own, &wanted).await;
    branch.is_told(38).await;
    // Nobody may pass any more, which cannot be meant: nobody is taken off before a person says so.
    let nobody = json!({ "name": "Hamma", "all_gates": true });
    branch.ask("PUT", "/api/v1/access-groups/1", Some(nobody), 200).await;
    let deadline = Instant::now() + WITHIN;
    loop {
        let told = branch.ask("GET", "/api/v1/device-people", None, 200).await;
        if told["items"].as_array().unwrap().iter().all(|one| one["held"] == 38) {
            break;
        }
        assert!(Instant::now() < deadline, "{told:#}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    branch.comes_to(&own, &wanted).await;
    for (id, _) in &branch.terminals {
        let order = json!({ "action": "sync", "may_remove": 38 });
        branch.ask("POST", &format!("/api/v1/devices/{id}/orders"), Some(order), 202).await;
    }
    branch.comes_to(&own, &Known::new()).await;
    let log = branch.gateway.as_ref().unwrap().desk().log();
    assert!(!log.contains("panicked"), "{log}");
}
