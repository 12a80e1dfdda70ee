//! The doors of the demo: a terminal of each maker, and people who come by.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::appliance;
use crate::devices::Side;
use crate::kernel::SecretText;
use crate::kernel::random_bytes;
use crate::sim::hikvision;
use crate::sim::zkteco;

/// On the whole office, somebody passes about so often.
const BETWEEN: (u64, u64) = (4, 14);
/// What is asked for before the terminal of ZKTeco speaks.
const COMM_KEY: u32 = 271_828;

/// Both terminals, on ports of this machine.
pub(super) struct Doors {
    entrance: hikvision::Terminal,
    warehouse: zkteco::Terminal,
    password: SecretText,
    seed: u64,
}

impl Doors {
    /// Starts them; they know everybody in the office, and one of them somebody whom nobody else knows.
    pub(super) async fn start(seed: u64, people: usize) -> anyhow::Result<Self> {
        let password = SecretText::random("");
        let mut known = hikvision::people(seed, people);
        known.extend(known.first().cloned().map(stranger));
        let entrance = hikvision::TerminalConfig {
            password: password.clone(),
            people: known,
            seed,
            ..hikvision::TerminalConfig::default()
        };
        let warehouse = zkteco::TerminalConfig {
            listen: Some(SocketAddr::from(([127, 0, 0, 1], 0))),
            comm_key: COMM_KEY,
            people: zkteco::SimPerson::of_office(seed, people),
            seed,
            ..zkteco::TerminalConfig::default()
        };
        let entrance = hikvision::Terminal::start(entrance).await?;
        let warehouse = zkteco::Terminal::start(warehouse).await?;
        Ok(Self { entrance, warehouse, password, seed })
    }

    /// As an administrator would enter them.
    pub(super) fn described(&self) -> Vec<appliance::Terminal> {
        let terminal =
            |(gate, name): (&str, &str), side, kind: &str, settings: serde_json::Value| appliance::Terminal {
                gate: gate.to_owned(),
                name: name.to_owned(),
                side,
                kind: kind.to_owned(),
                host: "127.0.0.1".to_owned(),
                settings: settings.as_object().cloned().unwrap_or_default(),
            };
        let entrance = json!({
            "port": self.entrance.address().port(), "user": "gateway", "password": self.password.expose(), "doors": 1,
        });
        let warehouse = json!({ "port": self.warehouse.address().port(), "comm_key": COMM_KEY, "doors": 1 });
        vec![
            terminal(("Asosiy kirish", "Kirish terminali"), Side::Entry, "hikvision", entrance),
            terminal(("Ombor", "Ombor ichki"), Side::Both, "zkteco", warehouse),
        ]
    }

    /// Lets people pass until it is asked to stop.
    pub(super) async fn run(self, stop: CancellationToken) {
        let mut passers = hikvision::Passers::new(self.seed, 1);
        loop {
            let [dice, who, how] = random_bytes::<3>();
            let wait = BETWEEN.0 + u64::from(dice) % (BETWEEN.1 - BETWEEN.0);
            tokio::select! {
                () = tokio::time::sleep(Duration::from_secs(wait)) => {}
                () = stop.cancelled() => break,
            }
            if dice % 3 > 0 {
                self.entrance.pass(passers.next(&self.entrance.people()));
                continue;
            }
            let people = self.warehouse.people();
            let Some(person) = people.get(usize::from(who) % people.len().max(1)) else { continue };
            let (number, verify) = (person.number.clone(), if how % 2 == 0 { 15 } else { 1 });
            self.warehouse.pass(zkteco::Pass::Person { number, verify, state: how % 2 });
        }
        self.entrance.stop().await;
        self.warehouse.stop().await;
    }
}

/// Somebody who was entered at the terminal once, such as for repairs.
fn stranger(like: hikvision::SimPerson) -> hikvision::SimPerson {
    let (number, name) = ("9001".to_owned(), "Usta Sanjar".to_owned());
    hikvision::SimPerson { number, name, cards: vec!["0009001234".to_owned()], face: None, ..like }
}
