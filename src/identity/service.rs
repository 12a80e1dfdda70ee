//! The whole of identity put together: first run, upkeep, leaving organizations.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::audit::Audit;
use crate::audit::Entry;
use crate::identity::api_keys::ApiKeys;
use crate::identity::error::IdentityError;
use crate::identity::login::Login;
use crate::identity::model::Assignment;
use crate::identity::model::DisplayName;
use crate::identity::model::LoginName;
use crate::identity::model::NewOperator;
use crate::identity::model::Operator;
use crate::identity::operators::Operators;
use crate::identity::password::Hasher;
use crate::identity::sessions::Sessions;
use crate::identity::throttle::Throttle;
use crate::identity::tokens::Tokens;
use crate::kernel::Actor;
use crate::kernel::Clock;
use crate::kernel::Language;
use crate::kernel::OrganizationId;
use crate::kernel::Permission;
use crate::kernel::SecretText;
use crate::runtime::Lifecycle;
use crate::runtime::Nudge;
use crate::runtime::every;
use crate::store::Store;
use crate::store::StoreError;
use crate::tenancy::Organization;
use crate::tenancy::Settings;
use crate::tenancy::Tenancy;

/// What the administrator may set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// A session ends after this time, whatever happens.
    pub session_lifetime: Duration,
    /// A session ends when nobody used it for this long.
    pub session_idle: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self { session_lifetime: Duration::from_secs(12 * 3600), session_idle: Duration::from_secs(3600) }
    }
}

/// What every verb of identity needs.
#[derive(Clone)]
pub(super) struct Context {
    pub(super) store: Store,
    pub(super) clock: Clock,
    pub(super) audit: Audit,
    pub(super) tenancy: Tenancy,
    pub(super) hasher: Hasher,
    pub(super) throttle: Throttle,
    pub(super) config: Config,
}

/// Everybody who may come in. Cheap to clone.
#[derive(Clone)]
pub struct Identity {
    /// People.
    pub operators: Operators,
    /// Where people are signed in.
    pub sessions: Sessions,
    /// Signing in.
    pub login: Login,
    /// Keys of programs.
    pub api_keys: ApiKeys,
    /// Personal tokens of people.
    pub tokens: Tokens,
    context: Context,
    setting_up: Arc<AtomicBool>,
}

/// Only one first run at a time; a request that breaks off gives its turn back.
struct Turn<'a>(&'a AtomicBool);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::SeqCst);
    }
}

/// The answers of the first run.
#[derive(Debug, Clone)]
pub struct FirstRun {
    /// The first organization.
    pub organization: Settings,
    /// What the administrator types.
    pub login: LoginName,
    /// How the administrator is called.
    pub display_name: DisplayName,
    /// The administrator's language.
    pub language: Language,
    /// The administrator's password.
    pub password: SecretText,
}

/// What goes with an organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Removal {
    /// Operators of the organization; their sessions and tokens go with them.
    pub operators: usize,
    /// Keys that stop working.
    pub api_keys: usize,
}

impl Identity {
    /// Reads operators, keys and tokens. Blocks shortly; called once at start.
    pub fn open(
        store: Store,
        clock: Clock,
        audit: Audit,
        tenancy: Tenancy,
        config: Config,
    ) -> Result<Self, StoreError> {
        let (hasher, throttle) = (Hasher::new(), Throttle::default());
        let context = Context { store, clock, audit, tenancy, hasher, throttle, config };
        let operators = Operators::open(context.clone())?;
        Ok(Self {
            sessions: Sessions::new(context.clone(), operators.clone()),
            login: Login::new(context.clone(), operators.clone()),
            api_keys: ApiKeys::open(context.clone())?,
            tokens: Tokens::open(context.clone(), operators.clone())?,
            operators,
            context,
            setting_up: Arc::default(),
        })
    }

    /// True until the first administrator was made.
    pub fn needs_first_run(&self) -> bool {
        self.operators.count() == 0
    }

    /// Makes the first organization and its administrator. Works once; there is no default password.
    pub async fn first_run(&self, answers: FirstRun) -> Result<(Arc<Organization>, Arc<Operator>), IdentityError> {
        if !self.needs_first_run() || self.setting_up.swap(true, Ordering::SeqCst) {
            return Err(IdentityError::AlreadySetUp);
        }
        let _turn = Turn(&self.setting_up);
        self.set_up(answers).await
    }

    async fn set_up(&self, answers: FirstRun) -> Result<(Arc<Organization>, Arc<Operator>), IdentityError> {
        let system = Actor::system();
        let admin = NewOperator {
            login: answers.login,
            display_name: answers.display_name,
            assignment: Assignment::Admin,
            language: answers.language,
            password: answers.password,
        };
        let hash = self.operators.hash_new(&admin).await?;
        let tenancy = &self.context.tenancy;
        // A first run that was cut off left its organization behind; this one takes it over.
        let organization = match tenancy.list_all().first() {
            Some(left) => tenancy.update(&system, left.id, answers.organization).await?,
            None => tenancy.create(&system, answers.organization).await?,
        };
        let operator = self.operators.create_first(admin, hash).await?;
        let entry = Entry::new("first_run").of(organization.id).on("operator", operator.id);
        self.context.audit.record(&system, entry.with("login", operator.login.as_str())).await;
        Ok((organization, operator))
    }

    /// What would go with an organization.
    pub async fn consequences(&self, actor: &Actor, organization: OrganizationId) -> Result<Removal, IdentityError> {
        actor.require(Permission::EditOrganizations)?;
        let api_keys = self.api_keys.count(actor, organization).await?;
        Ok(Removal { operators: self.operators.count_of(organization), api_keys })
    }

    /// Removes the operators of an organization whose removal was begun, and forgets its keys. Repeating it is
    /// harmless.
    pub async fn leave_organization(&self, organization: OrganizationId) -> Result<usize, IdentityError> {
        let gone = self.operators.remove_of(organization).await?;
        self.api_keys.reload().await?;
        self.tokens.reload().await?;
        Ok(gone)
    }

    /// Writes down when keys and tokens were last used, and removes what has expired.
    pub async fn upkeep(&self) -> Result<(), IdentityError> {
        self.api_keys.note_use().await?;
        self.tokens.note_use().await?;
        self.tokens.remove_expired().await?;
        self.sessions.remove_expired().await?;
        self.context.audit.flush().await;
        Ok(())
    }

    /// Starts the upkeep, once a minute.
    pub fn start(&self, lifecycle: &Lifecycle) {
        let (identity, stop) = (self.clone(), lifecycle.soft());
        lifecycle.spawn("identity-upkeep", async move {
            every(Duration::from_secs(60), Nudge::default(), stop, || async {
                if let Err(problem) = identity.upkeep().await {
                    tracing::error!("upkeep of sessions and keys failed: {problem}");
                }
            })
            .await;
            // What was used since the last turn.
            if let Err(problem) = identity.upkeep().await {
                tracing::error!("upkeep of sessions and keys failed: {problem}");
            }
            Ok::<(), Infallible>(())
        });
    }
}
