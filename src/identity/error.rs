//! What the verbs of identity answer when they cannot.

use crate::identity::model::AssignmentError;
use crate::identity::model::NameError;
use crate::identity::password::PasswordError;
use crate::kernel::ApiKeyId;
use crate::kernel::Classify;
use crate::kernel::CursorError;
use crate::kernel::Denied;
use crate::kernel::Kind;
use crate::kernel::OperatorId;
use crate::kernel::TokenId;
use crate::store::StoreError;
use crate::tenancy::TenancyError;

/// A verb of identity failed.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// No such operator, or not in the actor's view.
    #[error("operator {0} does not exist")]
    UnknownOperator(OperatorId),
    /// No such key in this organization.
    #[error("API key {0} does not exist")]
    UnknownKey(ApiKeyId),
    /// No such token of this operator.
    #[error("token {0} does not exist")]
    UnknownToken(TokenId),
    /// No such session of this operator.
    #[error("session does not exist")]
    UnknownSession,
    /// The actor is no person who signed in.
    #[error("actor is not an operator")]
    NotAnOperator,
    /// Another operator has the login.
    #[error("login {0:?} already exists")]
    LoginTaken(String),
    /// Somebody must be able to administrate.
    #[error("operator {0} is the last active ADMIN")]
    LastAdmin(OperatorId),
    /// The current password was not typed correctly.
    #[error("current password is wrong")]
    WrongPassword,
    /// Wrong passwords were typed too often.
    #[error("too many wrong passwords, wait {retry_after_secs} s")]
    TooManyAttempts {
        /// How long to wait.
        retry_after_secs: u64,
    },
    /// A revoked key cannot be rotated.
    #[error("API key {0} is revoked")]
    KeyRevoked(ApiKeyId),
    /// Tokens live 1 to 365 days.
    #[error("token needs 1 to 365 days")]
    TokenLife,
    /// Enough is enough.
    #[error("there are already {0} of them; revoke one first")]
    TooMany(usize),
    /// The first run was already done.
    #[error("first run was already done")]
    AlreadySetUp,
    /// The new password is no good.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// A name is no name.
    #[error(transparent)]
    Name(#[from] NameError),
    /// Role and place do not belong together.
    #[error(transparent)]
    Assignment(#[from] AssignmentError),
    /// The organization is at fault.
    #[error(transparent)]
    Tenancy(#[from] TenancyError),
    /// The cursor is of another list.
    #[error(transparent)]
    Cursor(#[from] CursorError),
    /// The actor may not.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The session could not be read or written.
    #[error("session could not be kept")]
    Session(#[source] tower_sessions::session::Error),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Classify for IdentityError {
    fn kind(&self) -> Kind {
        match self {
            Self::UnknownOperator(_) | Self::UnknownKey(_) | Self::UnknownToken(_) | Self::UnknownSession => {
                Kind::NotFound
            }
            Self::NotAnOperator => Kind::Forbidden,
            Self::LoginTaken(_) | Self::LastAdmin(_) | Self::KeyRevoked(_) | Self::AlreadySetUp | Self::TooMany(_) => {
                Kind::Conflict
            }
            Self::TooManyAttempts { .. } => Kind::TooMany,
            Self::WrongPassword | Self::TokenLife | Self::Name(_) | Self::Assignment(_) | Self::Cursor(_) => {
                Kind::Invalid
            }
            Self::Password(password) => password.kind(),
            Self::Tenancy(tenancy) => tenancy.kind(),
            Self::Denied(denied) => denied.kind(),
            Self::Session(_) | Self::Store(_) => Kind::Internal,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::UnknownOperator(_) | Self::UnknownKey(_) | Self::UnknownToken(_) | Self::UnknownSession => {
                "not_found"
            }
            Self::NotAnOperator => "forbidden",
            Self::LoginTaken(_) => "login_taken",
            Self::LastAdmin(_) => "last_admin",
            Self::KeyRevoked(_) => "key_revoked",
            Self::AlreadySetUp => "already_set_up",
            Self::TooMany(_) => "too_many_objects",
            Self::TooManyAttempts { .. } => "too_many_attempts",
            Self::WrongPassword => "wrong_password",
            Self::TokenLife => "invalid_token_life",
            Self::Password(password) => password.code(),
            Self::Name(NameError::Login) => "invalid_login",
            Self::Name(NameError::Display) => "invalid_name",
            Self::Assignment(_) => "invalid_assignment",
            Self::Tenancy(tenancy) => tenancy.code(),
            Self::Cursor(_) => "invalid_cursor",
            Self::Denied(denied) => denied.code(),
            Self::Session(_) => "session_failed",
            Self::Store(store) => store.code(),
        }
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::LoginTaken(_) | Self::Name(NameError::Login) => Some("login"),
            Self::Name(NameError::Display) => Some("name"),
            Self::WrongPassword => Some("current_password"),
            Self::Password(password) => password.field(),
            Self::TokenLife => Some("expires_in_days"),
            Self::Assignment(AssignmentError::NeedsDepartment | AssignmentError::NoDepartment(_)) => {
                Some("department_id")
            }
            Self::Assignment(_) => Some("organization_id"),
            Self::Tenancy(tenancy) => tenancy.field(),
            _ => None,
        }
    }
}
