//! The verbs of computers and computer users.

use nazorat_wire::Identity;
use nazorat_wire::account_of;

use crate::kernel::Actor;
use crate::kernel::ComputerId;
use crate::kernel::ComputerUserId;
use crate::kernel::OrganizationId;
use crate::kernel::Permission;
use crate::people::Changed;
use crate::people::ComputerConsequences;
use crate::people::ComputerEdit;
use crate::people::ComputerInput;
use crate::people::ComputerUserConsequences;
use crate::people::ComputerUserInput;
use crate::people::FieldProblem;
use crate::people::Link;
use crate::people::People;
use crate::people::PeopleError;
use crate::people::State;
use crate::people::computers::Computer;
use crate::people::computers::ComputerUser;
use crate::people::computers::model;
use crate::people::records;
use crate::store::Read;
use crate::store::WriteTx;

impl People {
    /// Enters a computer before it sends for the first time.
    pub async fn create_computer(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        input: ComputerInput,
    ) -> Result<Computer, PeopleError> {
        self.change(actor, organization, move |tx| {
            let made = input.parse()?;
            check(tx, &made)?;
            if let Some(other) = records::find_computer_uid(tx, &made.uid)? {
                return Err(PeopleError::UidTaken(other));
            }
            let id = ComputerId::new(tx.next_number(&records::COMPUTERS)?);
            let made = Computer { id, ..made };
            records::put_computer(tx, &made)?;
            Ok(made)
        })
        .await
    }

    /// Changes a computer's name, department and note.
    pub async fn edit_computer(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        id: ComputerId,
        edit: ComputerEdit,
    ) -> Result<Changed<Computer>, PeopleError> {
        self.change(actor, organization, move |tx| {
            let before = records::computer(tx, id)?;
            let after = edit.parse(&before)?;
            check(tx, &after)?;
            records::put_computer(tx, &after)?;
            Ok(Changed { before, after })
        })
        .await
    }

    /// Takes a computer out of the lists, or back into them.
    pub async fn set_computer_state(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        id: ComputerId,
        state: State,
    ) -> Result<Changed<Computer>, PeopleError> {
        self.change(actor, organization, move |tx| {
            let before = records::computer(tx, id)?;
            let after = Computer { state, ..before.clone() };
            records::put_computer(tx, &after)?;
            Ok(Changed { before, after })
        })
        .await
    }

    /// What deleting a computer would touch.
    pub async fn computer_consequences(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        id: ComputerId,
    ) -> Result<ComputerConsequences, PeopleError> {
        actor.require(Permission::EditPeople)?;
        let view = self.view(actor, organization).await?;
        let directory = view.whole()?;
        let computer = directory.computer(id).ok_or(PeopleError::UnknownComputer(id))?.clone();
        let users = directory.users_of(id).iter().filter_map(|user| directory.computer_user(*user));
        let users: Vec<_> = users.cloned().collect();
        let links = users.iter().flat_map(|user| directory.links_of_computer_user(user.id)).cloned().collect();
        Ok(ComputerConsequences { computer, users, links })
    }

    /// Deletes a computer with its users and their links. The events stay; it comes back when it sends again.
    pub async fn delete_computer(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        id: ComputerId,
    ) -> Result<ComputerConsequences, PeopleError> {
        let people = self.clone();
        self.change(actor, organization, move |tx| {
            let computer = records::computer(tx, id)?;
            let mut users = records::computer_users(tx)?;
            users.retain(|user| user.computer == id);
            let mut links = Vec::new();
            for user in &users {
                links.extend(remove_user(tx, user)?);
            }
            records::remove_computer(tx, &computer)?;
            people.forget_accounts(organization, &users);
            Ok(ComputerConsequences { computer, users, links })
        })
        .await
    }

    /// Enters a computer user before it sends for the first time.
    pub async fn create_computer_user(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        computer: ComputerId,
        input: ComputerUserInput,
    ) -> Result<ComputerUser, PeopleError> {
        self.change(actor, organization, move |tx| {
            let (sid, user_name) = input.parse()?;
            let uid = records::computer(tx, computer)?.uid;
            let account =
                account_of(Identity { computer_uid: &uid, user_sid: sid.as_deref(), user_name: user_name.as_deref() });
            if let Some(other) = records::find_account(tx, account)? {
                return Err(PeopleError::AccountTaken(other));
            }
            let made = ComputerUser {
                id: ComputerUserId::new(tx.next_number(&records::COMPUTER_USERS)?),
                computer,
                account,
                sid,
                user_name,
                note: String::new(),
                state: State::Active,
                first_seen: None,
                last_seen: None,
            };
            records::put_computer_user(tx, &made)?;
            Ok(made)
        })
        .await
    }

    /// Changes the note on a computer user.
    pub async fn edit_computer_user(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        id: ComputerUserId,
        note: String,
    ) -> Result<Changed<ComputerUser>, PeopleError> {
        self.change(actor, organization, move |tx| {
            let note = model::note(&note)?;
            let before = records::computer_user(tx, id)?;
            let after = ComputerUser { note, ..before.clone() };
            records::put_computer_user(tx, &after)?;
            Ok(Changed { before, after })
        })
        .await
    }

    /// Stops asking whose account it is (a service account), or asks again.
    pub async fn set_computer_user_state(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        id: ComputerUserId,
        state: State,
    ) -> Result<Changed<ComputerUser>, PeopleError> {
        self.change(actor, organization, move |tx| {
            let before = records::computer_user(tx, id)?;
            let after = ComputerUser { state, ..before.clone() };
            records::put_computer_user(tx, &after)?;
            Ok(Changed { before, after })
        })
        .await
    }

    /// What deleting a computer user would touch.
    pub async fn computer_user_consequences(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        id: ComputerUserId,
    ) -> Result<ComputerUserConsequences, PeopleError> {
        actor.require(Permission::EditPeople)?;
        let view = self.view(actor, organization).await?;
        let directory = view.whole()?;
        let user = directory.computer_user(id).ok_or(PeopleError::UnknownComputerUser(id))?.clone();
        let links = directory.links_of_computer_user(id).to_vec();
        Ok(ComputerUserConsequences { user, links })
    }

    /// Deletes a computer user with its links. The events stay; it comes back when it sends again.
    pub async fn delete_computer_user(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        id: ComputerUserId,
    ) -> Result<ComputerUserConsequences, PeopleError> {
        let people = self.clone();
        self.change(actor, organization, move |tx| {
            let user = records::computer_user(tx, id)?;
            let links = remove_user(tx, &user)?;
            people.forget_accounts(organization, std::slice::from_ref(&user));
            Ok(ComputerUserConsequences { user, links })
        })
        .await
    }
}

fn remove_user(tx: &WriteTx<'_>, user: &ComputerUser) -> Result<Vec<Link>, PeopleError> {
    let links = records::links_of(tx, user.id)?;
    for link in &links {
        records::remove_link(tx, link)?;
    }
    records::remove_computer_user(tx, user)?;
    Ok(links)
}

fn check(tx: &impl Read, changed: &Computer) -> Result<(), PeopleError> {
    match changed.department {
        Some(department) if records::departments(tx)?.find(department).is_none() => {
            Err(FieldProblem::Unknown.of("department").into())
        }
        _ => Ok(()),
    }
}
