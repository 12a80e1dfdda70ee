//! All policies of an organization, and what holds while there are none.

use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse as _;
use axum::response::Response;

use super::may_edit;
use super::names::Names;
use crate::policy::collection::AppliesTo;
use crate::policy::collection::CollectionPolicy;
use crate::web::App;
use crate::web::Failure;
use crate::web::Layout;
use crate::web::PageFailure;
use crate::web::Section;
use crate::web::Visitor;
use crate::web::page;

#[derive(Template)]
#[template(path = "policies/list.html")]
struct ListPage {
    l: Layout,
    can_edit: bool,
    rows: Vec<Row>,
    /// What holds for those of whom nobody has decided.
    rest: Rest,
    /// The organization has no policy of its own.
    lacks_organization: bool,
}

/// What happens with data about which nobody has decided.
struct Rest {
    light: &'static str,
    title: String,
    text: String,
}

struct Row {
    href: String,
    name: String,
    kind: String,
    light: &'static str,
    version: String,
    since: String,
    draft: String,
    people: String,
    people_href: String,
}

/// `GET /policies`.
pub(super) async fn show(State(app): State<App>, visitor: Visitor) -> Result<Response, PageFailure> {
    let shown = build(&app, &visitor).await.map_err(|problem| visitor.failure(problem))?;
    Ok(page(&shown).into_response())
}

async fn build(app: &App, visitor: &Visitor) -> Result<ListPage, Failure> {
    let (actor, organization, texts) = (visitor.actor(), visitor.organization_id(), visitor.texts);
    let all = app.policies.list(actor, organization).await?;
    let names = Names::new(texts, app.people.view(actor, organization).await?, all);
    let mut rows = Vec::new();
    for policy in &names.all {
        rows.push((order(policy.applies_to), Row::new(visitor, &names, policy)?));
    }
    rows.sort_by(|(a, one), (b, other)| a.cmp(b).then_with(|| one.name.cmp(&other.name)));
    let published = |policy: &CollectionPolicy| policy.version > 0;
    let own = names.of(AppliesTo::Organization);
    let rest = |light, key: &str| Rest {
        light,
        title: texts.t(&format!("policies-rest-{key}")),
        text: texts.t(&format!("policies-rest-{key}-text")),
    };
    Ok(ListPage {
        l: Layout::new(&visitor.viewer(), Section::Policies, ""),
        can_edit: may_edit(visitor),
        lacks_organization: own.is_none(),
        rest: match (own.is_some_and(published), names.all.iter().any(published)) {
            (true, _) => rest("ok", "minimal"),
            (false, true) => rest("look", "partly"),
            (false, false) => rest("look", "everything"),
        },
        rows: rows.into_iter().map(|(_, row)| row).collect(),
    })
}

const fn order(applies_to: AppliesTo) -> u8 {
    match applies_to {
        AppliesTo::Organization => 0,
        AppliesTo::Department(_) => 1,
        AppliesTo::Employee(_) => 2,
    }
}

impl Row {
    fn new(visitor: &Visitor, names: &Names, policy: &CollectionPolicy) -> Result<Self, Failure> {
        let texts = visitor.texts;
        let href = format!("/policies/{}", policy.id);
        let draft = policy.draft.as_ref().map(|draft| {
            let at = texts.day(visitor.zone.day_of(draft.changed_at));
            texts.with("policies-draft-waits", [("who", draft.changed_by.as_str().into()), ("at", at.into())])
        });
        let version = match policy.version {
            0 => texts.t("policies-unpublished"),
            version => texts.with("policies-version", [("version", texts.number(version.into()).into())]),
        };
        let since = policy.since.map(|since| texts.day_year(visitor.zone.day_of(since)));
        Ok(Self {
            name: names.target(policy.applies_to),
            kind: names.kind(policy.applies_to),
            light: if policy.version > 0 { "ok" } else { "off" },
            version,
            since: since.unwrap_or_default(),
            draft: draft.unwrap_or_default(),
            people: texts.number(names.count_people(policy.applies_to)?),
            people_href: format!("{href}/people"),
            href,
        })
    }
}
