//! Signing in: one verb, one error for all that can be wrong with a login or password.

use std::net::IpAddr;
use std::sync::Arc;

use crate::audit::Entry;
use crate::identity::error::IdentityError;
use crate::identity::model::Operator;
use crate::identity::operators::Operators;
use crate::identity::password::PasswordError;
use crate::identity::service::Context;
use crate::kernel::Actor;
use crate::kernel::Classify;
use crate::kernel::Kind;
use crate::kernel::SecretText;

/// Signing in with a password. Cheap to clone.
#[derive(Clone)]
pub struct Login {
    context: Context,
    operators: Operators,
}

/// Nobody was signed in.
#[derive(Debug, thiserror::Error)]
pub enum LoginError {
    /// Wrong login, wrong password, or not active: which of them stays unsaid.
    #[error("login or password is wrong")]
    Refused,
    /// Tried too often.
    #[error("too many attempts, wait {retry_after_secs} s")]
    TooMany {
        /// How long to wait.
        retry_after_secs: u64,
    },
    /// Too many people sign in at the same time.
    #[error("too many logins at the same time")]
    Busy,
    /// It failed inside.
    #[error("login could not be checked")]
    Failed(#[source] IdentityError),
}

impl Classify for LoginError {
    fn kind(&self) -> Kind {
        match self {
            LoginError::Refused => Kind::Unauthenticated,
            LoginError::TooMany { .. } => Kind::TooMany,
            LoginError::Busy => Kind::Unavailable,
            LoginError::Failed(_) => Kind::Internal,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            LoginError::Refused => "login_refused",
            LoginError::TooMany { .. } => "too_many_attempts",
            LoginError::Busy => "busy",
            LoginError::Failed(inside) => inside.code(),
        }
    }
}

impl Login {
    pub(super) fn new(context: Context, operators: Operators) -> Self {
        Self { context, operators }
    }

    /// The operator to whom login and password belong. A session is begun by `Sessions::begin`.
    pub async fn sign_in(
        &self,
        login: &str,
        password: &SecretText,
        address: Option<IpAddr>,
    ) -> Result<Arc<Operator>, LoginError> {
        let now = self.context.clock.now();
        if let Err(retry_after_secs) = self.context.throttle.admit(login, address, now) {
            return Err(LoginError::TooMany { retry_after_secs });
        }
        let operator = self.operators.find_by_login(login);
        let stored = match &operator {
            Some(operator) => self.operators.password_hash(operator.id).await.map_err(LoginError::Failed)?,
            None => None,
        };
        let matches = self.context.hasher.verify(password, stored).await.map_err(|problem| {
            self.context.throttle.take_back(login, address);
            match problem {
                PasswordError::Busy => LoginError::Busy,
                other => LoginError::Failed(other.into()),
            }
        })?;
        let Some(operator) = operator.filter(|operator| matches && self.operators.may_come_in(operator)) else {
            self.note_refusal(login, address).await;
            return Err(LoginError::Refused);
        };
        self.context.throttle.succeeded(login, address, now);
        self.operators.note_login(operator.id, now).await.map_err(LoginError::Failed)?;
        metrics::counter!("nazorat_logins_total", "outcome" => "succeeded").increment(1);
        let entry = Entry::new("login.succeeded").of(operator.assignment.organization()).on("operator", operator.id);
        self.context.audit.record(&operator.actor().at(address), entry).await;
        Ok(operator)
    }

    /// What was typed as a login may be a password; only logins that exist are written down.
    async fn note_refusal(&self, login: &str, address: Option<IpAddr>) {
        metrics::counter!("nazorat_logins_total", "outcome" => "refused").increment(1);
        match self.operators.find_by_login(login) {
            Some(operator) => {
                let own = operator.assignment.organization();
                let entry = Entry::new("login.refused").of(own).on("operator", operator.id);
                self.context.audit.record(&Actor::system().at(address), entry).await;
            }
            None => {
                self.context.audit.record_rarely(&Actor::system().at(address), Entry::new("login.refused")).await;
            }
        }
    }
}
