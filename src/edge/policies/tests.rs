//! The shelf against what can happen to it.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::ECDSA_P256_SHA256_ASN1_SIGNING;
use aws_lc_rs::signature::EcdsaKeyPair;
use aws_lc_rs::signature::KeyPair as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use nazorat_wire::policy::Effective;
use nazorat_wire::policy::Layer;
use nazorat_wire::policy::PolicyItem;
use nazorat_wire::policy::PolicyList;
use nazorat_wire::policy::Settings;
use nazorat_wire::policy::Sheet;
use nazorat_wire::policy::SignedSheet;
use nazorat_wire::policy::signable;
use proptest::prelude::Just;
use proptest::prelude::Strategy;
use proptest::prelude::prop_oneof;

use super::OWN;
use super::Policies;
use super::PoliciesConfig;
use super::Put;
use super::PutError;
use super::Standing;
use crate::kernel::Clock;
use crate::kernel::Timestamp;

struct Signer(EcdsaKeyPair);

impl Signer {
    fn new() -> Self {
        Self(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap())
    }

    fn keys(&self) -> Vec<Vec<u8>> {
        vec![self.0.public_key().as_ref().to_vec()]
    }

    fn sign(&self, sheet: &Sheet, second: i64) -> SignedSheet {
        let issued_at = Timestamp::from_second(1_795_334_400 + second).unwrap();
        let signature = self.0.sign(&SystemRandom::new(), &signable(&sheet.text(), issued_at)).unwrap();
        SignedSheet { sheet: sheet.text(), issued_at, signature: STANDARD.encode(signature) }
    }

    fn open(&self, folder: &Path) -> Policies {
        let keys = self.keys();
        let keys: super::Keys = Arc::new(move || keys.clone());
        let config = PoliciesConfig { folder: folder.to_owned(), keys, computer_uid: None };
        Policies::open(config, Clock::fixed(Timestamp::from_second(1_795_338_000).unwrap())).unwrap()
    }
}

/// A sheet that differs from those of other versions.
fn sheet(version: u16) -> Sheet {
    let settings = Settings { idle_minutes: Some(version), ..Settings::default() };
    let policies = vec![Effective::of([(Layer::Organization, &settings)]).0];
    Sheet { policies, otherwise: Some(0), ..Sheet::undecided(1, None) }
}

fn version(policies: &Policies) -> Option<u16> {
    policies.sheet().map(|sheet| sheet.policies[0].idle_minutes)
}

fn list(items: &[(u32, &SignedSheet)]) -> PolicyList {
    let item = |(subject, signed): &(u32, &SignedSheet)| PolicyItem { subject: *subject, checksum: signed.checksum() };
    PolicyList::of(items.iter().map(item).collect())
}

