//! What counts as useful: own rules of the organization, a department or a person, what comes to them from above, what
//! was used lately, then the starter catalogue.

mod groups;
mod rows;
mod starter;
mod whom;

use askama::Template;
use axum::Form;
use axum::Router;
use axum::extract::Query;
use axum::extract::State;
use axum::response::IntoResponse as _;
use axum::response::Response;
use axum::routing::get;
use axum::routing::post;

use crate::kernel::Actor;
use crate::kernel::OrganizationId;
use crate::kernel::Permission;
use crate::kernel::RuleId;
use crate::monitoring;
use crate::monitoring::By;
use crate::monitoring::Category;
use crate::policy::NewRule;
use crate::policy::Rating;
use crate::policy::ResourceGroup;
use crate::policy::Rule;
use crate::policy::RuleError;
use crate::policy::Target;
use crate::policy::collection::AppliesTo;
use crate::web::App;
use crate::web::At;
use crate::web::Choice;
use crate::web::Failure;
use crate::web::Layout;
use crate::web::PageFailure;
use crate::web::Section;
use crate::web::Visitor;
use crate::web::done;
use crate::web::page;
use crate::web::pages::categories::rows::AboveRow;
use crate::web::pages::categories::rows::OwnRow;
use crate::web::pages::categories::rows::UsedRow;
use crate::web::pages::categories::rows::above;
use crate::web::pages::categories::rows::own_row;
use crate::web::pages::categories::rows::single;
use crate::web::pages::categories::rows::used;
use crate::web::pages::categories::whom::Whom;
use crate::web::refused;

/// Over how many days the effect of a rule is shown.
const DAYS: i64 = 7;

/// Routes of this page.
pub(in crate::web) fn routes() -> Router<App> {
    Router::new()
        .route("/categories", get(show).post(set))
        .route("/categories/{id}/delete", post(remove))
        .merge(groups::routes())
}

/// Own rules in the words of the domain that rates by them. A rule about something by its own name goes before one about
/// a group that holds it.
pub fn rules_of(rules: &[Rule], groups: &[ResourceGroup]) -> Vec<(AppliesTo, monitoring::Rule)> {
    let category = |rule: &Rule| match rule.rating {
        Rating::Useful => Category::Useful,
        Rating::Neutral => Category::Neutral,
        Rating::Distracting => Category::Distracting,
    };
    let rated = |rule: &Rule, target: &Target| {
        let target = match target {
            Target::Application(name) => monitoring::Target::Application(name.clone()),
            Target::Site(name) => monitoring::Target::Site(name.clone()),
            Target::Group(_) => return None,
        };
        Some((rule.applies_to, monitoring::Rule { target, category: category(rule) }))
    };
    let (of_groups, named): (Vec<&Rule>, Vec<&Rule>) =
        rules.iter().partition(|rule| matches!(rule.target, Target::Group(_)));
    let all = of_groups.into_iter().chain(named);
    all.flat_map(|rule| single(&rule.target, groups).into_iter().filter_map(move |one| rated(rule, one))).collect()
}

#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(default)]
struct Asked {
    /// For whom, as `whom` writes it.
    of: String,
    q: String,
    undo: Option<RuleId>,
    /// A group that was removed just now, to be taken back.
    group: String,
    sites: String,
    applications: String,
    kind: String,
    name: String,
    rating: String,
}

