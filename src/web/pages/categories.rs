//! What counts as useful: the organization's own rules first, what was used lately, then the starter catalogue.

use askama::Template;
use axum::Form;
use axum::Router;
use axum::extract::Query;
use axum::extract::State;
use axum::response::IntoResponse as _;
use axum::response::Response;
use axum::routing::get;
use axum::routing::post;

use crate::kernel::Permission;
use crate::kernel::RuleId;
use crate::kernel::fold;
use crate::monitoring;
use crate::monitoring::By;
use crate::monitoring::Catalogue;
use crate::monitoring::Category;
use crate::monitoring::Subject;
use crate::monitoring::Top;
use crate::policy::NewRule;
use crate::policy::Rating;
use crate::policy::Rule;
use crate::policy::RuleError;
use crate::policy::Target;
use crate::web::App;
use crate::web::At;
use crate::web::Failure;
use crate::web::Layout;
use crate::web::PageFailure;
use crate::web::Section;
use crate::web::Texts;
use crate::web::Visitor;
use crate::web::done;
use crate::web::page;
use crate::web::refused;

/// Over how many days the effect of a rule is shown.
const DAYS: i64 = 7;
/// Names in the list of what was used lately.
const USED: usize = 12;

/// Routes of this page.
pub(in crate::web) fn routes() -> Router<App> {
    Router::new().route("/categories", get(show).post(set)).route("/categories/{id}/delete", post(remove))
}

/// An organization's rules in the words of the domain that rates by them.
pub fn rules_of(rules: &[Rule]) -> Vec<monitoring::Rule> {
    let rule = |rule: &Rule| monitoring::Rule {
        target: match &rule.target {
            Target::Application(name) => monitoring::Target::Application(name.clone()),
            Target::Site(name) => monitoring::Target::Site(name.clone()),
        },
        category: match rule.rating {
            Rating::Useful => Category::Useful,
            Rating::Neutral => Category::Neutral,
            Rating::Distracting => Category::Distracting,
        },
    };
    rules.iter().map(rule).collect()
}

#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(default)]
struct Asked {
    q: String,
    undo: Option<RuleId>,
    kind: String,
    name: String,
    rating: String,
}

#[derive(Template)]
#[template(path = "categories/page.html")]
struct CategoriesPage {
    l: Layout,
    can_edit: bool,
    own: Vec<OwnRow>,
    used: Vec<UsedRow>,
    groups: Vec<Group>,
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

struct OwnRow {
    id: String,
    kind: &'static str,
    kind_word: String,
    name: String,
    rating: &'static str,
    rating_word: String,
    lately: String,
}

struct UsedRow {
    kind: &'static str,
    kind_word: String,
    name: String,
    rating: &'static str,
    rating_word: String,
    lately: String,
}

/// A group of the starter catalogue.
struct Group {
    name: String,
    rating: &'static str,
    rating_word: String,
    count: String,
    applications: String,
    sites: String,
    open: bool,
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
            let asked = Asked::default();
            let shown = build(&app, &visitor, &asked, form).await.map_err(|problem| visitor.failure(problem))?;
            return Ok(refused(&shown).into_response());
        }
    };
    let (actor, organization) = (visitor.actor(), visitor.organization_id());
    let rule = app.policy.set_rule(actor, organization, NewRule { target, rating }).await;
    let rule = rule.map_err(|problem| visitor.failure(problem))?;
    apply(&app, &visitor).await.map_err(|problem| visitor.failure(problem))?;
    Ok(done("/categories", "done-rule-set", rule.target.name()))
}

/// `POST /categories/{id}/delete`: removed at once; the next page offers to take it back.
async fn remove(State(app): State<App>, visitor: Visitor, At(id): At<RuleId>) -> Result<Response, PageFailure> {
    let rule = app.policy.remove_rule(visitor.actor(), visitor.organization_id(), id).await;
    let rule = rule.map_err(|problem| visitor.failure(problem))?;
    apply(&app, &visitor).await.map_err(|problem| visitor.failure(problem))?;
    let name = crate::web::encode(rule.target.name());
    let (kind, rating) = (rule.target.kind(), rule.rating.name());
    let to = format!("/categories?undo={id}&kind={kind}&rating={rating}&name={name}");
    Ok(done(&to, "done-rule-removed", rule.target.name()))
}

/// Hands the changed rules to who rates by them.
async fn apply(app: &App, visitor: &Visitor) -> Result<(), Failure> {
    let rules = app.policy.rules(visitor.actor(), visitor.organization_id()).await?;
    app.monitoring.use_rules(visitor.organization_id(), &rules_of(&rules));
    Ok(())
}

