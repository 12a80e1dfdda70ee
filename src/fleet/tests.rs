//! Boxes that join, come in and are kept out, with a clock of the test.

use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::ECDSA_P256_SHA256_FIXED_SIGNING;
use aws_lc_rs::signature::EcdsaKeyPair;
use nazorat_wire::Signable;
use nazorat_wire::Signature;
use nazorat_wire::SignatureParams;
use nazorat_wire::carry::key_id;
use nazorat_wire::signature_base;
use nazorat_wire::signature_value;
use rcgen::CertificateParams;
use rcgen::CertificateSigningRequestParams;
use rcgen::KeyPair;
use rcgen::PKCS_ECDSA_P256_SHA256;
use tempfile::TempDir;

use super::Certified;
use super::Fleet;
use super::FleetError;
use super::GatewayState;
use super::IssueError;
use super::Issued;
use super::Issuer;
use super::Joining;
use super::Peer;
use super::Refused;
use super::Request;
use super::Shown;
use crate::audit::Audit;
use crate::identity::DisplayName;
use crate::kernel::Actor;
use crate::kernel::Clock;
use crate::kernel::Fingerprint;
use crate::kernel::GatewayId;
use crate::kernel::Language;
use crate::kernel::OrganizationId;
use crate::kernel::Timestamp;
use crate::kernel::Zone;
use crate::store::DataFolder;
use crate::store::Store;
use crate::tenancy::OrganizationName;
use crate::tenancy::Settings;
use crate::tenancy::Tenancy;

/// The certificate is nothing but the key.
pub(crate) struct PlainIssuer;

impl Issuer for PlainIssuer {
    fn issue(&self, request: &[u8], _gateway: GatewayId, now: Timestamp) -> Result<Issued, IssueError> {
        let asked = CertificateSigningRequestParams::from_der(&request.into()).map_err(|_| IssueError::Request)?;
        let key = rcgen::PublicKeyData::der_bytes(&asked.public_key).to_vec();
        let to = now.saturating_add(Duration::from_secs(90 * 86_400)).unwrap();
        Ok(Issued { pem: String::new(), certificate: Fingerprint::of(&key), key, from: now, to })
    }

    fn authorities(&self) -> Result<String, IssueError> {
        Ok(String::new())
    }
}

struct World {
    fleet: Fleet,
    clock: Clock,
    tenancy: Tenancy,
    organization: OrganizationId,
    _folder: DataFolder,
    _dir: TempDir,
}

/// A box with its key, and what it was given.
struct Box_ {
    pair: KeyPair,
    given: Option<Certified>,
}

impl Box_ {
    fn new() -> Self {
        Self { pair: KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap(), given: None }
    }

    fn request(&self) -> Vec<u8> {
        CertificateParams::default().serialize_request(&self.pair).unwrap().der().to_vec()
    }

    fn certificate(&self) -> Fingerprint {
        Fingerprint::of(self.pair.public_key_raw())
    }

    fn signed(&self, request: &Signable<'_>, created: i64, nonce: &str) -> Signature {
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &self.pair.serialize_der()).unwrap();
        let params = SignatureParams { created, nonce: nonce.to_owned(), key_id: self.certificate().to_string() };
        let (base, input) = signature_base(request, &params).unwrap();
        let signature = key.sign(&SystemRandom::new(), base.as_bytes()).unwrap();
        Signature::parse(&input, &signature_value(signature.as_ref())).unwrap()
    }

    fn secret(&self) -> &str {
        self.given.as_ref().map_or("nzgw_none", |given| given.key.expose())
    }
}

const LOGS: Signable<'static> =
    Signable { method: "POST", path: "/v2/ingest/logs", query: None, digest: Some("sha-256=:AAAA:") };

