//! The way from a person or a department to the policy that holds for them.

use super::names::Names;
use crate::kernel::Permission;
use crate::policy::collection::AppliesTo;
use crate::web::App;
use crate::web::Failure;
use crate::web::Visitor;

/// The policy that holds for somebody, for those who may read it.
pub(in crate::web::pages) struct HoldingPolicy {
    pub(in crate::web::pages) href: String,
    pub(in crate::web::pages) label: String,
}

impl HoldingPolicy {
    /// `None` for those who may not read policies.
    pub(in crate::web::pages) async fn find(
        app: &App,
        visitor: &Visitor,
        applies_to: AppliesTo,
    ) -> Result<Option<Self>, Failure> {
        let (actor, organization, texts) = (visitor.actor(), visitor.organization_id(), visitor.texts);
        if !actor.may(Permission::ReadPolicies) {
            return Ok(None);
        }
        let all = app.policies.list(actor, organization).await?;
        let names = Names::new(texts, app.people.view(actor, organization).await?, all);
        let found = names.holding(applies_to);
        Ok(Some(match found {
            Some(policy) => Self {
                href: format!("/policies/{}", policy.id),
                label: texts.with("policies-link", [("name", names.target(policy.applies_to).into())]),
            },
            None => Self { href: "/policies".to_owned(), label: texts.t("policies-link-none") },
        }))
    }
}
