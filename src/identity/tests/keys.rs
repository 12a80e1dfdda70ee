//! API keys and personal tokens.

use super::Office;
use super::settings;
use crate::identity::Assignment;
use crate::identity::DisplayName;
use crate::identity::IdentityError;
use crate::identity::IssuedKey;
use crate::identity::KeyState;
use crate::identity::NewToken;
use crate::kernel::Access;
use crate::kernel::Actor;
use crate::kernel::ApiKeyId;
use crate::kernel::Classify as _;
use crate::kernel::Kind;
use crate::kernel::PageRequest;
use crate::kernel::Permission;
use crate::kernel::Role;
use crate::kernel::SecretText;

impl Office {
    async fn key(&self) -> IssuedKey {
        let name = DisplayName::parse("Main office").unwrap();
        self.identity.api_keys.create(&self.admin.actor(), self.organization, name).await.unwrap()
    }

    fn opens(&self, secret: &SecretText) -> bool {
        self.identity.api_keys.authenticate(secret.expose(), self.clock.now()).is_some()
    }
}

fn token(access: Access, days: u16) -> NewToken {
    NewToken { name: DisplayName::parse("Grafana").unwrap(), access, days }
}

#[tokio::test]
async fn a_key_opens_its_organization_and_nothing_else() {
    let mut office = Office::new().await;
    let issued = office.key().await;
    office.reopen();
    let key = office.identity.api_keys.authenticate(issued.secret.expose(), office.clock.now()).unwrap();
    assert_eq!((key.id, key.organization, &*key.source), (ApiKeyId::new(1), office.organization, "key:1"));
    assert!(!key.actor().may(Permission::ReadPeople));
    for wrong in ["", "nzk_", "nzk_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", &issued.secret.expose().to_uppercase()] {
        assert!(office.identity.api_keys.authenticate(wrong, office.clock.now()).is_none(), "{wrong}");
    }
}

#[tokio::test]
async fn f37_a_rotated_key_overlaps_for_a_day_and_a_revoked_one_ends_now() {
    let mut office = Office::new().await;
    let old = office.key().await;
    let (admin, own, keys) = (office.admin.actor(), office.organization, office.identity.api_keys.clone());
    let new = keys.rotate(&admin, own, old.key.id).await.unwrap();
    assert!(matches!(new.key.state, KeyState::Rotating { .. }));
    assert!(office.opens(&old.secret) && office.opens(&new.secret));
    office.forward(24 * 3600 - 1);
    assert!(office.opens(&old.secret) && office.opens(&new.secret));
    office.forward(1);
    assert!(!office.opens(&old.secret) && office.opens(&new.secret));
    keys.revoke(&admin, own, old.key.id).await.unwrap();
    assert!(!office.opens(&new.secret));
    office.reopen();
    assert!(!office.opens(&old.secret) && !office.opens(&new.secret));
    let again = office.identity.api_keys.rotate(&admin, own, old.key.id).await;
    assert!(matches!(again, Err(IdentityError::KeyRevoked(_))));
    assert_eq!(office.actions().await[2..], ["api_key.create", "api_key.rotate", "api_key.revoke"]);
}

#[tokio::test]
async fn a_second_rotation_ends_the_oldest_secret() {
    let office = Office::new().await;
    let first = office.key().await;
    let (admin, own, keys) = (office.admin.actor(), office.organization, &office.identity.api_keys);
    let second = keys.rotate(&admin, own, first.key.id).await.unwrap();
    let third = keys.rotate(&admin, own, first.key.id).await.unwrap();
    assert!(!office.opens(&first.secret) && office.opens(&second.secret) && office.opens(&third.secret));
}

#[tokio::test]
async fn an_organization_that_rests_or_goes_takes_its_keys_with_it() {
    let office = Office::new().await;
    let issued = office.key().await;
    let system = Actor::system();
    office.tenancy.deactivate(&system, office.organization).await.unwrap();
    assert!(!office.opens(&issued.secret));
    office.tenancy.activate(&system, office.organization).await.unwrap();
    assert!(office.opens(&issued.secret));
    office.tenancy.create(&system, settings("Chorsu")).await.unwrap();
    office.tenancy.begin_removal(&system, office.organization).await.unwrap();
    assert!(!office.opens(&issued.secret));
}

#[tokio::test]
async fn the_use_of_a_key_is_seen_at_once_and_written_down_later() {
    let mut office = Office::new().await;
    let issued = office.key().await;
    office.forward(100);
    assert!(office.opens(&issued.secret));
    let used = Some(office.clock.now());
    let page = || PageRequest { limit: 10, after: None };
    let (admin, own) = (office.admin.actor(), office.organization);
    let listed = office.identity.api_keys.list(&admin, own, page()).await.unwrap();
    assert_eq!(listed.items[0].last_used_at, used);
    office.identity.upkeep().await.unwrap();
    office.reopen();
    let listed = office.identity.api_keys.list(&admin, own, page()).await.unwrap();
    assert_eq!(listed.items[0].last_used_at, used);
    assert_eq!(listed.items[0].hint, issued.secret.expose()[..8]);
}

