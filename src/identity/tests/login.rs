//! Signing in, with right and with wrong passwords.

use std::net::IpAddr;

use super::Office;
use super::PASSWORD;
use crate::identity::IdentityError;
use crate::identity::LoginError;
use crate::identity::PasswordChange;
use crate::kernel::Classify as _;
use crate::kernel::SecretText;

impl Office {
    async fn try_login(&self, login: &str, password: &str, address: &str) -> Result<(), LoginError> {
        let address: Option<IpAddr> = address.parse().ok();
        self.identity.login.sign_in(login, &SecretText::new(password), address).await.map(drop)
    }
}

#[tokio::test]
async fn whoever_is_wrong_hears_the_same() {
    let office = Office::new().await;
    let malika = office.hr().await;
    office.try_login(" MALIKA", PASSWORD, "10.0.0.1").await.unwrap();
    let seen = office.identity.operators.find(malika.id).unwrap().last_login_at;
    assert_eq!(seen, Some(office.clock.now()));
    office.identity.operators.deactivate(&office.admin.actor(), malika.id).await.unwrap();
    for (login, password) in [("malika", PASSWORD), ("aziz", "wrong password"), ("nobody", PASSWORD), ("", "")] {
        let refused = office.try_login(login, password, "10.0.0.1").await.unwrap_err();
        assert_eq!(refused.to_string(), "login or password is wrong");
    }
}

#[tokio::test]
async fn f37_guessing_locks_the_login_for_that_address_and_for_nobody_else() {
    let office = Office::new().await;
    for _ in 0..5 {
        assert!(matches!(office.try_login("aziz", "wrong password", "10.0.0.1").await, Err(LoginError::Refused)));
    }
    let locked = office.try_login("aziz", PASSWORD, "10.0.0.1").await.unwrap_err();
    assert!(matches!(locked, LoginError::TooMany { retry_after_secs: 60 }));
    office.try_login("aziz", PASSWORD, "10.0.0.2").await.unwrap();
    office.forward(60);
    office.try_login("aziz", PASSWORD, "10.0.0.1").await.unwrap();
}

#[tokio::test]
async fn many_guesses_at_once_do_not_slip_through() {
    let office = Office::new().await;
    let guesses = (0..30).map(|_| office.try_login("aziz", "wrong password", "10.0.0.1"));
    let answers = futures_util::future::join_all(guesses).await;
    let refused = answers.iter().filter(|answer| matches!(answer, Err(LoginError::Refused))).count();
    assert_eq!(refused, 5);
}

#[tokio::test]
async fn what_was_typed_as_an_unknown_login_is_not_written_down() {
    let office = Office::new().await;
    office.try_login("my-secret-password", "aziz", "10.0.0.1").await.unwrap_err();
    office.try_login("aziz", "wrong password", "10.0.0.1").await.unwrap_err();
    office.try_login("aziz", PASSWORD, "10.0.0.1").await.unwrap();
    let mut actions = office.actions().await;
    actions.retain(|action| action.starts_with("login."));
    assert_eq!(actions, ["login.refused", "login.refused", "login.succeeded"]);
    assert!(!office.holds("my-secret-password") && !office.holds("wrong password"));
}

#[tokio::test]
async fn a_changed_password_replaces_the_old_one() {
    let office = Office::new().await;
    let change = |current: &str, new: &str| PasswordChange {
        current: SecretText::new(current),
        new: SecretText::new(new),
        keep: None,
    };
    let (actor, operators) = (office.admin.actor(), &office.identity.operators);
    let wrong = operators.change_password(&actor, change("wrong password", "another long road")).await.unwrap_err();
    assert!(matches!(wrong, IdentityError::WrongPassword));
    assert_eq!(wrong.field(), Some("current_password"));
    operators.change_password(&actor, change(PASSWORD, "another long road")).await.unwrap();
    assert!(office.try_login("aziz", PASSWORD, "10.0.0.1").await.is_err());
    office.try_login("aziz", "another long road", "10.0.0.1").await.unwrap();
}

#[tokio::test]
async fn the_current_password_cannot_be_guessed_from_a_stolen_session() {
    let office = Office::new().await;
    let mut answers = Vec::new();
    for _ in 0..6 {
        let change = PasswordChange {
            current: SecretText::new("wrong password"),
            new: SecretText::new("another long road"),
            keep: None,
        };
        let refused = office.identity.operators.change_password(&office.admin.actor(), change).await.unwrap_err();
        answers.push(refused.code());
    }
    assert_eq!(answers[4..], ["wrong_password", "too_many_attempts"]);
}