impl World {
    async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let folder = DataFolder::lock(dir.path()).unwrap();
        let clock = Clock::fixed("2026-11-28T09:00:00Z".parse().unwrap());
        let store = Store::open(&folder).unwrap();
        let audit = Audit::new(dir.path(), store.clone(), clock.clone());
        let tenancy = Tenancy::open(store.clone(), clock.clone(), audit.clone()).unwrap();
        let fleet = Fleet::open(store, clock.clone(), audit, tenancy.clone(), Arc::new(PlainIssuer)).unwrap();
        let organization = made(&tenancy, "Registon Savdo").await;
        let world = Self { fleet, clock, tenancy, organization, _folder: folder, _dir: dir };
        world.pass(Duration::from_secs(60));
        world
    }

    fn pass(&self, time: Duration) {
        self.clock.set(self.clock.now().saturating_add(time).unwrap());
    }

    async fn invite(&self, name: &str) -> (GatewayId, String) {
        self.invite_into(self.organization, name).await
    }

    async fn invite_into(&self, organization: OrganizationId, name: &str) -> (GatewayId, String) {
        let (name, wait) = (DisplayName::parse(name).unwrap(), Duration::from_secs(3_600));
        let invitation = self.fleet.invite(&Actor::system(), organization, name, wait).await.unwrap();
        (invitation.gateway.id, invitation.secret.expose().to_owned())
    }

    async fn enroll(&self, secret: &str, one: &mut Box_) -> Result<(), FleetError> {
        let request = one.request();
        let joining = Joining { request: &request, host: "box-1", version: "0.1.0", address: None };
        one.given = Some(self.fleet.enroll(secret, &joining).await?);
        Ok(())
    }

    async fn joined(&self, name: &str) -> (GatewayId, Box_) {
        let (id, secret) = self.invite(name).await;
        let mut one = Box_::new();
        self.enroll(&secret, &mut one).await.unwrap();
        (id, one)
    }

    /// Shows everything as it should be.
    fn come(&self, one: &Box_, nonce: &str) -> Result<Peer, Refused> {
        let signature = one.signed(&LOGS, self.clock.now().as_second(), nonce);
        self.show(one.secret(), Some(one.certificate()), &signature, LOGS)
    }

    fn show(
        &self,
        secret: &str,
        certificate: Option<Fingerprint>,
        signature: &Signature,
        signable: Signable<'_>,
    ) -> Result<Peer, Refused> {
        let request = Request { signable, signature: Some(Ok(signature)) };
        self.fleet.authenticate(&Shown { secret, certificate, request }).map_err(|(_, refused)| refused)
    }
}

async fn made(tenancy: &Tenancy, name: &str) -> OrganizationId {
    let settings =
        Settings { name: OrganizationName::parse(name).unwrap(), zone: Zone::default(), language: Language::Uz };
    tenancy.create(&Actor::system(), settings).await.unwrap().id
}

#[tokio::test]
async fn a_box_joins_once_and_its_key_may_repeat_it() {
    let world = World::new().await;
    let (id, secret) = world.invite("Chilonzor").await;
    let mut first = Box_::new();
    world.enroll(&secret, &mut first).await.unwrap();
    assert_eq!(world.come(&first, "1"), Ok(Peer { organization: world.organization, gateway: id }));
    // The answer was lost: the same key asks again, and the key that it was given before is worth nothing.
    let before = first.secret().to_owned();
    world.enroll(&secret, &mut first).await.unwrap();
    assert_ne!(before, first.secret());
    assert!(world.come(&first, "2").is_ok());
    // Whoever found the token later is not let in.
    let second = world.enroll(&secret, &mut Box_::new()).await;
    assert!(matches!(second, Err(FleetError::NoInvitation)));
    let (_, secret) = world.invite("Yunusobod").await;
    world.pass(Duration::from_secs(3_600));
    let late = world.enroll(&secret, &mut Box_::new()).await;
    assert!(matches!(late, Err(FleetError::NoInvitation)));
    assert!(matches!(world.enroll("guess", &mut Box_::new()).await, Err(FleetError::NoInvitation)));
}

#[tokio::test]
async fn certificate_key_and_signature_must_be_of_one_gateway() {
    let world = World::new().await;
    let (_, one) = world.joined("Chilonzor").await;
    let (_, other) = world.joined("Yunusobod").await;
    let now = world.clock.now().as_second();
    let signature = one.signed(&LOGS, now, "n");
    let show = |secret: &str, certificate| world.show(secret, certificate, &signature, LOGS);
    assert_eq!(show("nzgw_guess", Some(one.certificate())), Err(Refused::UnknownKey));
    assert_eq!(show(one.secret(), None), Err(Refused::NoCertificate));
    assert_eq!(show(one.secret(), Some(other.certificate())), Err(Refused::OtherCertificate));
    assert_eq!(show(other.secret(), Some(one.certificate())), Err(Refused::OtherCertificate));
    let foreign = other.signed(&LOGS, now, "n");
    let refused = world.show(one.secret(), Some(one.certificate()), &foreign, LOGS);
    assert!(matches!(refused, Err(Refused::BadSignature(_))));
    let bare = Request { signable: LOGS, signature: None };
    let shown = Shown { secret: one.secret(), certificate: Some(one.certificate()), request: bare };
    assert_eq!(world.fleet.authenticate(&shown).map_err(|(_, refused)| refused), Err(Refused::NotSigned));
    // Nothing of what was refused has used the nonce up.
    assert!(show(one.secret(), Some(one.certificate())).is_ok());
}

