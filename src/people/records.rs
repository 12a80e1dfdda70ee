//! How people are stored. Private to the folder.

use crate::kernel::ComputerId;
use crate::kernel::ComputerUserId;
use crate::kernel::Day;
use crate::kernel::DepartmentId;
use crate::kernel::EmployeeId;
use crate::kernel::Language;
use crate::kernel::LinkId;
use crate::kernel::Timestamp;
use crate::people::Computer;
use crate::people::ComputerUser;
use crate::people::Department;
use crate::people::Departments;
use crate::people::Employee;
use crate::people::Link;
use crate::people::PeopleError;
use crate::people::State;
use crate::store::Read;
use crate::store::Record;
use crate::store::StoreError;
use crate::store::Table;
use crate::store::WriteTx;

pub(super) const DEPARTMENTS: Table<DepartmentId, DepartmentRecord> = Table::new("departments_v1");
pub(super) const EMPLOYEES: Table<EmployeeId, EmployeeRecord> = Table::new("employees_v1");
pub(super) const COMPUTERS: Table<ComputerId, ComputerRecord> = Table::new("computers_v1");
/// Which computer has a uid.
const COMPUTER_UIDS: Table<String, NumberRecord> = Table::new("computer_uids_v1");
pub(super) const COMPUTER_USERS: Table<ComputerUserId, ComputerUserRecord> = Table::new("computer_users_v1");
/// Which computer user stands behind an account number.
const ACCOUNTS: Table<i64, NumberRecord> = Table::new("accounts_v1");
pub(super) const LINKS: Table<LinkId, LinkRecord> = Table::new("links_v1");
/// Which links a computer user has.
const LINKS_OF: Table<(ComputerUserId, LinkId), NumberRecord> = Table::new("links_of_v1");

/// The other end of an index.
#[derive(serde::Serialize, serde::Deserialize)]
pub(super) struct NumberRecord {
    id: u32,
}

impl Record for NumberRecord {}

fn is_false(value: &bool) -> bool {
    !value
}

