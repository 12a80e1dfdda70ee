//! What a simulated terminal is, before it starts.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::Value;

use super::faults::Faults;
use crate::kernel::SecretText;
use crate::kernel::Zone;
use crate::sim::Office;

/// A terminal to be.
#[derive(Debug, Clone)]
pub struct TerminalConfig {
    pub listen: SocketAddr,
    pub serial: String,
    pub model: String,
    pub user: String,
    pub password: SecretText,
    /// Which logins it offers.
    pub hashes: Hashes,
    pub doors: u16,
    pub people: Vec<SimPerson>,
    /// How many events it keeps.
    pub capacity: usize,
    pub zone: Zone,
    pub seed: u64,
    pub faults: Faults,
    /// The number of its first event.
    pub first: u64,
    /// Where its counter begins at one again.
    pub highest: u64,
    pub heartbeat: Duration,
    /// Items of one page of a search.
    pub page: u32,
    /// Whether its log can be searched by number.
    pub by_serial: bool,
    /// Whether it offers subscriptions.
    pub subscribes: bool,
    /// `cycle`, `regular`, `time`.
    pub storage: String,
    /// Uses of a nonce before it is too old.
    pub nonce_uses: u32,
    /// Places to push to.
    pub host_slots: u32,
    /// Whether it answers those who search for it.
    pub sadp: Option<Sadp>,
    /// Whether somebody has given it a password.
    pub activated: bool,
}

/// How it answers those who search for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sadp {
    /// Where it hears them; 0 is the number of its own port. Real ones hear at 37020.
    pub port: u16,
    /// Answers to everybody, as older ones do, and not only to whoever asked.
    pub to_group: bool,
}

/// Which challenges it sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hashes {
    Md5,
    Sha256,
    Both,
}

/// Somebody on it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SimPerson {
    pub number: String,
    pub name: String,
    pub cards: Vec<String>,
    /// Bytes of their face's picture; none is no face.
    pub face: Option<usize>,
    /// By its own wall clock.
    pub from: String,
    pub until: String,
    pub doors: String,
    pub plan: Value,
    pub is_admin: bool,
}

impl Default for TerminalConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            serial: "DS-K1T671M20260101V030305ENAA0000001".to_owned(),
            model: "DS-K1T671M".to_owned(),
            user: "gateway".to_owned(),
            password: SecretText::new("Demo-Pass-7"),
            hashes: Hashes::Both,
            doors: 1,
            people: people(1, 12),
            capacity: 100_000,
            zone: Zone::default(),
            seed: 1,
            faults: Faults::default(),
            first: 1,
            highest: 100_000,
            heartbeat: Duration::from_secs(10),
            page: 30,
            by_serial: true,
            subscribes: false,
            storage: "cycle".to_owned(),
            nonce_uses: 200,
            host_slots: 1,
            sadp: None,
            activated: true,
        }
    }
}

/// People of the simulated office with a card and a face each, from 1001 on.
pub fn people(seed: u64, count: usize) -> Vec<SimPerson> {
    let employees = Office::build(seed, count).directory().employees;
    let people = employees.into_iter().enumerate().map(|(index, employee)| SimPerson {
        number: (1001 + index).to_string(),
        name: format!("{} {}", employee.family_name, employee.given_name),
        cards: vec![format!("{:010}", 4_567_000 + index * 7)],
        face: Some(40_000),
        from: "2020-01-01T00:00:00".to_owned(),
        until: "2037-12-31T23:59:59".to_owned(),
        doors: "1".to_owned(),
        plan: serde_json::json!([{ "doorNo": 1, "planTemplateNo": "1" }]),
        is_admin: false,
    });
    people.collect()
}
