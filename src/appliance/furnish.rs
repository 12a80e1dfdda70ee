//! Fills a new data folder with an organization and its people, before the appliance is started on it.
//!
//! For `nazorat demo`: everything goes through the same verbs as from a browser, by the owner of the machine.

use crate::devices::AccessGroupInput;
use crate::devices::DeviceDoor;
use crate::devices::GateInput;
use crate::devices::Gates;
use crate::devices::Members;
use crate::devices::NewDevice;
use crate::devices::Passing;
use crate::devices::Side;
use crate::fleet::Fleet;
use crate::fleet::Invitation;
use crate::identity::Assignment;
use crate::identity::DisplayName;
use crate::identity::FirstRun;
use crate::identity::LoginName;
use crate::identity::NewOperator;
use crate::kernel::Actor;
use crate::kernel::DepartmentId;
use crate::kernel::EmployeeId;
use crate::kernel::GatewayId;
use crate::kernel::Language;
use crate::kernel::OrganizationId;
use crate::kernel::SecretText;
use crate::kernel::Timestamp;
use crate::kernel::Zone;
use crate::people::ComputerEdit;
use crate::people::ComputerInput;
use crate::people::ComputerUserInput;
use crate::people::DepartmentInput;
use crate::people::EmployeeInput;
use crate::people::LinkInput;
use crate::store::DataFolder;
use crate::tenancy::OrganizationName;
use crate::tenancy::Settings;

use super::Config;
use super::services::Core;

/// An office to be set up.
#[derive(Debug, Clone)]
pub struct Office {
    /// Name of the organization.
    pub organization: String,
    /// Its time zone.
    pub zone: Zone,
    /// Its language.
    pub language: Language,
    /// Names of the departments.
    pub departments: Vec<String>,
    /// The people.
    pub people: Vec<Person>,
    /// The computers.
    pub computers: Vec<Computer>,
    /// Whose account is whose; begins at this moment.
    pub accounts: Vec<Account>,
    /// Name of the gateway of its branch.
    pub gateway: String,
    /// The terminals at its doors, behind that gateway; they know whoever may pass.
    pub terminals: Vec<Terminal>,
    /// Name of the access group by which everybody may pass all gates.
    pub everybody: String,
    /// Since when the accounts belong to their people.
    pub since: Timestamp,
}

/// A terminal of this machine.
#[derive(Debug, Clone)]
pub struct Terminal {
    /// The gate at which it hangs.
    pub gate: String,
    /// What people call it.
    pub name: String,
    /// Which adapter speaks with it.
    pub kind: String,
    /// Its address.
    pub host: String,
    /// Settings, secrets included.
    pub settings: serde_json::Map<String, serde_json::Value>,
    /// On which side of the gate it hangs.
    pub side: Side,
}

/// A person.
#[derive(Debug, Clone)]
pub struct Person {
    /// Family name.
    pub surname: String,
    /// Given name.
    pub given_name: String,
    /// What they do.
    pub position: String,
    /// Index into the departments.
    pub department: usize,
    /// Number on the personnel list, by which terminals know them; empty for none.
    pub number: String,
}

/// A computer.
#[derive(Debug, Clone)]
pub struct Computer {
    /// What its agent sends.
    pub uid: String,
    /// What people call it.
    pub name: String,
    /// Index into the departments.
    pub department: usize,
}

/// An account that belongs to somebody.
#[derive(Debug, Clone)]
pub struct Account {
    /// Index into the computers.
    pub computer: usize,
    /// Index into the people.
    pub person: usize,
    /// What the agent sends.
    pub sid: String,
    /// What the agent sends.
    pub user_name: String,
}

/// What was made, with the secrets that are shown this once.
#[derive(Debug)]
pub struct Furnished {
    /// The organization.
    pub organization: OrganizationId,
    /// Login and password of the administrator, HR and a department lead.
    pub logins: Vec<(String, String)>,
    /// For the box of the branch.
    pub gateway: Invitation,
}