macro_rules! records {
    ($($(#[$doc:meta])* $record:ident of $model:ident by $id:ident ($key:ident) {
        $($(#[$attribute:meta])* $field:ident: $type:ty,)*
    })+) => {$(
        $(#[$doc])*
        #[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize)]
        pub(super) struct $record {
            $(
                $(#[$attribute])*
                $field: $type,
            )*
            #[serde(default, skip_serializing_if = "is_false")]
            inactive: bool,
        }

        impl Record for $record {}

        impl $record {
            pub(super) fn of(model: &$model) -> Self {
                let model = model.clone();
                Self { $($field: model.$field,)* inactive: model.state == State::Inactive }
            }

            pub(super) fn into_model(self, $key: $id) -> $model {
                let state = if self.inactive { State::Inactive } else { State::Active };
                $model { $key, $($field: self.$field,)* state }
            }
        }
    )+};
}

records! {
    /// Version 1.
    DepartmentRecord of Department by DepartmentId (id) {
        name: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        parent: Option<DepartmentId>,
    }
    /// Version 1.
    EmployeeRecord of Employee by EmployeeId (id) {
        surname: String,
        given_name: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        patronymic: Option<String>,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        position: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        department: Option<DepartmentId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        personnel_number: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        email: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        phone: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        hired_on: Option<Day>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        left_on: Option<Day>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        language: Option<Language>,
    }
    /// Version 1.
    ComputerRecord of Computer by ComputerId (id) {
        uid: String,
        name: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        department: Option<DepartmentId>,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        note: String,
    }
    /// Version 1.
    ComputerUserRecord of ComputerUser by ComputerUserId (id) {
        computer: ComputerId,
        account: i64,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sid: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        user_name: Option<String>,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        note: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        first_seen: Option<Timestamp>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        last_seen: Option<Timestamp>,
    }
}

/// Version 1.
#[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub(super) struct LinkRecord {
    computer_user: ComputerUserId,
    employee: EmployeeId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    to: Option<Timestamp>,
    created_at: Timestamp,
}

impl Record for LinkRecord {}

impl LinkRecord {
    pub(super) fn of(link: &Link) -> Self {
        let Link { computer_user, employee, from, to, created_at, .. } = *link;
        Self { computer_user, employee, from, to, created_at }
    }

    pub(super) fn into_model(self, id: LinkId) -> Link {
        let Self { computer_user, employee, from, to, created_at } = self;
        Link { id, computer_user, employee, from, to, created_at }
    }
}

macro_rules! lists {
    ($($list:ident, $find:ident, $get:ident: $table:ident, $id:ident -> $model:ident, $unknown:ident;)+) => {$(
        pub(super) fn $list(tx: &impl Read) -> Result<Vec<$model>, StoreError> {
            Ok(tx.list(&$table)?.into_iter().map(|(id, record)| record.into_model(id)).collect())
        }

        pub(super) fn $find(tx: &impl Read, id: $id) -> Result<Option<$model>, StoreError> {
            Ok(tx.find(&$table, &id)?.map(|record| record.into_model(id)))
        }

        pub(super) fn $get(tx: &impl Read, id: $id) -> Result<$model, PeopleError> {
            $find(tx, id)?.ok_or(PeopleError::$unknown(id))
        }
    )+};
}

lists! {
    employees, find_employee, employee: EMPLOYEES, EmployeeId -> Employee, UnknownEmployee;
    computers, find_computer, computer: COMPUTERS, ComputerId -> Computer, UnknownComputer;
    computer_users, find_computer_user, computer_user: COMPUTER_USERS, ComputerUserId -> ComputerUser, UnknownComputerUser;
    links, find_link, link: LINKS, LinkId -> Link, UnknownLink;
}

pub(super) fn departments(tx: &impl Read) -> Result<Departments, StoreError> {
    let all = tx.list(&DEPARTMENTS)?.into_iter();
    Ok(Departments::new(all.map(|(id, record)| record.into_model(id))))
}

pub(super) fn put_department(tx: &WriteTx<'_>, department: &Department) -> Result<(), StoreError> {
    tx.put(&DEPARTMENTS, &department.id, &DepartmentRecord::of(department))
}

pub(super) fn put_employee(tx: &WriteTx<'_>, employee: &Employee) -> Result<(), StoreError> {
    tx.put(&EMPLOYEES, &employee.id, &EmployeeRecord::of(employee))
}

pub(super) fn put_computer(tx: &WriteTx<'_>, computer: &Computer) -> Result<(), StoreError> {
    tx.put(&COMPUTER_UIDS, &computer.uid, &NumberRecord { id: computer.id.get() })?;
    tx.put(&COMPUTERS, &computer.id, &ComputerRecord::of(computer))
}

pub(super) fn remove_computer(tx: &WriteTx<'_>, computer: &Computer) -> Result<(), StoreError> {
    tx.remove(&COMPUTER_UIDS, &computer.uid)?;
    tx.remove(&COMPUTERS, &computer.id).map(drop)
}

pub(super) fn find_computer_uid(tx: &impl Read, uid: &str) -> Result<Option<ComputerId>, StoreError> {
    Ok(tx.find(&COMPUTER_UIDS, &uid.to_owned())?.map(|found| ComputerId::new(found.id)))
}

pub(super) fn put_computer_user(tx: &WriteTx<'_>, user: &ComputerUser) -> Result<(), StoreError> {
    tx.put(&ACCOUNTS, &user.account, &NumberRecord { id: user.id.get() })?;
    tx.put(&COMPUTER_USERS, &user.id, &ComputerUserRecord::of(user))
}

pub(super) fn remove_computer_user(tx: &WriteTx<'_>, user: &ComputerUser) -> Result<(), StoreError> {
    tx.remove(&ACCOUNTS, &user.account)?;
    tx.remove(&COMPUTER_USERS, &user.id).map(drop)
}

pub(super) fn find_account(tx: &impl Read, account: i64) -> Result<Option<ComputerUserId>, StoreError> {
    Ok(tx.find(&ACCOUNTS, &account)?.map(|found| ComputerUserId::new(found.id)))
}

pub(super) fn put_link(tx: &WriteTx<'_>, link: &Link) -> Result<(), StoreError> {
    let of = (link.computer_user, link.id);
    tx.put(&LINKS_OF, &of, &NumberRecord { id: link.id.get() })?;
    tx.put(&LINKS, &link.id, &LinkRecord::of(link))
}

pub(super) fn remove_link(tx: &WriteTx<'_>, link: &Link) -> Result<(), StoreError> {
    tx.remove(&LINKS_OF, &(link.computer_user, link.id))?;
    tx.remove(&LINKS, &link.id).map(drop)
}

pub(super) fn links_of(tx: &impl Read, user: ComputerUserId) -> Result<Vec<Link>, StoreError> {
    let ids = tx.list_below(&LINKS_OF, &user)?;
    let links = ids.into_iter().map(|((_, id), _)| find_link(tx, id));
    Ok(links.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
}