#[derive(Template)]
#[template(path = "categories/page.html")]
struct CategoriesPage {
    l: Layout,
    can_edit: bool,
    /// For whom the rules are.
    of: String,
    choices: Vec<Choice>,
    title: String,
    person: bool,
    own: Vec<OwnRow>,
    above: Vec<AboveRow>,
    used: Vec<UsedRow>,
    own_groups: Vec<groups::GroupRow>,
    removed_group: Option<groups::TypedGroup>,
    groups: Vec<starter::Group>,
    q: String,
    form: TypedRule,
    ratings: Vec<(&'static str, String)>,
    undo: Option<TypedRule>,
}

/// What stands in the form of a new rule.
struct TypedRule {
    kind: String,
    name: String,
    rating: String,
    wrong: String,
}

async fn show(State(app): State<App>, visitor: Visitor, Query(asked): Query<Asked>) -> Result<Response, PageFailure> {
    let form = TypedRule::empty();
    let shown = build(&app, &visitor, &asked, form).await.map_err(|problem| visitor.failure(problem))?;
    Ok(page(&shown).into_response())
}

/// `POST /categories`: a new rule, or another rating for the same thing.
async fn set(State(app): State<App>, visitor: Visitor, Form(typed): Form<Asked>) -> Result<Response, PageFailure> {
    let rating = Rating::parse(&typed.rating).unwrap_or(Rating::Neutral);
    let target = match Target::parse(&typed.kind, &typed.name) {
        Ok(target) => target,
        Err(wrong) => {
            let form = TypedRule {
                kind: typed.kind.clone(),
                name: typed.name.clone(),
                rating: typed.rating.clone(),
                wrong: visitor.texts.t(sentence_of(wrong)),
            };
            let asked = Asked { of: typed.of.clone(), ..Asked::default() };
            let shown = build(&app, &visitor, &asked, form).await.map_err(|problem| visitor.failure(problem))?;
            return Ok(refused(&shown).into_response());
        }
    };
    let (actor, organization) = (visitor.actor(), visitor.organization_id());
    let applies_to = whom::parse(&typed.of).ok_or_else(|| visitor.failure(Failure::not_found()))?;
    let rule = app.policy.set_rule(actor, organization, NewRule { applies_to, target, rating }).await;
    let rule = rule.map_err(|problem| visitor.failure(problem))?;
    use_rules(&app, actor, organization).await.map_err(|problem| visitor.failure(problem))?;
    Ok(done(&whom::href(applies_to), "done-rule-set", rule.target.name()))
}

/// `POST /categories/{id}/delete`: removed at once; the next page offers to take it back.
async fn remove(State(app): State<App>, visitor: Visitor, At(id): At<RuleId>) -> Result<Response, PageFailure> {
    let rule = app.policy.remove_rule(visitor.actor(), visitor.organization_id(), id).await;
    let rule = rule.map_err(|problem| visitor.failure(problem))?;
    let used = use_rules(&app, visitor.actor(), visitor.organization_id()).await;
    used.map_err(|problem| visitor.failure(problem))?;
    let name = crate::web::encode(rule.target.name());
    let (kind, rating) = (rule.target.kind(), rule.rating.name());
    let of = whom::word(rule.applies_to);
    let to = format!("/categories?of={of}&undo={id}&kind={kind}&rating={rating}&name={name}");
    Ok(done(&to, "done-rule-removed", rule.target.name()))
}

/// Hands the changed rules to who rates by them.
pub async fn use_rules(app: &App, actor: &Actor, organization: OrganizationId) -> Result<(), Failure> {
    let rules = app.policy.rules(actor, organization).await?;
    let groups = app.policy.groups(actor, organization).await?;
    app.monitoring.use_rules(organization, &rules_of(&rules, &groups));
    Ok(())
}

async fn build(app: &App, visitor: &Visitor, asked: &Asked, form: TypedRule) -> Result<CategoriesPage, Failure> {
    let (actor, organization, texts) = (visitor.actor(), visitor.organization_id(), visitor.texts);
    let all = app.policy.rules(actor, organization).await?;
    let groups = app.policy.groups(actor, organization).await?;
    let view = app.people.view(actor, organization).await?;
    let whom = Whom::find(visitor, view.whole()?, &asked.of)?;
    let rules: Vec<Rule> = all.iter().filter(|rule| rule.applies_to == whom.applies_to).cloned().collect();
    let to = visitor.zone.day_of(app.clock.now());
    let from = to.checked_sub(jiff::Span::new().days(DAYS - 1)).unwrap_or(to);
    let top = async |by| app.monitoring.top(actor, organization, (whom.subject(), by), (from, to)).await;
    let (applications, sites) = (top(By::Application).await?, top(By::Site).await?);
    // What one person uses is shown on that person's page only, where each look is recorded.
    let is_person = matches!(whom.applies_to, AppliesTo::Employee(_));
    let seen = (!is_person).then_some((&applications, &sites));
    let ratings = app.monitoring.ratings(organization);
    let catalogue = ratings.of(&whom.chain);
    let can_edit = actor.may(Permission::EditPolicies);
    let rating = |rating: Rating| (rating.name(), texts.t(&format!("state-{}", rating.name())));
    let undo = asked.undo.filter(|_| can_edit).map(|_| TypedRule {
        kind: asked.kind.clone(),
        name: asked.name.clone(),
        rating: asked.rating.clone(),
        wrong: String::new(),
    });
    Ok(CategoriesPage {
        l: Layout::new(&visitor.viewer(), Section::Categories, ""),
        can_edit,
        of: whom::word(whom.applies_to),
        choices: whom.choices(visitor, view.whole()?, &all),
        title: whom.title(texts),
        person: is_person,
        above: above(visitor, (view.whole()?, &whom), &all),
        own: rules.iter().rev().map(|rule| own_row(texts, (rule, &groups), seen)).collect(),
        used: seen.map(|seen| used(texts, (&rules, &groups), &catalogue, seen)).unwrap_or_default(),
        own_groups: groups.iter().map(|group| groups::GroupRow::new(texts, group, &all)).collect(),
        removed_group: groups::TypedGroup::removed(&asked.group, &asked.sites, &asked.applications)
            .filter(|_| can_edit),
        groups: starter::groups(texts, &asked.q),
        q: asked.q.clone(),
        form,
        ratings: Rating::ALL.into_iter().map(rating).collect(),
        undo,
    })
}

impl TypedRule {
    fn empty() -> Self {
        Self { kind: String::new(), name: String::new(), rating: "useful".to_owned(), wrong: String::new() }
    }
}

const fn sentence_of(wrong: RuleError) -> &'static str {
    match wrong {
        RuleError::Empty => "error-required",
        RuleError::Long => "categories-wrong-long",
        RuleError::Site => "categories-wrong-site",
        RuleError::Everything => "categories-wrong-everything",
    }
}