#[tokio::test]
async fn a_signature_counts_once_for_what_it_was_made_for_and_now() {
    let world = World::new().await;
    let (_, one) = world.joined("Chilonzor").await;
    let now = world.clock.now().as_second();
    let show = |signature: &Signature, signable| world.show(one.secret(), Some(one.certificate()), signature, signable);
    let signature = one.signed(&LOGS, now, "a");
    for changed in [
        Signable { method: "PUT", ..LOGS },
        Signable { path: "/v2/gateway/renew", ..LOGS },
        Signable { query: Some("x=1"), ..LOGS },
        Signable { digest: Some("sha-256=:BBBB:"), ..LOGS },
    ] {
        assert!(matches!(show(&signature, changed), Err(Refused::BadSignature(_))), "{changed:?}");
    }
    assert!(show(&signature, LOGS).is_ok());
    assert_eq!(show(&signature, LOGS), Err(Refused::Replayed));
    assert_eq!(show(&one.signed(&LOGS, now + 301, "b"), LOGS), Err(Refused::Stale(301)));
    assert!(show(&one.signed(&LOGS, now + 300, "c"), LOGS).is_ok());
    world.pass(Duration::from_secs(301));
    assert_eq!(show(&one.signed(&LOGS, now, "d"), LOGS), Err(Refused::Stale(-301)));
    // After a restart nonces are forgotten, and what was signed before it is not taken.
    let before = one.signed(&LOGS, world.clock.now().as_second(), "e");
    let fleet = world.fleet.clone();
    let again = Fleet::open(fleet.store, fleet.clock, fleet.audit, fleet.tenancy, fleet.issuer).unwrap();
    let request = Request { signable: LOGS, signature: Some(Ok(&before)) };
    let shown = Shown { secret: one.secret(), certificate: Some(one.certificate()), request };
    assert_eq!(again.authenticate(&shown).map_err(|(_, refused)| refused), Err(Refused::Stale(0)));
}

#[tokio::test]
async fn a_new_certificate_takes_over_when_it_is_used_and_the_old_one_works_for_a_day_more() {
    let world = World::new().await;
    let (id, old) = world.joined("Chilonzor").await;
    let peer = world.come(&old, "1").unwrap();
    let renew = async |one: &mut Box_| {
        let request = one.request();
        let joining = Joining { request: &request, host: "box-1", version: "0.2.0", address: None };
        one.given = Some(world.fleet.renew(peer, &joining).await.unwrap());
    };
    // The answer to the first renewal was lost, and the line was away for longer than a month.
    renew(&mut Box_::new()).await;
    world.pass(Duration::from_secs(40 * 86_400));
    assert!(world.come(&old, "2").is_ok());
    let mut new = Box_::new();
    renew(&mut new).await;
    world.pass(Duration::from_secs(40 * 86_400));
    world.fleet.note_use().unwrap();
    assert!(world.come(&old, "3").is_ok(), "nobody has used the new one");
    assert!(world.come(&new, "4").is_ok());
    world.fleet.note_use().unwrap();
    world.pass(Duration::from_secs(86_400 - 1));
    assert!(world.come(&old, "5").is_ok());
    world.pass(Duration::from_secs(1));
    assert_eq!(world.come(&old, "6"), Err(Refused::OldKey));
    assert!(world.come(&new, "7").is_ok());
    let gateway = world.fleet.get(&Actor::system(), world.organization, id).await.unwrap();
    assert_eq!(gateway.enrolled.map(|enrolled| enrolled.version), Some("0.2.0".to_owned()));
}