fn flip(path: &Path) {
    let mut bytes = std::fs::read(path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(path, bytes).unwrap();
}

#[test]
fn what_is_signed_holds_at_once_and_after_a_restart_and_never_goes_back() {
    let (folder, signer) = (tempfile::tempdir().unwrap(), Signer::new());
    let policies = signer.open(folder.path());
    assert_eq!((policies.standing(), policies.decides(), policies.list()), (Standing::Undecided, false, None));
    let (one, two) = (signer.sign(&sheet(1), 1), signer.sign(&sheet(2), 2));
    assert_eq!(policies.put(OWN, &two).unwrap(), Put::Applied);
    assert_eq!(policies.put(OWN, &two).unwrap(), Put::Known);
    assert!(matches!(policies.put(OWN, &one), Err(PutError::Older { .. })));
    assert_eq!((version(&policies), policies.list()), (Some(2), None), "the list is held to when all of it is");
    let both = list(&[(OWN, &two)]);
    policies.settle(&both).unwrap();
    let again = signer.open(folder.path());
    assert_eq!((version(&again), again.list()), (Some(2), Some(both.checksum)));
    assert!(matches!(again.put(OWN, &one), Err(PutError::Older { .. })));
    // What was decided before is decided again: that is a newer decision.
    assert_eq!(again.put(OWN, &signer.sign(&sheet(1), 3)).unwrap(), Put::Applied);
    assert_eq!(version(&signer.open(folder.path())), Some(1));
    let nothing = list(&[]);
    again.settle(&nothing).unwrap();
    assert_eq!((again.standing(), again.list()), (Standing::Undecided, Some(nothing.checksum)));
    assert_eq!(signer.open(folder.path()).standing(), Standing::Undecided);
}

#[test]
fn nobody_else_may_sign_and_no_other_computer_is_meant() {
    let (folder, signer) = (tempfile::tempdir().unwrap(), Signer::new());
    let policies = signer.open(folder.path());
    assert!(matches!(policies.put(OWN, &Signer::new().sign(&sheet(1), 1)), Err(PutError::Sheet(_))));
    let other = Sheet { computer_uid: Some("uid-1".to_owned()), ..sheet(1) };
    assert!(matches!(policies.put(OWN, &signer.sign(&other, 1)), Err(PutError::Other)));
    assert_eq!(policies.standing(), Standing::Undecided);
    // To an agent it is passed on as it is, unless it is damaged.
    let passed = signer.sign(&other, 1);
    assert_eq!(policies.put(3, &passed).unwrap(), Put::Applied);
    assert_eq!(policies.passed_on(3).unwrap(), Some(passed.clone()));
    assert_eq!((policies.standing(), policies.passed_on(4).unwrap()), (Standing::Undecided, None));
    assert_eq!(policies.passed_on(OWN).unwrap(), None);
    let again = signer.open(folder.path());
    assert_eq!(again.standing(), Standing::Undecided, "it is nobody's but the agent's");
    again.settle(&list(&[(3, &passed)])).unwrap();
    let again = signer.open(folder.path());
    assert_eq!((again.checksum(3), again.list().is_some()), (Some(passed.checksum()), true));
    std::fs::write(folder.path().join("agent-3.sheet"), "{").unwrap();
    assert_eq!((again.passed_on(3).unwrap(), again.checksum(3), again.list()), (None, None, None));
    assert_eq!(signer.open(folder.path()).list(), None, "it is fetched again");
}

#[test]
fn a_damaged_sheet_is_known_as_such() {
    let (folder, signer) = (tempfile::tempdir().unwrap(), Signer::new());
    let sheets: Vec<_> = (1..=2).map(|version| signer.sign(&sheet(version), i64::from(version))).collect();
    let policies = signer.open(folder.path());
    sheets.iter().for_each(|signed| assert_eq!(policies.put(OWN, signed).unwrap(), Put::Applied));
    policies.settle(&list(&[(OWN, &sheets[1])])).unwrap();
    let file = |version: usize| folder.path().join(format!("{}.sheet", sheets[version - 1].checksum()));
    flip(&file(2));
    let policies = signer.open(folder.path());
    assert!(matches!(policies.standing(), Standing::Held { damage: Some(_), .. }), "{:?}", policies.standing());
    assert_eq!((version(&policies), policies.list()), (Some(1), None), "the one before holds meanwhile");
    flip(&file(1));
    let policies = signer.open(folder.path());
    assert!(matches!(policies.standing(), Standing::Unreadable(_)) && policies.decides());
    assert_eq!(policies.put(OWN, &sheets[1]).unwrap(), Put::Applied, "it is taken once more");
    assert!(matches!(policies.standing(), Standing::Held { damage: None, .. }));
    assert_eq!(version(&signer.open(folder.path())), Some(2));
}

#[test]
fn sheets_say_who_they_are_when_the_note_is_lost() {
    let (folder, signer) = (tempfile::tempdir().unwrap(), Signer::new());
    let policies = signer.open(folder.path());
    let sheets: Vec<_> = (1..=3).map(|version| signer.sign(&sheet(version), i64::from(version))).collect();
    sheets.iter().for_each(|signed| assert_eq!(policies.put(OWN, signed).unwrap(), Put::Applied));
    for damage in [Some("{"), None] {
        match damage {
            Some(text) => std::fs::write(folder.path().join("shelf.json"), text).unwrap(),
            None => std::fs::remove_file(folder.path().join("shelf.json")).unwrap(),
        }
        let policies = signer.open(folder.path());
        assert_eq!((version(&policies), policies.list()), (Some(3), None));
        assert!(matches!(policies.put(OWN, &sheets[0]), Err(PutError::Older { .. })));
        assert_eq!(policies.put(OWN, &sheets[2]).unwrap(), Put::Applied);
    }
}

#[test]
fn what_was_signed_by_a_root_that_was_replaced_goes_on_to_hold() {
    let (folder, old, new) = (tempfile::tempdir().unwrap(), Signer::new(), Signer::new());
    old.open(folder.path()).put(OWN, &old.sign(&sheet(1), 1)).unwrap();
    let policies = new.open(folder.path());
    assert_eq!(version(&policies), Some(1));
    assert!(matches!(policies.put(OWN, &old.sign(&sheet(2), 2)), Err(PutError::Sheet(_))));
    assert_eq!(policies.put(OWN, &new.sign(&sheet(2), 2)).unwrap(), Put::Applied);
}

/// What can happen between an appliance and a gateway.
#[derive(Debug, Clone)]
enum Step {
    /// Another version is released.
    Release,
    /// A sheet of some version arrives, late or again, for the gateway or an agent.
    Arrives(u32, usize),
    /// The gateway fetches what is newest, as each push makes it, and the fallback.
    Fetches,
    /// It is started again.
    Restarts,
    /// It is killed when it has written a sheet of its own down and not yet that it holds, and started again.
    Dies(usize),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        Just(Step::Release),
        (0_u32..3, 0_usize..8).prop_map(|(subject, version)| Step::Arrives(subject, version)),
        Just(Step::Fetches),
        Just(Step::Restarts),
        (0_usize..8).prop_map(Step::Dies),
    ]
}