async fn build(app: &App, visitor: &Visitor, asked: &Asked, form: TypedRule) -> Result<CategoriesPage, Failure> {
    let (actor, organization, texts) = (visitor.actor(), visitor.organization_id(), visitor.texts);
    let rules = app.policy.rules(actor, organization).await?;
    let to = visitor.zone.day_of(app.clock.now());
    let from = to.checked_sub(jiff::Span::new().days(DAYS - 1)).unwrap_or(to);
    let top = async |by| app.monitoring.top(actor, organization, (Subject::Organization, by), (from, to)).await;
    let (applications, sites) = (top(By::Application).await?, top(By::Site).await?);
    let catalogue = app.monitoring.catalogue(organization);
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
        own: rules.iter().rev().map(|rule| own_row(texts, rule, (&applications, &sites))).collect(),
        used: used(texts, &rules, &catalogue, (&applications, &sites)),
        groups: groups(texts, &asked.q),
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

fn kind_word(texts: Texts, kind: &str) -> String {
    texts.t(if kind == "site" { "categories-site" } else { "categories-application" })
}

fn own_row(texts: Texts, rule: &Rule, (applications, sites): (&Top, &Top)) -> OwnRow {
    let ms: i64 = match &rule.target {
        Target::Application(name) => lasted(applications, |one| fits(name, one)),
        Target::Site(name) => lasted(sites, |one| one == name || one.ends_with(&format!(".{name}"))),
    };
    OwnRow {
        id: rule.id.to_string(),
        kind: rule.target.kind(),
        kind_word: kind_word(texts, rule.target.kind()),
        name: rule.target.name().to_owned(),
        rating: rule.rating.name(),
        rating_word: texts.t(&format!("state-{}", rule.rating.name())),
        lately: if ms > 0 { texts.duration_ms(ms) } else { texts.t("none") },
    }
}

fn lasted(top: &Top, wanted: impl Fn(&str) -> bool) -> i64 {
    top.rows.iter().filter(|row| wanted(&row.name)).map(|row| row.ms).sum()
}

fn fits(pattern: &str, name: &str) -> bool {
    let (pattern, name) = (pattern.to_lowercase(), name.to_lowercase());
    match pattern.strip_suffix('*') {
        Some(head) => name.starts_with(head),
        None => name == pattern,
    }
}

/// What was used most lately and has no own rule: where a new rule changes most.
fn used(texts: Texts, rules: &[Rule], catalogue: &Catalogue, (applications, sites): (&Top, &Top)) -> Vec<UsedRow> {
    let has_rule =
        |kind: &str, name: &str| rules.iter().any(|rule| rule.target.kind() == kind && fits(rule.target.name(), name));
    let row = |kind: &'static str, top: &Top| -> Vec<(i64, UsedRow)> {
        let named = top.rows.iter().filter(|row| !row.name.is_empty() && !has_rule(kind, &row.name));
        let shown = named.filter(|row| kind == "site" || !catalogue.is_browser(&row.name)).take(USED);
        let rows = shown.map(|row| {
            let category = row.category();
            let shown = UsedRow {
                kind,
                kind_word: kind_word(texts, kind),
                name: row.name.clone(),
                rating: category.name(),
                rating_word: texts.t(&format!("state-{}", category.name())),
                lately: texts.duration_ms(row.ms),
            };
            (row.ms, shown)
        });
        rows.collect()
    };
    let mut found = row("application", applications);
    found.extend(row("site", sites));
    found.sort_by_key(|(ms, _)| std::cmp::Reverse(*ms));
    found.into_iter().take(USED).map(|(_, row)| row).collect()
}

/// The starter catalogue, of which only what fits the search is shown.
fn groups(texts: Texts, q: &str) -> Vec<Group> {
    let wanted = fold(q);
    let mut groups: Vec<(&str, Category, Vec<&str>, Vec<&str>)> = Vec::new();
    for known in Catalogue::known() {
        let (monitoring::Target::Application(name) | monitoring::Target::Site(name)) = &known.target;
        if !fold(name).contains(&wanted) {
            continue;
        }
        if groups.last().is_none_or(|(group, category, ..)| *group != known.group || *category != known.category) {
            groups.push((&known.group, known.category, Vec::new(), Vec::new()));
        }
        let Some((_, _, applications, sites)) = groups.last_mut() else { continue };
        match known.target {
            monitoring::Target::Application(_) => applications.push(name),
            monitoring::Target::Site(_) => sites.push(name),
        }
    }
    let group = |(name, category, applications, sites): (&str, Category, Vec<&str>, Vec<&str>)| Group {
        name: texts.t(&format!("categories-group-{}", name.replace('_', "-"))),
        rating: category.name(),
        rating_word: texts.t(&format!("state-{}", category.name())),
        count: texts.number((applications.len() + sites.len()) as u64),
        applications: applications.join(", "),
        sites: sites.join(", "),
        open: !wanted.is_empty(),
    };
    groups.into_iter().map(group).collect()
}

#[cfg(test)]
mod tests {
    use super::fits;
    use super::groups;
    use super::rules_of;
    use crate::kernel::Language;
    use crate::kernel::RuleId;
    use crate::monitoring::Catalogue;
    use crate::monitoring::Category;
    use crate::policy::Rating;
    use crate::policy::Rule;
    use crate::policy::Target;
    use crate::web::Texts;

    #[test]
    fn an_own_rule_goes_before_the_starter_catalogue() {
        let target = Target::Site("youtube.com".to_owned());
        let rule = Rule {
            id: RuleId::new(1),
            target,
            rating: Rating::Useful,
            set_at: "2026-11-20T08:00:00Z".parse().unwrap(),
        };
        let catalogue = Catalogue::with_rules(&rules_of(&[rule]));
        assert_eq!(catalogue.site_category("www.youtube.com"), Some(Category::Useful));
        assert_eq!(Catalogue::default().site_category("www.youtube.com"), Some(Category::Distracting));
    }

    #[test]
    fn a_search_keeps_only_what_fits() {
        let texts = Texts::of(Language::En);
        let found = groups(texts, "YouTube");
        assert!(found.iter().all(|group| group.sites.contains("youtube") || group.applications.contains("YouTube")));
        assert!(found.len() < groups(texts, "").len());
        assert!(fits("telegram*", "Telegram Desktop") && !fits("telegram", "Telegram Desktop"));
    }
}
