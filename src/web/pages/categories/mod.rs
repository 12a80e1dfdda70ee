//! What counts as useful: own rules of the organization, a department or a person, what comes to them from above, what
//! was used lately, then the starter catalogue.

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
use crate::monitoring::Catalogue;
use crate::monitoring::Category;
use crate::monitoring::Top;
use crate::people::Directory;
use crate::policy::NewRule;
use crate::policy::Rating;
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
use crate::web::Texts;
use crate::web::Visitor;
use crate::web::done;
use crate::web::page;
use crate::web::pages::categories::whom::Whom;
use crate::web::refused;

/// Over how many days the effect of a rule is shown.
const DAYS: i64 = 7;
/// Names in the list of what was used lately.
const USED: usize = 12;

/// Routes of this page.
pub(in crate::web) fn routes() -> Router<App> {
    Router::new().route("/categories", get(show).post(set)).route("/categories/{id}/delete", post(remove))
}

/// Own rules in the words of the domain that rates by them.
pub fn rules_of(rules: &[Rule]) -> Vec<(AppliesTo, monitoring::Rule)> {
    let rated = |rule: &Rule| monitoring::Rule {
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
    rules.iter().map(|rule| (rule.applies_to, rated(rule))).collect()
}

#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(default)]
struct Asked {
    /// For whom, as `whom` writes it.
    of: String,
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
    /// For whom the rules are.
    of: String,
    choices: Vec<Choice>,
    title: String,
    person: bool,
    own: Vec<OwnRow>,
    above: Vec<AboveRow>,
    used: Vec<UsedRow>,
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

struct OwnRow {
    id: String,
    kind: &'static str,
    kind_word: String,
    name: String,
    rating: &'static str,
    rating_word: String,
    lately: String,
}

/// A rule that comes from above.
struct AboveRow {
    kind_word: String,
    name: String,
    rating: &'static str,
    rating_word: String,
    from: String,
    href: String,
}

struct UsedRow {
    kind: &'static str,
    kind_word: String,
    name: String,
    rating: &'static str,
    rating_word: String,
    lately: String,
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
    app.monitoring.use_rules(organization, &rules_of(&rules));
    Ok(())
}

async fn build(app: &App, visitor: &Visitor, asked: &Asked, form: TypedRule) -> Result<CategoriesPage, Failure> {
    let (actor, organization, texts) = (visitor.actor(), visitor.organization_id(), visitor.texts);
    let all = app.policy.rules(actor, organization).await?;
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
        own: rules.iter().rev().map(|rule| own_row(texts, rule, seen)).collect(),
        used: seen.map(|seen| used(texts, &rules, &catalogue, seen)).unwrap_or_default(),
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

fn kind_word(texts: Texts, kind: &str) -> String {
    texts.t(if kind == "site" { "categories-site" } else { "categories-application" })
}

fn own_row(texts: Texts, rule: &Rule, seen: Option<(&Top, &Top)>) -> OwnRow {
    let ms = seen.map_or(0, |(applications, sites)| match &rule.target {
        Target::Application(name) => lasted(applications, |one| fits(name, one)),
        Target::Site(name) => lasted(sites, |one| one == name || one.ends_with(&format!(".{name}"))),
    });
    OwnRow {
        id: rule.id.to_string(),
        kind: rule.target.kind(),
        kind_word: kind_word(texts, rule.target.kind()),
        name: rule.target.name().to_owned(),
        rating: rule.rating.name(),
        rating_word: texts.t(&format!("state-{}", rule.rating.name())),
        lately: match seen {
            None => "\u{2013}".to_owned(),
            Some(_) if ms > 0 => texts.duration_ms(ms),
            Some(_) => texts.t("none"),
        },
    }
}

/// What others on the way up have decided, the nearest first, unless somebody nearer says something about the same.
fn above(visitor: &Visitor, (directory, whom): (&Directory, &Whom), all: &[Rule]) -> Vec<AboveRow> {
    let texts = visitor.texts;
    let mut said: Vec<&Rule> = all.iter().filter(|rule| rule.applies_to == whom.applies_to).collect();
    let mut rows = Vec::new();
    for layer in whom.chain.iter().filter(|one| **one != whom.applies_to) {
        let of_layer: Vec<&Rule> = all.iter().rev().filter(|rule| rule.applies_to == *layer).collect();
        for rule in &of_layer {
            if said.iter().any(|nearer| nearer.target.is_same(&rule.target)) {
                continue;
            }
            rows.push(AboveRow {
                kind_word: kind_word(texts, rule.target.kind()),
                name: rule.target.name().to_owned(),
                rating: rule.rating.name(),
                rating_word: texts.t(&format!("state-{}", rule.rating.name())),
                from: whom::name(visitor, directory, *layer),
                href: whom::href(*layer),
            });
        }
        said.extend(of_layer);
    }
    rows
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

#[cfg(test)]
mod tests {
    use super::fits;
    use super::rules_of;
    use crate::kernel::RuleId;
    use crate::monitoring::Catalogue;
    use crate::monitoring::Category;
    use crate::monitoring::Ratings;
    use crate::policy::Rating;
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
        let ratings = Ratings::new(&rules_of(&[rule]));
        let catalogue = ratings.organization();
        assert_eq!(catalogue.site_category("www.youtube.com"), Some(Category::Useful));
        assert_eq!(Catalogue::default().site_category("www.youtube.com"), Some(Category::Distracting));
    }

    #[test]
    fn a_star_stands_for_anything() {
        assert!(fits("telegram*", "Telegram Desktop") && !fits("telegram", "Telegram Desktop"));
    }
}
