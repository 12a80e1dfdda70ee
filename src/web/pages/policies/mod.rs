//! What may be collected of whom: the list of policies, and each with its draft, its versions and whom it is for.
//!
//! A draft is edited as a form that says of every field who decides it when it is not set here, and beside it what would
//! change. Nothing holds before it is published, which is asked for with a reason.

mod back;
mod edit;
mod link;
mod list;
mod names;
mod new;
mod outcome;
mod preview;
mod publish;
mod rows;
mod shown;
mod typed;
mod versions;
mod who;
mod words;

use axum::Router;
use axum::routing::get;
use nazorat_wire::policy::Settings;

pub(in crate::web::pages) use self::link::HoldingPolicy;
use self::names::Names;
use crate::kernel::Permission;
use crate::kernel::PolicyId;
use crate::policy::collection::CollectionPolicy;
use crate::policy::collection::Explained;
use crate::policy::collection::PoliciesError;
use crate::policy::collection::Version;
use crate::web::App;
use crate::web::Failure;
use crate::web::Layout;
use crate::web::Section;
use crate::web::Visitor;

/// Routes of these pages.
pub(in crate::web) fn routes() -> Router<App> {
    Router::new()
        .route("/policies", get(list::show))
        .route("/policies/new", get(new::form).post(new::create))
        .route("/policies/{id}", get(edit::show).post(edit::submit))
        .route("/policies/{id}/discard", get(back::ask_discard).post(back::discard))
        .route("/policies/{id}/preview", get(preview::show))
        .route("/policies/{id}/preview/result", get(preview::result))
        .route("/policies/{id}/publish", get(publish::ask).post(publish::publish))
        .route("/policies/{id}/versions", get(versions::show))
        .route("/policies/{id}/compare", get(versions::compare))
        .route("/policies/{id}/versions/{number}/bring-back", get(back::ask_bring_back).post(back::bring_back))
        .route("/policies/{id}/people", get(who::show))
}

/// A policy with what its pages say of it.
struct Known {
    policy: CollectionPolicy,
    /// The newest first.
    versions: Vec<Version>,
    /// What those above it have decided; `None` while nobody has decided anything.
    above: Option<Explained>,
    names: Names,
    people: u64,
}

/// Which tab of a policy is looked at.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tab {
    Settings,
    Versions,
    People,
}

/// What stands above the tabs of a policy.
struct Head {
    title: String,
    meta: String,
    href: String,
    tabs: Vec<TabLink>,
    can_edit: bool,
    has_draft: bool,
    /// The words of the button that publishes.
    publish: String,
}

struct TabLink {
    href: String,
    label: String,
    count: String,
    current: bool,
}

impl Known {
    async fn find(app: &App, visitor: &Visitor, id: PolicyId) -> Result<Self, Failure> {
        let (actor, organization) = (visitor.actor(), visitor.organization_id());
        let policy = app.policies.find(actor, organization, id).await?;
        let versions = app.policies.versions(actor, organization, id).await?;
        let all = app.policies.list(actor, organization).await?;
        let names = Names::new(visitor.texts, app.people.view(actor, organization).await?, all);
        let inherited = app.policies.inherited(actor, organization, policy.applies_to).await?;
        let above = names.is_decided_above(policy.applies_to).then_some(inherited);
        let people = names.count_people(policy.applies_to)?;
        Ok(Self { policy, versions, above, names, people })
    }

    /// What is in force; nothing set while nothing was published.
    fn released(&self) -> Settings {
        self.versions.first().map(|version| version.settings.clone()).unwrap_or_default()
    }

    /// What is worked on: the draft, or else what is in force.
    fn worked_on(&self) -> Settings {
        self.policy.draft.as_ref().map_or_else(|| self.released(), |draft| draft.settings.clone())
    }

    fn href(&self) -> String {
        format!("/policies/{}", self.policy.id)
    }

    fn name(&self) -> String {
        self.names.target(self.policy.applies_to)
    }

    fn layout(&self, visitor: &Visitor) -> Layout {
        Layout::new(&visitor.viewer(), Section::Policies, &self.name())
    }

    fn head(&self, visitor: &Visitor, current: Tab) -> Head {
        let texts = visitor.texts;
        let (href, next) = (self.href(), self.policy.version + 1);
        let has_draft = self.policy.draft.is_some();
        let people = texts.count("people-count", self.people);
        let meta = match self.policy.since {
            Some(since) => {
                let version = texts.number(self.policy.version.into());
                let since = texts.day_year(visitor.zone.day_of(since));
                let values = [("people", people.into()), ("version", version.into()), ("since", since.into())];
                texts.with("policies-meta-in-force", values)
            }
            None => texts.with("policies-meta-unpublished", [("people", people.into())]),
        };
        let next = texts.number(next.into());
        let settings = if has_draft {
            texts.with("policies-tab-draft", [("version", next.as_str().into())])
        } else {
            texts.t("policies-tab-settings")
        };
        let tab = |tab: Tab, path: &str, label: String, count: String| TabLink {
            href: format!("{href}{path}"),
            label,
            count,
            current: tab == current,
        };
        // The roll-out of a published version stands between the settings and the versions.
        let tabs = vec![
            tab(Tab::Settings, "", settings, String::new()),
            tab(Tab::Versions, "/versions", texts.t("policies-tab-versions"), count_of(visitor, self.versions.len())),
            tab(Tab::People, "/people", texts.t("policies-tab-people"), texts.number(self.people)),
        ];
        let can_edit = may_edit(visitor);
        let publish = texts.with("policies-publish", [("version", next.into())]);
        Head { title: self.name(), meta, href, tabs, can_edit, has_draft, publish }
    }
}

fn count_of(visitor: &Visitor, count: usize) -> String {
    if count == 0 { String::new() } else { visitor.texts.number(count as u64) }
}

fn may_edit(visitor: &Visitor) -> bool {
    visitor.actor().may(Permission::EditPolicies)
}

fn require_editor(visitor: &Visitor) -> Result<(), Failure> {
    visitor.actor().require(Permission::EditPolicies).map_err(|denied| PoliciesError::from(denied).into())
}
