//! What the owner of the machine may order without being an operator: they own the data folder anyway.

use serde::Deserialize;
use serde::Serialize;

use super::doctor::Finding;
use super::services::Core;
use crate::audit::Entry;
use crate::fleet::Gateway;
use crate::fleet::GatewayState;
use crate::identity::Assignment;
use crate::identity::DisplayName;
use crate::identity::FirstRun;
use crate::identity::LoginName;
use crate::identity::NewOperator;
use crate::identity::NewToken;
use crate::kernel::Access;
use crate::kernel::Actor;
use crate::kernel::DepartmentId;
use crate::kernel::Language;
use crate::kernel::OperatorId;
use crate::kernel::OrganizationId;
use crate::kernel::Role;
use crate::kernel::SecretText;
use crate::kernel::Zone;
use crate::kernel::with_causes;
use crate::runtime::blocking;
use crate::tenancy::OrganizationName;
use crate::tenancy::Settings;

/// What the owner wants. Holds passwords, so it does not print itself.
#[derive(Clone, Serialize, Deserialize)]
#[serde(tag = "order", rename_all = "snake_case")]
pub enum Order {
    /// Look whether everything is well.
    Doctor,
    /// The first run, for scripts.
    Init(Init),
    /// Make an operator.
    OperatorAdd(OperatorAdd),
    /// Set a new password for somebody who lost theirs.
    OperatorResetPassword {
        /// The login.
        operator: String,
        /// The new password.
        password: String,
    },
    /// Make a personal token.
    OperatorToken {
        /// The login.
        operator: String,
        /// How long it lives.
        days: u16,
    },
    /// Make an API key.
    ApiKeyCreate {
        /// For which organization.
        organization: OrganizationId,
        /// What it is for.
        name: String,
    },
    /// Take in a backlog that was carried here; its frames follow on the same connection.
    ImportBuffer {
        /// The head of the file as it stands there.
        head: String,
    },
    /// Let the root that stands by sign from now on.
    CaExchange {
        /// Also when there are gateways that do not know it.
        force: bool,
    },
}

/// The answers of the first run.
#[derive(Clone, Serialize, Deserialize)]
pub struct Init {
    /// Name of the first organization.
    pub organization: String,
    /// Its time zone.
    pub time_zone: String,
    /// Its language and the administrator's.
    pub language: Language,
    /// The administrator's login.
    pub admin: String,
    /// The administrator's password.
    pub password: String,
}

/// An operator to be made.
#[derive(Clone, Serialize, Deserialize)]
pub struct OperatorAdd {
    /// The login.
    pub operator: String,
    /// The shown name; the login when empty.
    pub name: String,
    /// What they are.
    pub role: Role,
    /// For all roles but ADMIN.
    pub organization: Option<OrganizationId>,
    /// For DEPARTMENT_LEAD.
    pub department: Option<DepartmentId>,
    /// Of their pages.
    pub language: Language,
    /// Their first password.
    pub password: String,
}

/// What came of an order. Holds secrets, so it does not print itself.
#[derive(Clone, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum Answer {
    /// It was not done; the reason in one sentence.
    Refused {
        /// The reason.
        reason: String,
    },
    /// It was done.
    Done {
        /// What was done, in one sentence.
        report: String,
    },
    /// A secret was made, which is shown this once.
    Secret {
        /// The secret.
        secret: String,
    },
    /// What the doctor found.
    Findings {
        /// One for each check.
        findings: Vec<Finding>,
    },
}

/// Carries out everything but the doctor, which needs no working store, and imports, which are a conversation.
pub(super) async fn carry_out(core: &Core, order: Order) -> Answer {
    let outcome = match order {
        Order::Doctor | Order::ImportBuffer { .. } => Err(anyhow::anyhow!("this is asked elsewhere")),
        Order::Init(init) => first_run(core, init).await,
        Order::OperatorAdd(new) => add_operator(core, new).await,
        Order::OperatorResetPassword { operator, password } => reset_password(core, &operator, password).await,
        Order::OperatorToken { operator, days } => make_token(core, &operator, days).await,
        Order::ApiKeyCreate { organization, name } => make_key(core, organization, &name).await,
        Order::CaExchange { force } => exchange_roots(core, force).await,
    };
    outcome.unwrap_or_else(|problem| Answer::Refused { reason: with_causes(problem.as_ref()) })
}

