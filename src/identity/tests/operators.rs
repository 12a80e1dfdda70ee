//! Operators and the first run.

use super::Office;
use super::PASSWORD;
use super::first_run;
use super::new_operator;
use super::settings;
use crate::identity::Assignment;
use crate::identity::IdentityError;
use crate::identity::OperatorChange;
use crate::identity::PasswordError;
use crate::kernel::Access;
use crate::kernel::Actor;
use crate::kernel::Classify as _;
use crate::kernel::Kind;
use crate::kernel::Language;
use crate::kernel::PageRequest;
use crate::kernel::Role;
use crate::kernel::SecretText;

const EVERYTHING: PageRequest = PageRequest { limit: 500, after: None };

#[tokio::test]
async fn the_first_run_happens_once() {
    let mut office = Office::new().await;
    assert!(!office.identity.needs_first_run());
    assert_eq!(office.admin.assignment, Assignment::Admin);
    let again = office.identity.first_run(first_run()).await;
    assert!(matches!(again, Err(IdentityError::AlreadySetUp)));
    office.reopen();
    assert!(!office.identity.needs_first_run());
    assert_eq!(office.actions().await, ["organization.create", "first_run"]);
}

#[tokio::test]
async fn two_first_runs_at_once_are_one() {
    let office = Office::fresh();
    let mut second = first_run();
    second.organization = settings("Chorsu");
    let (one, other) = tokio::join!(office.identity.first_run(first_run()), office.identity.first_run(second));
    assert!(one.is_ok() && matches!(other, Err(IdentityError::AlreadySetUp)));
    assert_eq!(office.tenancy.list_all().len(), 1);
}

#[tokio::test]
async fn a_first_run_that_was_refused_can_be_done_again() {
    let office = Office::fresh();
    let mut weak = first_run();
    weak.password = SecretText::new("12345");
    assert!(office.identity.first_run(weak).await.is_err());
    assert!(office.tenancy.list_all().is_empty());
    office.identity.first_run(first_run()).await.unwrap();
}

#[tokio::test]
async fn a_login_is_given_once_whatever_the_letter_case() {
    let office = Office::new().await;
    office.hr().await;
    let taken = office.operator("MALIKA", Assignment::Admin).await.unwrap_err();
    assert_eq!((taken.code(), taken.field()), ("login_taken", Some("login")));
    assert!(office.identity.operators.find_by_login(" Malika").is_some());
}

#[tokio::test]
async fn the_last_active_administrator_stays() {
    let office = Office::new().await;
    let (admin, id) = (office.admin.actor(), office.admin.id);
    let operators = &office.identity.operators;
    let demoted = OperatorChange {
        display_name: office.admin.display_name.clone(),
        assignment: Assignment::Hr(office.organization),
        language: Language::Ru,
    };
    assert!(matches!(operators.remove(&admin, id).await, Err(IdentityError::LastAdmin(_))));
    assert!(matches!(operators.deactivate(&admin, id).await, Err(IdentityError::LastAdmin(_))));
    assert!(matches!(operators.update(&admin, id, demoted).await, Err(IdentityError::LastAdmin(_))));
    assert!(operators.find_active(id).is_some_and(|same| same.assignment == Assignment::Admin));
    let second = office.operator("second", Assignment::Admin).await.unwrap();
    operators.deactivate(&admin, id).await.unwrap();
    assert!(matches!(operators.remove(&admin, second.id).await, Err(IdentityError::LastAdmin(_))));
    operators.remove(&second.actor(), id).await.unwrap();
}

#[tokio::test]
async fn only_an_administrator_makes_operators() {
    let office = Office::new().await;
    let malika = office.hr().await;
    let reader = office.admin.actor().with_access(Access::ReadOnly);
    for actor in [malika.actor(), reader] {
        let new = new_operator("guard", Assignment::Guard(office.organization));
        let refused = office.identity.operators.create(&actor, new).await.unwrap_err();
        assert_eq!(refused.kind(), Kind::Forbidden);
    }
}

