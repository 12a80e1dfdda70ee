//! The verbs of links.

use crate::kernel::Actor;
use crate::kernel::ComputerUserId;
use crate::kernel::LinkId;
use crate::kernel::OrganizationId;
use crate::kernel::Timestamp;
use crate::people::Changed;
use crate::people::FieldProblem;
use crate::people::People;
use crate::people::PeopleError;
use crate::people::links::Link;
use crate::people::links::LinkInput;
use crate::people::links::rules;
use crate::people::records;

impl People {
    /// Says whose an account is.
    pub async fn create_link(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        computer_user: ComputerUserId,
        input: LinkInput,
    ) -> Result<Link, PeopleError> {
        let now = self.clock.now();
        self.change(actor, organization, move |tx| {
            records::computer_user(tx, computer_user)?;
            let links = records::links_of(tx, computer_user)?;
            let made = Link {
                id: LinkId::new(0),
                computer_user,
                employee: input.employee,
                from: input.from.or_else(|| rules::default_from(&links)),
                to: input.to,
                created_at: now,
            };
            if records::find_employee(tx, made.employee)?.is_none() {
                return Err(FieldProblem::Unknown.of("employee").into());
            }
            rules::check(&made, &links)?;
            let id = LinkId::new(tx.next_number(&records::LINKS)?);
            let made = Link { id, ..made };
            records::put_link(tx, &made)?;
            Ok(made)
        })
        .await
    }

    /// Corrects a link: its dates or its person. What was read through it is right from now on.
    pub async fn change_link(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        id: LinkId,
        input: LinkInput,
    ) -> Result<Changed<Link>, PeopleError> {
        self.change(actor, organization, move |tx| {
            let before = records::link(tx, id)?;
            let after = Link { employee: input.employee, from: input.from, to: input.to, ..before.clone() };
            if records::find_employee(tx, after.employee)?.is_none() {
                return Err(FieldProblem::Unknown.of("employee").into());
            }
            rules::check(&after, &records::links_of(tx, before.computer_user)?)?;
            records::put_link(tx, &after)?;
            Ok(Changed { before, after })
        })
        .await
    }

    /// Ends a link at a moment; the account's later events belong to nobody until it is linked again.
    pub async fn end_link(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        id: LinkId,
        at: Timestamp,
    ) -> Result<Changed<Link>, PeopleError> {
        self.change(actor, organization, move |tx| {
            let before = records::link(tx, id)?;
            let after = Link { to: Some(at), ..before.clone() };
            rules::check(&after, &records::links_of(tx, before.computer_user)?)?;
            records::put_link(tx, &after)?;
            Ok(Changed { before, after })
        })
        .await
    }

    /// Deletes a link as if it had never been said.
    pub async fn delete_link(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        id: LinkId,
    ) -> Result<Link, PeopleError> {
        self.change(actor, organization, move |tx| {
            let link = records::link(tx, id)?;
            records::remove_link(tx, &link)?;
            Ok(link)
        })
        .await
    }
}