async fn first_run(core: &Core, init: Init) -> anyhow::Result<Answer> {
    let login = LoginName::parse(&init.admin)?;
    let answers = FirstRun {
        organization: Settings {
            name: OrganizationName::parse(&init.organization)?,
            zone: Zone::parse(&init.time_zone)?,
            language: init.language,
        },
        display_name: DisplayName::parse(login.as_str())?,
        login,
        language: init.language,
        password: SecretText::new(init.password),
    };
    let (organization, operator) = core.identity.first_run(answers).await?;
    core.setup.finish();
    super::services::forget_setup_token(&core.folder);
    let report =
        format!("organization {} ({}) and ADMIN {} are ready", organization.id, organization.name(), operator.login);
    Ok(Answer::Done { report })
}

async fn add_operator(core: &Core, new: OperatorAdd) -> anyhow::Result<Answer> {
    let login = LoginName::parse(&new.operator)?;
    let name = if new.name.trim().is_empty() { login.as_str() } else { new.name.as_str() };
    let assignment = Assignment::new(new.role, new.organization, new.department)?;
    if let Assignment::DepartmentLead(organization, department) = assignment {
        let directory = core.people.directory(Actor::system().tenant(organization)?).await?;
        anyhow::ensure!(directory.departments().find(department).is_some(), "department {department} does not exist");
    }
    let operator = NewOperator {
        display_name: DisplayName::parse(name)?,
        login,
        assignment,
        language: new.language,
        password: SecretText::new(new.password),
    };
    // The first administrator comes with an organization; without one nobody could do anything.
    anyhow::ensure!(core.setup.is_done(), "the first run is still to come; use the printed link, or `nazorat init`");
    let made = core.identity.operators.create(&Actor::system(), operator).await?;
    Ok(Answer::Done { report: format!("operator {} is {}", made.login, new.role.name()) })
}

async fn reset_password(core: &Core, login: &str, password: String) -> anyhow::Result<Answer> {
    let id = find(core, login)?;
    core.identity.operators.reset_password(&Actor::system(), id, SecretText::new(password)).await?;
    Ok(Answer::Done { report: format!("operator {login} has a new password and is signed out everywhere") })
}

async fn make_token(core: &Core, login: &str, days: u16) -> anyhow::Result<Answer> {
    let new = NewToken { name: DisplayName::parse("made on the command line")?, access: Access::Full, days };
    let made = core.identity.tokens.create(&Actor::system(), find(core, login)?, new).await?;
    Ok(Answer::Secret { secret: made.secret.expose().to_owned() })
}

async fn make_key(core: &Core, organization: OrganizationId, name: &str) -> anyhow::Result<Answer> {
    let made = core.identity.api_keys.create(&Actor::system(), organization, DisplayName::parse(name)?).await?;
    Ok(Answer::Secret { secret: made.secret.expose().to_owned() })
}

async fn exchange_roots(core: &Core, force: bool) -> anyhow::Result<Answer> {
    let (pki, since) = (core.pki.clone(), core.pki.standby_since()?);
    let mut behind = Vec::new();
    for organization in core.tenancy.list_all() {
        let all = core.fleet.list(&Actor::system(), organization.id).await?;
        let old = |gateway: &Gateway| {
            let known = gateway.enrolled.as_ref().is_none_or(|enrolled| enrolled.from.as_second() >= since);
            gateway.state != GatewayState::Revoked && !known
        };
        behind.extend(all.into_iter().filter(old).map(|gateway| gateway.name.to_string()));
    }
    anyhow::ensure!(
        force || behind.is_empty(),
        "these gateways do not know the root that stands by and would be cut off until they join again: {}; each learns of \
         it when its certificate is renewed, within 60 days. --force does it all the same",
        behind.join(", ")
    );
    let now = core.clock.now();
    blocking(move || pki.exchange(now)).await?;
    core.audit.record(&Actor::system(), Entry::new("ca.exchange").with("forced", force)).await;
    let report = "another root signs from now on; the certificate of this appliance is of it within five minutes. Clients \
                  with a copy of pki/ca.pem go on; give new ones the new file";
    Ok(Answer::Done { report: report.to_owned() })
}

fn find(core: &Core, login: &str) -> anyhow::Result<OperatorId> {
    let found = core.identity.operators.find_by_login(login);
    Ok(found.ok_or_else(|| anyhow::anyhow!("operator {login:?} does not exist"))?.id)
}