#[tokio::test]
async fn keys_are_for_administrators_of_organizations_that_exist() {
    let office = Office::new().await;
    let malika = office.hr().await;
    let page = || PageRequest { limit: 10, after: None };
    let keys = &office.identity.api_keys;
    let refused = keys.list(&malika.actor(), office.organization, page()).await.unwrap_err();
    assert_eq!(refused.kind(), Kind::Forbidden);
    let nowhere = crate::kernel::OrganizationId::new(99);
    let unknown = keys.list(&office.admin.actor(), nowhere, page()).await.unwrap_err();
    assert_eq!(unknown.kind(), Kind::NotFound);
    let missing = keys.revoke(&office.admin.actor(), office.organization, ApiKeyId::new(9)).await.unwrap_err();
    assert_eq!(missing.kind(), Kind::NotFound);
}

#[tokio::test]
async fn no_secret_is_on_the_disk_or_in_a_debug_line() {
    let office = Office::new().await;
    let key = office.key().await;
    let admin = office.admin.actor();
    let new = token(Access::Full, 1);
    let token = office.identity.tokens.create(&admin, office.admin.id, new).await.unwrap();
    for (secret, debug) in [(&key.secret, format!("{key:?}")), (&token.secret, format!("{token:?}"))] {
        assert!(!office.holds(secret.expose()));
        assert!(!debug.contains(secret.expose()));
        assert!(office.holds(&secret.fingerprint().to_string()));
    }
}

#[tokio::test]
async fn a_token_is_its_operator_as_they_are_now() {
    let mut office = Office::new().await;
    let malika = office.hr().await;
    let actor = malika.actor();
    let issued = office.identity.tokens.create(&actor, malika.id, token(Access::ReadOnly, 30)).await.unwrap();
    office.reopen();
    let come_in = |office: &Office| office.identity.tokens.authenticate(issued.secret.expose(), office.clock.now());
    let signed_in = come_in(&office).unwrap();
    assert_eq!(signed_in.actor.role(), Some(Role::Hr));
    assert!(signed_in.actor.may(Permission::ReadPeople) && !signed_in.actor.may(Permission::EditPeople));
    let refused = office.identity.tokens.create(&signed_in.actor, malika.id, token(Access::Full, 30)).await;
    assert_eq!(refused.unwrap_err().code(), "read_only_token");
    let admin = office.admin.actor();
    office.identity.operators.deactivate(&admin, malika.id).await.unwrap();
    assert!(come_in(&office).is_none());
    office.identity.operators.activate(&admin, malika.id).await.unwrap();
    assert!(come_in(&office).is_some());
    office.forward(30 * 24 * 3600);
    assert!(come_in(&office).is_none());
    office.identity.upkeep().await.unwrap();
    assert!(office.identity.tokens.list(&actor, malika.id).unwrap().is_empty());
}

#[tokio::test]
async fn tokens_are_ones_own() {
    let office = Office::new().await;
    let malika = office.hr().await;
    let guard = office.operator("guard", Assignment::Guard(office.organization)).await.unwrap();
    let tokens = &office.identity.tokens;
    let issued = tokens.create(&malika.actor(), malika.id, token(Access::Full, 365)).await.unwrap();
    assert_eq!(tokens.list(&malika.actor(), malika.id).unwrap()[0], issued.token);
    let other_name = tokens.create(&office.admin.actor(), malika.id, token(Access::Full, 1)).await.unwrap_err();
    assert_eq!(other_name.kind(), Kind::Forbidden);
    tokens.create(&Actor::system(), guard.id, token(Access::Full, 1)).await.unwrap();
    assert_eq!(tokens.list(&guard.actor(), malika.id).unwrap_err().kind(), Kind::Forbidden);
    let foreign = tokens.revoke(&guard.actor(), guard.id, issued.token.id).await.unwrap_err();
    assert_eq!(foreign.kind(), Kind::NotFound);
    for days in [0, 366] {
        let refused = tokens.create(&malika.actor(), malika.id, token(Access::Full, days)).await;
        assert!(matches!(refused, Err(IdentityError::TokenLife)));
    }
    tokens.revoke(&office.admin.actor(), malika.id, issued.token.id).await.unwrap();
    assert!(tokens.authenticate(issued.secret.expose(), office.clock.now()).is_none());
    let other = office.tenancy.create(&Actor::system(), settings("Chorsu")).await.unwrap();
    assert!(office.identity.api_keys.count(&Actor::system(), other.id).await.unwrap() == 0);
}