/// Sets an office up in a data folder that was never in use.
pub async fn furnish(config: &Config, office: Office) -> anyhow::Result<Furnished> {
    let folder = DataFolder::lock(&config.data_dir)?;
    let core = Core::open(config, &folder)?;
    anyhow::ensure!(core.identity.needs_first_run(), "the data folder is in use already; choose a new one");
    let system = Actor::system();
    let admin = SecretText::random("");
    let (organization, _) = core
        .identity
        .first_run(FirstRun {
            organization: Settings {
                name: OrganizationName::parse(&office.organization)?,
                zone: office.zone.clone(),
                language: office.language,
            },
            login: LoginName::parse("admin")?,
            display_name: DisplayName::parse("Admin")?,
            language: office.language,
            password: short(&admin),
        })
        .await?;
    core.setup.finish();
    let id = organization.id;
    let departments = departments(&core, id, &office.departments).await?;
    people(&core, id, &office, &departments).await?;
    let hr = SecretText::random("");
    let lead = SecretText::random("");
    let first = departments.first().copied();
    let mut logins = vec![("admin".to_owned(), short(&admin).expose().to_owned())];
    let guard = SecretText::random("");
    let mut others = vec![
        ("malika", "Malika Yusupova", Assignment::Hr(id), hr),
        ("botir", "Botir Xolmatov", Assignment::Guard(id), guard),
    ];
    others.extend(first.map(|first| ("sardor", "Sardor Aliyev", Assignment::DepartmentLead(id, first), lead)));
    for (login, name, assignment, password) in others {
        let new = NewOperator {
            login: LoginName::parse(login)?,
            display_name: DisplayName::parse(name)?,
            assignment,
            language: office.language,
            password: short(&password),
        };
        core.identity.operators.create(&system, new).await?;
        logins.push((login.to_owned(), short(&password).expose().to_owned()));
    }
    let name = DisplayName::parse(&office.gateway)?;
    let gateway = core.fleet.invite(&system, id, name, Fleet::MOST_WAIT).await?;
    terminals(&core, id, gateway.gateway.id, office.terminals).await?;
    let members = Members { everyone: true, ..Members::default() };
    let gates = Gates { all: true, ..Gates::default() };
    core.devices.add_access_group(&system, id, AccessGroupInput { name: office.everybody, members, gates }).await?;
    Ok(Furnished { organization: id, logins, gateway })
}

async fn terminals(
    core: &Core,
    id: OrganizationId,
    gateway: GatewayId,
    terminals: Vec<Terminal>,
) -> anyhow::Result<()> {
    let system = Actor::system();
    if terminals.is_empty() {
        return Ok(());
    }
    // They are simulated on this very machine, where otherwise no device may be.
    core.devices.set_networks(&system, id, vec!["127.0.0.0/8".to_owned()]).await?;
    for Terminal { gate, name, kind, host, settings, side } in terminals {
        let passing = if side == Side::Both { Passing::ByDevice } else { Passing::BySide };
        let input = GateInput { name: gate, passing, debounce_secs: 5, opens_from_afar: true };
        let gate = core.devices.add_gate(&system, id, input).await?;
        let doors = vec![DeviceDoor { number: 1, gate: Some(gate.id), side }];
        let new = NewDevice { name, kind, gateway, host, settings, doors, enabled: true, manages_people: true };
        core.devices.add(&system, id, new).await?;
    }
    Ok(())
}

/// A password that can be typed: sixteen letters are eighty random bits.
fn short(secret: &SecretText) -> SecretText {
    SecretText::new(secret.expose().get(..16).unwrap_or_default())
}

async fn departments(core: &Core, id: OrganizationId, names: &[String]) -> anyhow::Result<Vec<DepartmentId>> {
    let mut made = Vec::with_capacity(names.len());
    for name in names {
        let input = DepartmentInput { name: name.clone(), parent: None };
        made.push(core.people.create_department(&Actor::system(), id, input).await?.id);
    }
    Ok(made)
}

async fn people(core: &Core, id: OrganizationId, office: &Office, departments: &[DepartmentId]) -> anyhow::Result<()> {
    let system = Actor::system();
    let mut employees: Vec<EmployeeId> = Vec::with_capacity(office.people.len());
    for person in &office.people {
        let input = EmployeeInput {
            surname: person.surname.clone(),
            given_name: person.given_name.clone(),
            position: person.position.clone(),
            department: departments.get(person.department).copied(),
            personnel_number: person.number.clone(),
            ..EmployeeInput::default()
        };
        employees.push(core.people.create_employee(&system, id, input).await?.id);
    }
    let mut computers = Vec::with_capacity(office.computers.len());
    for computer in &office.computers {
        let department = departments.get(computer.department).copied();
        let edit = ComputerEdit { name: computer.name.clone(), department, note: String::new() };
        computers.push(
            core.people.create_computer(&system, id, ComputerInput { uid: computer.uid.clone(), edit }).await?.id,
        );
    }
    for account in &office.accounts {
        let (Some(computer), Some(employee)) = (computers.get(account.computer), employees.get(account.person)) else {
            continue;
        };
        let user = ComputerUserInput { sid: account.sid.clone(), user_name: account.user_name.clone() };
        let user = core.people.create_computer_user(&system, id, *computer, user).await?;
        let link = LinkInput { employee: *employee, from: Some(office.since), to: None };
        core.people.create_link(&system, id, user.id, link).await?;
    }
    Ok(())
}
