//! What is to be done so that a device knows whom it should: a comparison, and nothing is asked of anybody.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use nazorat_wire::DeviceFault;
use nazorat_wire::PersonItem;
use nazorat_wire::Stranger;
use serde::Deserialize;
use serde::Serialize;
use sha2::Digest as _;
use sha2::Sha256;

use crate::adapters::Capabilities;
use crate::adapters::Number;
use crate::adapters::TerminalPerson;
use crate::kernel::Timestamp;

/// So many may always be taken off in one round.
const FEW: usize = 10;
/// More than this part of those on the device must be confirmed by a person: 1 in 5.
const PART: usize = 5;

/// What we have written of somebody. It says what is ours on the device: only that is ever taken away.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Written {
    /// Digest of what was wanted when it was written; empty before it is known to have worked.
    pub(super) wanted: String,
    /// Digest of what the device told of them afterwards.
    #[serde(default)]
    pub(super) told: String,
    /// Cards that we gave.
    #[serde(default)]
    pub(super) cards: BTreeSet<String>,
    /// SHA-256 of the face that we gave.
    #[serde(default)]
    pub(super) face: Option<String>,
}

/// All that is looked at.
pub(super) struct View<'a> {
    /// Which device.
    pub(super) device: u32,
    pub(super) now: Timestamp,
    /// Whom it knows.
    pub(super) there: &'a [TerminalPerson],
    /// Everybody who could be known, as the appliance says.
    pub(super) people: &'a [PersonItem],
    /// Cards with which nobody passes.
    pub(super) barred: &'a [String],
    /// What we have written, by the number as it stands on the device.
    pub(super) written: &'a BTreeMap<String, Written>,
    pub(super) can: &'a Capabilities,
    /// So many may be taken off, although they are suspiciously many.
    pub(super) may_remove: usize,
}

/// What is to be done.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// Who is to be taken off, by the number as it stands there.
    pub(super) removals: Vec<Number>,
    /// Who is to be written, those who lose a card first: somebody else may get it.
    pub(super) puts: Vec<Put>,
    /// How many are as they should be.
    pub(super) right: u32,
    /// How many there should be.
    pub(super) wanted: u32,
    /// How many would be taken off, and are not.
    pub(super) held: u32,
    /// Who can never be on it as things are.
    pub(super) unfit: Vec<(String, DeviceFault)>,
    /// Whom, or which cards, only the device knows.
    pub(super) strangers: Vec<Stranger>,
    /// When the time of somebody begins or ends next.
    pub(super) next: Option<Timestamp>,
}

/// Somebody who is to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Put {
    pub(super) number: Number,
    pub(super) name: String,
    pub(super) cards: Vec<String>,
    pub(super) from: Option<Timestamp>,
    pub(super) until: Option<Timestamp>,
    pub(super) face: FaceWish,
    /// What of it is ours once it is written.
    pub(super) ours: Written,
    loses_card: bool,
}

/// What is to be with a face.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum FaceWish {
    /// It stays: it is there already, or none of ours.
    AsItIs,
    /// It is taken off.
    Off,
    /// It is fetched by its digest and written.
    Fetch(String),
}

