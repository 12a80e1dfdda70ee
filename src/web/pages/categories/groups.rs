//! Groups of sites and applications that a rule can name together: rows of the page, and the form.

use askama::Template;
use axum::Form;
use axum::Router;
use axum::extract::State;
use axum::response::IntoResponse as _;
use axum::response::Response;
use axum::routing::get;
use axum::routing::post;

use crate::kernel::Permission;
use crate::kernel::ResourceGroupId;
use crate::policy::GroupError;
use crate::policy::NewResourceGroup;
use crate::policy::ResourceGroup;
use crate::policy::Rule;
use crate::policy::Target;
use crate::web::App;
use crate::web::At;
use crate::web::Crumb;
use crate::web::Failure;
use crate::web::Layout;
use crate::web::PageFailure;
use crate::web::Problems;
use crate::web::Section;
use crate::web::Texts;
use crate::web::Visitor;
use crate::web::done;
use crate::web::encode;
use crate::web::page;
use crate::web::pages::categories::sentence_of;
use crate::web::pages::categories::use_rules;
use crate::web::refused;

/// Members that are named in the list; how many more there are is told.
const NAMED: usize = 6;
/// An address that takes a removed group back is at most this long; browsers and proxies take no longer ones.
const LONGEST_ADDRESS: usize = 6_000;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/categories/groups/new", get(new).post(create))
        .route("/categories/groups/{id}", get(edit).post(save))
        .route("/categories/groups/{id}/delete", post(remove))
}

/// A group in the list.
pub(super) struct GroupRow {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) members: String,
    pub(super) rules: String,
    /// False while rules name it.
    pub(super) can_go: bool,
}

impl GroupRow {
    pub(super) fn new(texts: Texts, group: &ResourceGroup, rules: &[Rule]) -> Self {
        let mut names: Vec<String> = group.members.iter().take(NAMED).map(|one| one.name().to_owned()).collect();
        let more = group.members.len().saturating_sub(NAMED);
        if more > 0 {
            names.push(texts.count("categories-group-more", more));
        }
        let naming = rules.iter().filter(|rule| rule.target == Target::Group(group.name.clone())).count();
        Self {
            id: group.id.to_string(),
            name: group.name.clone(),
            members: names.join(", "),
            rules: texts.count("categories-group-rules", naming),
            can_go: naming == 0,
        }
    }
}

/// A group as it stands in a form.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct TypedGroup {
    pub(super) name: String,
    /// One in each line.
    pub(super) sites: String,
    /// One in each line.
    pub(super) applications: String,
}

impl TypedGroup {
    fn of(group: &ResourceGroup) -> Self {
        let lines = |kind: &str| {
            let names = group.members.iter().filter(|one| one.kind() == kind).map(Target::name);
            names.collect::<Vec<_>>().join("\n")
        };
        Self { name: group.name.clone(), sites: lines("site"), applications: lines("application") }
    }

    /// What an address says of a group that was removed just now.
    pub(super) fn removed(name: &str, sites: &str, applications: &str) -> Option<Self> {
        let (name, sites, applications) = (name.to_owned(), sites.to_owned(), applications.to_owned());
        (!name.is_empty()).then_some(Self { name, sites, applications })
    }

    fn parsed(&self) -> Result<NewResourceGroup, GroupError> {
        let sites = self.sites.lines().map(|line| ("site", line));
        NewResourceGroup::parse(&self.name, sites.chain(self.applications.lines().map(|line| ("application", line))))
    }
}

#[derive(Template)]
#[template(path = "categories/group.html")]
struct GroupPage {
    l: Layout,
    title: String,
    action: String,
    typed: TypedGroup,
    problems: Problems,
}

impl GroupPage {
    fn new(visitor: &Visitor, group: Option<&ResourceGroup>, typed: TypedGroup) -> Self {
        let title = group.map_or_else(|| visitor.texts.t("categories-group-new"), |group| group.name.clone());
        let list = Crumb { href: "/categories".to_owned(), label: visitor.texts.t("nav-categories") };
        let last = group.map_or_else(|| "new".to_owned(), |group| group.id.to_string());
        let mut l = Layout::new(&visitor.viewer(), Section::Categories, &title);
        if l.crumbs.iter().all(|crumb| crumb.href != list.href) {
            l = l.through([list]);
        }
        Self { l, action: format!("/categories/groups/{last}"), title, typed, problems: Problems::none() }
    }
}