#[cfg(test)]
mod tests {
    use super::rules_of;
    use crate::kernel::ResourceGroupId;
    use crate::kernel::RuleId;
    use crate::monitoring::Catalogue;
    use crate::monitoring::Category;
    use crate::monitoring::Ratings;
    use crate::policy::Rating;
    use crate::policy::ResourceGroup;
    use crate::policy::Rule;
    use crate::policy::Target;
    use crate::policy::collection::AppliesTo;

    #[test]
    fn an_own_rule_goes_before_the_starter_catalogue() {
        let target = Target::Site("youtube.com".to_owned());
        let rule = Rule {
            id: RuleId::new(1),
            applies_to: AppliesTo::Organization,
            target,
            rating: Rating::Useful,
            set_at: "2026-11-20T08:00:00Z".parse().unwrap(),
        };
        let ratings = Ratings::new(&rules_of(&[rule], &[]));
        let catalogue = ratings.organization();
        assert_eq!(catalogue.site_category("www.youtube.com"), Some(Category::Useful));
        assert_eq!(Catalogue::default().site_category("www.youtube.com"), Some(Category::Distracting));
    }

    #[test]
    fn a_name_of_its_own_goes_before_its_group() {
        let rule = |id, target, rating| Rule {
            id: RuleId::new(id),
            applies_to: AppliesTo::Organization,
            target,
            rating,
            set_at: "2026-11-20T08:00:00Z".parse().unwrap(),
        };
        let site = |name: &str| Target::Site(name.to_owned());
        let banks = ResourceGroup {
            id: ResourceGroupId::new(1),
            name: "Banks".to_owned(),
            members: vec![site("ibank.uz"), site("paynet.uz"), Target::Application("iBank".to_owned())],
        };
        let rules = [
            rule(1, site("paynet.uz"), Rating::Distracting),
            rule(2, Target::Group("Banks".to_owned()), Rating::Useful),
        ];
        let ratings = Ratings::new(&rules_of(&rules, &[banks]));
        let catalogue = ratings.organization();
        assert_eq!(catalogue.classify("chrome", "online.ibank.uz"), Category::Useful);
        assert_eq!(catalogue.classify("ibank.exe", ""), Category::Useful);
        assert_eq!(catalogue.classify("chrome", "paynet.uz"), Category::Distracting, "set before, and still nearer");
    }
}