/// What should be so.
struct Model {
    folder: tempfile::TempDir,
    signer: Signer,
    policies: Policies,
    released: Vec<SignedSheet>,
    /// The newest version that arrived for each.
    newest: BTreeMap<u32, usize>,
    applied: BTreeMap<(u32, usize), u32>,
}

impl Model {
    fn new() -> Self {
        let (folder, signer) = (tempfile::tempdir().unwrap(), Signer::new());
        let policies = signer.open(folder.path());
        let released = vec![signer.sign(&sheet(1), 1)];
        Self { folder, signer, policies, released, newest: BTreeMap::new(), applied: BTreeMap::new() }
    }

    fn play(&mut self, step: &Step) {
        match step {
            Step::Release => {
                let version = self.released.len() + 1;
                let sheet = sheet(u16::try_from(version).unwrap());
                self.released.push(self.signer.sign(&sheet, i64::try_from(version).unwrap()));
            }
            Step::Arrives(_, version) | Step::Dies(version) if *version >= self.released.len() => {}
            Step::Arrives(subject, version) => self.arrives(*subject, *version),
            Step::Fetches => {
                let last = self.released.len() - 1;
                (0..3).for_each(|subject| self.arrives(subject, last));
                let wanted = (0..3).map(|subject| (subject, &self.released[last])).collect::<Vec<_>>();
                let wanted = list(&wanted);
                self.policies.settle(&wanted).unwrap();
                assert_eq!(self.policies.list(), Some(wanted.checksum));
            }
            Step::Restarts => {
                let before = (self.policies.sheet(), self.policies.standing(), self.policies.list());
                self.policies = self.signer.open(self.folder.path());
                assert_eq!((self.policies.sheet(), self.policies.standing(), self.policies.list()), before);
            }
            Step::Dies(version) => {
                let (signed, was_noted) = (&self.released[*version], self.folder.path().join("shelf.json").exists());
                let file = self.folder.path().join(format!("{}.sheet", signed.checksum()));
                std::fs::write(file, serde_json::to_vec(signed).unwrap()).unwrap();
                self.policies = self.signer.open(self.folder.path());
                if !was_noted {
                    // It speaks for itself.
                    let best = self.newest.entry(OWN).or_insert(*version);
                    *best = (*best).max(*version);
                }
            }
        }
        for (subject, version) in &self.newest {
            assert_eq!(self.policies.checksum(*subject), Some(self.released[*version].checksum()), "of {subject}");
        }
        let own = self.newest.get(&OWN).map(|version| u16::try_from(*version + 1).unwrap());
        assert_eq!(version(&self.policies), own);
    }

    fn arrives(&mut self, subject: u32, version: usize) {
        let put = self.policies.put(subject, &self.released[version]);
        if matches!(put, Ok(Put::Applied)) {
            *self.applied.entry((subject, version)).or_default() += 1;
            assert_eq!(self.applied[&(subject, version)], 1, "version {version} was applied twice for {subject}");
        }
        let best = self.newest.entry(subject).or_insert(version);
        assert_eq!(put.is_ok(), version >= *best, "{put:?}");
        *best = (*best).max(version);
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { cases: 64, ..Default::default() })]

    #[test]
    fn each_version_is_applied_once_and_none_goes_back(steps in proptest::collection::vec(step(), 1..16)) {
        let mut model = Model::new();
        steps.iter().for_each(|step| model.play(step));
    }
}