fn require_editor(visitor: &Visitor) -> Result<(), PageFailure> {
    let denied = visitor.actor().require(Permission::EditPolicies);
    denied.map_err(|denied| visitor.failure(Failure::from(denied)))
}

async fn new(visitor: Visitor) -> Result<Response, PageFailure> {
    require_editor(&visitor)?;
    Ok(page(&GroupPage::new(&visitor, None, TypedGroup::default())).into_response())
}

async fn edit(State(app): State<App>, visitor: Visitor, At(id): At<ResourceGroupId>) -> Result<Response, PageFailure> {
    require_editor(&visitor)?;
    let group = find(&app, &visitor, id).await?;
    Ok(page(&GroupPage::new(&visitor, Some(&group), TypedGroup::of(&group))).into_response())
}

async fn find(app: &App, visitor: &Visitor, id: ResourceGroupId) -> Result<ResourceGroup, PageFailure> {
    let all = app.policy.groups(visitor.actor(), visitor.organization_id()).await;
    let found = all.map_err(|problem| visitor.failure(problem))?.into_iter().find(|one| one.id == id);
    found.ok_or_else(|| visitor.failure(Failure::not_found()))
}

async fn create(
    State(app): State<App>,
    visitor: Visitor,
    Form(typed): Form<TypedGroup>,
) -> Result<Response, PageFailure> {
    require_editor(&visitor)?;
    set(&app, &visitor, (None, typed)).await
}

async fn save(
    State(app): State<App>,
    visitor: Visitor,
    At(id): At<ResourceGroupId>,
    Form(typed): Form<TypedGroup>,
) -> Result<Response, PageFailure> {
    require_editor(&visitor)?;
    let group = find(&app, &visitor, id).await?;
    set(&app, &visitor, (Some(group), typed)).await
}

async fn set(
    app: &App,
    visitor: &Visitor,
    (group, typed): (Option<ResourceGroup>, TypedGroup),
) -> Result<Response, PageFailure> {
    let (actor, organization, texts) = (visitor.actor(), visitor.organization_id(), visitor.texts);
    let again = |problems| GroupPage { problems, ..GroupPage::new(visitor, group.as_ref(), typed.clone()) };
    let new = match typed.parsed() {
        Ok(new) => new,
        Err(problem) => return Ok(refused(&again(problems(texts, &problem))).into_response()),
    };
    let id = group.as_ref().map(|group| group.id);
    match app.policy.set_group(actor, organization, (id, new)).await {
        Ok(group) => {
            use_rules(app, actor, organization).await.map_err(|problem| visitor.failure(problem))?;
            Ok(done("/categories", "done-group-saved", &group.name))
        }
        Err(problem) => {
            let problems = Problems::refused(problem.into(), texts, "name");
            Ok(refused(&again(problems.map_err(|problem| visitor.failure(problem))?)).into_response())
        }
    }
}

fn problems(texts: Texts, problem: &GroupError) -> Problems {
    let mut problems = Problems::none();
    match problem {
        GroupError::Name => problems.add("name", texts.t("error-required")),
        GroupError::Empty => problems.add("sites", texts.t("categories-group-empty")),
        GroupError::TooMany => problems.add("sites", texts.count("categories-group-too-many", NewResourceGroup::MOST)),
        GroupError::Member { text, problem } => {
            // Only a site can be a wrong one, or an application that stands for everything.
            let field = if *problem == crate::policy::RuleError::Site { "sites" } else { "applications" };
            problems.add(field, format!("{text}: {}", texts.t(sentence_of(*problem))));
        }
    }
    problems
}

/// `POST /categories/groups/{id}/delete`: removed at once; the next page offers to take it back.
async fn remove(
    State(app): State<App>,
    visitor: Visitor,
    At(id): At<ResourceGroupId>,
) -> Result<Response, PageFailure> {
    let (actor, organization) = (visitor.actor(), visitor.organization_id());
    let group = app.policy.remove_group(actor, organization, id).await;
    let group = group.map_err(|problem| visitor.failure(problem))?;
    let typed = TypedGroup::of(&group);
    let [name, sites, applications] = [&typed.name, &typed.sites, &typed.applications].map(|text| encode(text));
    let back = format!("/categories?group={name}&sites={sites}&applications={applications}");
    let to = if back.len() <= LONGEST_ADDRESS { back } else { "/categories".to_owned() };
    Ok(done(&to, "done-group-removed", &group.name))
}