impl View<'_> {
    /// Compares.
    pub(super) fn plan(&self) -> Plan {
        let mut plan = Plan::default();
        let there: BTreeMap<&str, &TerminalPerson> =
            self.there.iter().map(|person| (Number::bare(&person.number), person)).collect();
        let known: BTreeMap<&str, &PersonItem> =
            self.people.iter().map(|item| (Number::bare(&item.number), item)).collect();
        let known_cards: BTreeSet<&str> =
            self.people.iter().flat_map(|item| &item.cards).map(|card| Number::bare(card)).collect();
        for (bare, item) in &known {
            if self.passes(item, &mut plan.next) {
                plan.wanted += 1;
                self.compare(item, there.get(bare).copied(), &known_cards, &mut plan);
            }
        }
        let mut removals = Vec::new();
        for (bare, person) in &there {
            let item = known.get(bare);
            if person.is_admin || item.is_some_and(|item| self.passes(item, &mut None)) {
                continue;
            }
            match Number::parse(&person.number) {
                Some(number) if item.is_some() || self.written.contains_key(&person.number) => removals.push(number),
                _ => plan.strangers.push(stranger(person, false)),
            }
        }
        let suspicious = removals.len() > FEW.max(there.len() / PART);
        if suspicious && removals.len() > self.may_remove {
            plan.held = u32::try_from(removals.len()).unwrap_or(u32::MAX);
        } else {
            plan.removals = removals;
        }
        plan.puts.sort_by_key(|put| !put.loses_card);
        plan
    }

    /// Whether somebody may pass this device now; `next` becomes the moment at which another answer is due.
    fn passes(&self, item: &PersonItem, next: &mut Option<Timestamp>) -> bool {
        if !item.devices.contains(&self.device) {
            return false;
        }
        for limit in [item.from, item.until].into_iter().flatten().filter(|limit| *limit > self.now) {
            *next = Some(next.map_or(limit, |next| next.min(limit)));
        }
        // One that knows dates may know people before their time.
        let begun = self.can.dates || item.from.is_none_or(|from| from <= self.now);
        begun && item.until.is_none_or(|until| until > self.now)
    }

    /// Ours, as the device writes them, and those that it knows and we never gave: somebody may come in by them every day.
    fn cards(&self, item: &PersonItem, listed: &[&str], (before, known): (&Written, &BTreeSet<&str>)) -> Cards {
        if !self.can.cards {
            return Cards { all: Vec::new(), kept: Vec::new() };
        }
        let same = |one: &str, other: &str| Number::bare(one) == Number::bare(other);
        let is_foreign = |card: &&&str| {
            let mut ours = item.cards.iter().chain(&before.cards).chain(self.barred);
            !ours.any(|one| same(one, card)) && !known.contains(Number::bare(card))
        };
        let kept: Vec<String> = listed.iter().filter(is_foreign).map(|card| (*card).to_owned()).collect();
        let written = |card: &String| {
            let there = listed.iter().find(|there| same(there, card));
            there.map_or_else(|| card.clone(), |there| (*there).to_owned())
        };
        let mut all: Vec<String> = item.cards.iter().map(written).chain(kept.clone()).collect();
        all.sort();
        all.dedup();
        Cards { all, kept }
    }

    fn compare(
        &self,
        item: &PersonItem,
        there: Option<&TerminalPerson>,
        known_cards: &BTreeSet<&str>,
        plan: &mut Plan,
    ) {
        if there.is_some_and(|person| person.is_admin) {
            let detail = "this person administers the device; change them there".to_owned();
            plan.unfit.push((item.number.clone(), DeviceFault { code: "administers".to_owned(), detail }));
            return;
        }
        // The device's own way of writing a number stays.
        let text = there.map_or(item.number.as_str(), |person| person.number.as_str());
        let Some(number) = Number::parse(text) else {
            let detail = format!("{text:?} is no number for a device: 1 to 32 letters and digits, without blanks");
            plan.unfit.push((item.number.clone(), DeviceFault { code: "number".to_owned(), detail }));
            return;
        };
        let nothing = Written::default();
        let before = self.written.get(text).unwrap_or(&nothing);
        let listed: Vec<&str> =
            there.and_then(|person| person.cards.as_ref()).into_iter().flatten().map(String::as_str).collect();
        let cards = self.cards(item, &listed, (before, known_cards));
        if let Some(person) = there.filter(|_| !cards.kept.is_empty()) {
            plan.strangers.push(Stranger { cards: cards.kept.clone(), ..stranger(person, true) });
        }
        let cards = cards.all;
        let dates = if self.can.dates { (item.from, item.until) } else { (None, None) };
        let face = item.face.clone().filter(|_| self.can.faces);
        let wanted = digest(&(&item.name, &cards, &face, dates));
        if there.is_some_and(|person| before.wanted == wanted && before.told == told(person)) {
            plan.right += 1;
            return;
        }
        let has_face = there.and_then(|person| person.has_face);
        let wish = match &face {
            Some(face) if before.face.as_ref() == Some(face) && there.is_some() && has_face != Some(false) => {
                FaceWish::AsItIs
            }
            Some(face) => FaceWish::Fetch(face.clone()),
            None if before.face.is_some() => FaceWish::Off,
            None => FaceWish::AsItIs,
        };
        let loses_card = listed.iter().any(|card| !cards.iter().any(|wanted| wanted == card));
        let ours = Written { wanted, told: String::new(), cards: item.cards.iter().cloned().collect(), face };
        let (name, (from, until)) = (item.name.clone(), dates);
        plan.puts.push(Put { number, name, cards, from, until, face: wish, ours, loses_card });
    }
}

/// The cards that somebody is to have on the device.
struct Cards {
    all: Vec<String>,
    /// Those among them that only the device knows.
    kept: Vec<String>,
}

/// Digest of what a device tells of somebody.
pub(super) fn told(person: &TerminalPerson) -> String {
    let cards: Option<BTreeSet<&String>> = person.cards.as_ref().map(|cards| cards.iter().collect());
    digest(&(&person.name, cards, person.has_face))
}

fn stranger(person: &TerminalPerson, is_known: bool) -> Stranger {
    let cards = person.cards.clone().unwrap_or_default();
    Stranger { number: person.number.clone(), name: person.name.clone(), cards, is_known }
}

fn digest(value: &impl Serialize) -> String {
    // Names and numbers always turn into JSON.
    let text = serde_json::to_vec(value).unwrap_or_default();
    hex::encode(Sha256::digest(text))
}