#[tokio::test]
async fn operators_of_others_do_not_exist() {
    let office = Office::new().await;
    let malika = office.hr().await;
    let other = office.tenancy.create(&Actor::system(), settings("Chorsu")).await.unwrap();
    let foreign = office.operator("zafar", Assignment::Hr(other.id)).await.unwrap();
    let operators = &office.identity.operators;
    let listed = operators.list(&malika.actor(), None, &EVERYTHING).unwrap();
    assert_eq!((listed.items.len(), &listed.items[0]), (1, &malika));
    for hidden in [foreign.id, office.admin.id] {
        assert_eq!(operators.get(&malika.actor(), hidden).unwrap_err().kind(), Kind::NotFound);
    }
    let of_other = operators.list(&office.admin.actor(), Some(other.id), &EVERYTHING).unwrap();
    assert_eq!(of_other.items, [foreign]);
    let nowhere = Assignment::Guard(crate::kernel::OrganizationId::new(99));
    assert_eq!(office.operator("nobody", nowhere).await.unwrap_err().kind(), Kind::NotFound);
}

#[tokio::test]
async fn a_changed_role_holds_at_once() {
    let office = Office::new().await;
    let malika = office.hr().await;
    let change = OperatorChange {
        display_name: malika.display_name.clone(),
        assignment: Assignment::Guard(office.organization),
        language: Language::Ru,
    };
    office.identity.operators.update(&office.admin.actor(), malika.id, change).await.unwrap();
    let now = office.identity.operators.find_active(malika.id).unwrap();
    assert_eq!(now.actor().role(), Some(Role::Guard));
    assert_eq!(now.language, Language::Ru);
}

#[tokio::test]
async fn an_inactive_organization_lets_nobody_in() {
    let office = Office::new().await;
    let malika = office.hr().await;
    let system = Actor::system();
    office.tenancy.deactivate(&system, office.organization).await.unwrap();
    assert!(office.identity.operators.find_active(malika.id).is_none());
    assert!(office.identity.operators.find_active(office.admin.id).is_some());
    office.tenancy.activate(&system, office.organization).await.unwrap();
    assert!(office.identity.operators.find_active(malika.id).is_some());
}

#[tokio::test]
async fn an_organization_takes_its_operators_with_it() {
    let mut office = Office::new().await;
    let malika = office.hr().await;
    let removal = office.identity.consequences(&office.admin.actor(), office.organization).await.unwrap();
    assert_eq!((removal.operators, removal.api_keys), (1, 0));
    office.tenancy.create(&Actor::system(), settings("Chorsu")).await.unwrap();
    office.tenancy.begin_removal(&office.admin.actor(), office.organization).await.unwrap();
    assert!(office.identity.operators.find_active(malika.id).is_none());
    assert_eq!(office.identity.leave_organization(office.organization).await.unwrap(), 1);
    assert_eq!(office.identity.leave_organization(office.organization).await.unwrap(), 0);
    office.tenancy.finish_removal(office.organization).await.unwrap();
    office.reopen();
    assert!(office.identity.operators.find(malika.id).is_none());
    assert!(!office.identity.needs_first_run());
}

#[tokio::test]
async fn a_weak_password_is_refused_everywhere() {
    let office = Office::new().await;
    let malika = office.hr().await;
    let mut weak = new_operator("guard", Assignment::Guard(office.organization));
    weak.password = SecretText::new("guard12345");
    let operators = &office.identity.operators;
    let refused = operators.create(&office.admin.actor(), weak).await.unwrap_err();
    assert!(matches!(refused, IdentityError::Password(PasswordError::IsLogin | PasswordError::Common)));
    let short = operators.reset_password(&office.admin.actor(), malika.id, SecretText::new("short")).await;
    assert!(matches!(short, Err(IdentityError::Password(PasswordError::TooShort))));
}

#[tokio::test]
async fn what_is_done_to_operators_is_recorded_without_secrets() {
    let office = Office::new().await;
    let malika = office.hr().await;
    let (admin, operators) = (office.admin.actor(), &office.identity.operators);
    operators.reset_password(&admin, malika.id, SecretText::new("another long road")).await.unwrap();
    operators.deactivate(&admin, malika.id).await.unwrap();
    operators.activate(&admin, malika.id).await.unwrap();
    operators.remove(&admin, malika.id).await.unwrap();
    assert_eq!(
        office.actions().await[2..],
        ["operator.create", "operator.reset_password", "operator.deactivate", "operator.activate", "operator.remove"]
    );
    assert!(!office.holds(PASSWORD) && !office.holds("another long road"));
    assert!(office.holds("operator.deactivate"));
}