#[tokio::test]
async fn whoever_is_suspended_waits_and_whoever_is_revoked_joins_anew() {
    let world = World::new().await;
    let (id, mut one) = world.joined("Chilonzor").await;
    let (fleet, actor, organization) = (&world.fleet, Actor::system(), world.organization);
    let mut changes = fleet.watch();
    changes.mark_unchanged();
    fleet.suspend(&actor, organization, id).await.unwrap();
    assert!(changes.has_changed().unwrap());
    assert_eq!(world.come(&one, "1"), Err(Refused::Suspended));
    assert!(!fleet.standing(Peer { organization, gateway: id }));
    fleet.resume(&actor, organization, id).await.unwrap();
    assert!(world.come(&one, "2").is_ok());
    assert!(matches!(fleet.remove(&actor, organization, id).await, Err(FleetError::WrongState { .. })));
    fleet.revoke(&actor, organization, id).await.unwrap();
    assert_eq!(world.come(&one, "3"), Err(Refused::Revoked));
    assert!(matches!(fleet.resume(&actor, organization, id).await, Err(FleetError::WrongState { .. })));
    // Another box in its place, with an empty disk; the one that was revoked stays out.
    let invitation = fleet.replace(&actor, organization, id, Duration::from_secs(3_600)).await.unwrap();
    let mut another = Box_::new();
    world.enroll(invitation.secret.expose(), &mut another).await.unwrap();
    assert!(world.come(&another, "4").is_ok());
    assert_eq!(world.come(&one, "5"), Err(Refused::UnknownKey));
    one.given = another.given.take();
    assert_eq!(world.come(&one, "6"), Err(Refused::OtherCertificate));
    fleet.revoke(&actor, organization, id).await.unwrap();
    fleet.remove(&actor, organization, id).await.unwrap();
    assert!(matches!(fleet.get(&actor, organization, id).await, Err(FleetError::Unknown(_))));
}

#[tokio::test]
async fn what_a_replaced_box_has_sealed_is_believed_unless_it_was_revoked() {
    let world = World::new().await;
    let (fleet, actor, organization) = (&world.fleet, Actor::system(), world.organization);
    let (id, first) = world.joined("Chilonzor").await;
    let seal = |one: &Box_| key_id(Fingerprint::of(one.secret().as_bytes()).as_bytes());
    let found = |id: &str| fleet.find_seal(id).map(|found| (found.peer.gateway, found.state));
    assert_eq!(found(&seal(&first)), Some((id, GatewayState::Active)));
    let replace = async || {
        let invitation = fleet.replace(&actor, organization, id, Duration::from_secs(3_600)).await.unwrap();
        let mut another = Box_::new();
        world.enroll(invitation.secret.expose(), &mut another).await.unwrap();
        another
    };
    let second = replace().await;
    assert!(found(&seal(&first)).is_some() && found(&seal(&second)).is_some());
    fleet.revoke(&actor, organization, id).await.unwrap();
    assert_eq!(found(&seal(&second)), Some((id, GatewayState::Revoked)), "known, to be refused with the reason");
    let third = replace().await;
    assert_eq!((found(&seal(&first)), found(&seal(&second))), (None, None));
    assert_eq!(found(&seal(&third)), Some((id, GatewayState::Active)));
}

#[tokio::test]
async fn a_key_without_a_certificate_is_for_organizations_that_allow_it() {
    let world = World::new().await;
    let other = made(&world.tenancy, "Samarqand ofis").await;
    let (_, one) = world.joined("Chilonzor").await;
    let (_, secret) = world.invite_into(other, "Chilonzor").await;
    let mut theirs = Box_::new();
    world.enroll(&secret, &mut theirs).await.unwrap();
    let come = |one: &Box_, nonce| {
        let signature = one.signed(&LOGS, world.clock.now().as_second(), nonce);
        world.show(one.secret(), None, &signature, LOGS)
    };
    assert_eq!(come(&one, "1"), Err(Refused::NoCertificate));
    let actor = Actor::system();
    world.fleet.allow_without_certificate(&actor, world.organization, true).await.unwrap();
    assert!(come(&one, "2").is_ok());
    assert_eq!(come(&theirs, "3"), Err(Refused::NoCertificate), "another organization decides for itself");
    world.tenancy.deactivate(&actor, world.organization).await.unwrap();
    assert_eq!(come(&one, "4"), Err(Refused::UnknownKey));
}

#[tokio::test]
async fn names_are_given_once_in_an_organization() {
    let world = World::new().await;
    let other = made(&world.tenancy, "Samarqand ofis").await;
    let (id, _) = world.invite("Chilonzor").await;
    world.invite_into(other, "Chilonzor").await;
    let name = |text| DisplayName::parse(text).unwrap();
    let (fleet, actor, wait) = (&world.fleet, Actor::system(), Duration::from_secs(60));
    let again = fleet.invite(&actor, world.organization, name("CHILONZOR"), wait).await;
    assert!(matches!(again, Err(FleetError::NameTaken(_))));
    fleet.rename(&actor, world.organization, id, name("Chilonzor")).await.unwrap();
    assert_eq!(fleet.list(&actor, other).await.unwrap()[0].state, GatewayState::Invited);
    assert!(matches!(fleet.rename(&actor, other, id, name("X")).await, Err(FleetError::Unknown(_))));
}
