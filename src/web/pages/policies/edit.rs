//! The draft of a policy: a form, and beside it what would change.

use askama::Template;
use axum::Form as Sent;
use axum::extract::State;
use axum::response::IntoResponse as _;
use axum::response::Redirect;
use axum::response::Response;
use nazorat_wire::policy::Effective;
use nazorat_wire::policy::Layer;
use nazorat_wire::policy::Origins;
use nazorat_wire::policy::Settings;

use super::Head;
use super::Known;
use super::Tab;
use super::outcome::Outcome;
use super::require_editor;
use super::rows::Against;
use super::rows::Form;
use super::typed::Pairs;
use super::typed::Typed;
use super::typed::TypedExclusion;
use super::typed::Wrong;
use crate::kernel::Kind;
use crate::kernel::PolicyId;
use crate::kernel::Timestamp;
use crate::policy::collection::PoliciesError;
use crate::policy::collection::Seen;
use crate::web::App;
use crate::web::At;
use crate::web::Failure;
use crate::web::Layout;
use crate::web::PageFailure;
use crate::web::Visitor;
use crate::web::done;
use crate::web::page;
use crate::web::refused;

#[derive(Template)]
#[template(path = "policies/edit.html")]
struct EditPage {
    l: Layout,
    head: Head,
    form: Form,
    typed: Typed,
    wrong: Vec<Wrong>,
    stale: Option<Stale>,
    outcome: Outcome,
    /// What its author has seen, so that nothing is overwritten unseen.
    version: u32,
    seen: String,
    /// Who last changed the draft, and when.
    draft_of: String,
    unsaved: bool,
    /// Exclusions can be told about as one.
    exclusions_wrong: String,
}

/// Somebody else was quicker.
struct Stale {
    text: String,
    href: String,
}

/// `GET /policies/{id}`.
pub(super) async fn show(
    State(app): State<App>,
    visitor: Visitor,
    At(id): At<PolicyId>,
) -> Result<Response, PageFailure> {
    let known = Known::find(&app, &visitor, id).await.map_err(|problem| visitor.failure(problem))?;
    let typed = Typed::of(&known.worked_on(), visitor.zone.name());
    Ok(page(&EditPage::new(&visitor, &known, typed, Typing::default())).into_response())
}

/// `POST /policies/{id}`: keeps the draft, or only looks at what it would change.
pub(super) async fn submit(
    State(app): State<App>,
    visitor: Visitor,
    At(id): At<PolicyId>,
    Sent(pairs): Sent<Pairs>,
) -> Result<Response, PageFailure> {
    let failed = |problem: Failure| visitor.failure(problem);
    require_editor(&visitor).map_err(failed)?;
    let known = Known::find(&app, &visitor, id).await.map_err(failed)?;
    let mut typed = Typed::read(&pairs);
    let seen = seen(&pairs);
    let wanted = pairs.text("do");
    let looks = |typed, fresh| {
        let typing = Typing { seen: Some(seen), fresh, quiet: true, ..Typing::default() };
        page(&EditPage::new(&visitor, &known, typed, typing)).into_response()
    };
    if wanted == "look" {
        return Ok(looks(typed, None));
    }
    if wanted == "add" {
        typed.exclusions.push(TypedExclusion::new());
        let fresh = typed.exclusions.len() - 1;
        return Ok(looks(typed, Some(fresh)));
    }
    if let Some(place) = wanted.strip_prefix("remove-").and_then(|place| place.parse::<usize>().ok()) {
        if place < typed.exclusions.len() {
            typed.exclusions.remove(place);
        }
        return Ok(looks(typed, None));
    }
    let (settings, wrong) = typed.settings(visitor.texts);
    if !wrong.is_empty() {
        let typing = Typing { seen: Some(seen), wrong, ..Typing::default() };
        return Ok(refused(&EditPage::new(&visitor, &known, typed, typing)).into_response());
    }
    let (href, next) = (known.href(), after(wanted, &known));
    // Neither is a draft made of nothing, nor one touched that stays as it is.
    if settings == known.worked_on() {
        return Ok(match (known.policy.draft.is_some(), wanted) {
            (_, "save") => done(&href, "done-policy-unchanged", &known.name()),
            (true, _) => Redirect::to(&next).into_response(),
            (false, _) => done(&href, "done-policy-nothing", &known.name()),
        });
    }
    let kept = app.policies.save_seen_draft(visitor.actor(), visitor.organization_id(), id, (settings, seen)).await;
    match kept {
        Ok(_) if wanted == "save" => Ok(done(&href, "done-policy-draft", &known.name())),
        Ok(_) => Ok(Redirect::to(&next).into_response()),
        Err(problem) => {
            let known = Known::find(&app, &visitor, id).await.map_err(failed)?;
            let stale = Stale::new(&visitor, &known, &problem);
            let Some(stale) = stale else { return Err(visitor.failure(problem)) };
            // Seen now: who saves once more means it.
            let typing = Typing { stale: Some(stale), ..Typing::default() };
            Ok(refused(&EditPage::new(&visitor, &known, typed, typing)).into_response())
        }
    }
}

/// Where it goes on when the draft is kept.
fn after(wanted: &str, known: &Known) -> String {
    let href = known.href();
    match wanted {
        "publish" => format!("{href}/publish"),
        "try" => format!("{href}/preview"),
        _ => href,
    }
}

fn seen(pairs: &Pairs) -> Seen {
    Seen { version: pairs.text("version").parse().unwrap_or(0), draft: pairs.text("seen").parse().ok() }
}

/// How a form is shown that was typed into.
#[derive(Default)]
struct Typing {
    /// What its author had seen before; what is there now, if nothing is said.
    seen: Option<Seen>,
    wrong: Vec<Wrong>,
    stale: Option<Stale>,
    /// The exclusion that was just added.
    fresh: Option<usize>,
    /// What is not finished is not called wrong.
    quiet: bool,
}

impl EditPage {
    fn new(visitor: &Visitor, known: &Known, typed: Typed, typing: Typing) -> Self {
        let texts = visitor.texts;
        let (settings, unfinished) = typed.settings(texts);
        let wrong = if typing.quiet { Vec::new() } else { typing.wrong };
        let released = known.released();
        let (above, origins) = known.above_with_origins();
        let against = Against {
            texts,
            names: &known.names,
            above: &above,
            origins: &origins,
            released: &released,
            settings: &settings,
            wrong: &wrong,
        };
        let seen = typing.seen.unwrap_or(Seen {
            version: known.policy.version,
            draft: known.policy.draft.as_ref().map(|draft| draft.changed_at),
        });
        let draft_of = known.policy.draft.as_ref().map(|draft| {
            let at = texts.moment(&visitor.zone, draft.changed_at);
            texts.with("policies-draft-of", [("who", draft.changed_by.as_str().into()), ("at", at.into())])
        });
        let finished = Settings { exclusions: finished(&settings, &unfinished), ..settings.clone() };
        Self {
            l: known.layout(visitor),
            head: known.head(visitor, Tab::Settings),
            form: Form::new(&typed, &against, typing.fresh),
            exclusions_wrong: against.wrong_at("exclusions"),
            stale: typing.stale,
            outcome: Outcome::new(texts, known, &finished),
            version: seen.version,
            seen: seen.draft.map(|at: Timestamp| at.to_string()).unwrap_or_default(),
            draft_of: draft_of.unwrap_or_default(),
            unsaved: settings != known.worked_on(),
            typed,
            wrong,
        }
    }
}

/// Exclusions that can be used as they are.
fn finished(settings: &Settings, unfinished: &[Wrong]) -> Vec<nazorat_wire::policy::Exclusion> {
    let is_wrong = |place: usize| unfinished.iter().any(|one| one.field == format!("text-{place}"));
    let all = settings.exclusions.iter().enumerate();
    all.filter(|(place, _)| !is_wrong(*place)).map(|(_, one)| one.clone()).collect()
}

impl Known {
    fn above_with_origins(&self) -> (Effective, Origins) {
        match &self.above {
            Some(explained) => (explained.effective.clone(), explained.origins.clone()),
            None => Effective::of(std::iter::empty::<(Layer, &Settings)>()),
        }
    }
}

impl Stale {
    /// Who was quicker, and where what they did can be looked at.
    fn new(visitor: &Visitor, known: &Known, problem: &PoliciesError) -> Option<Self> {
        let texts = visitor.texts;
        let href = known.href();
        match problem {
            PoliciesError::Stale(_) => {
                let newest = known.versions.first()?;
                let at = texts.moment(&visitor.zone, newest.released_at);
                let values = [
                    ("who", newest.author.as_str().into()),
                    ("version", texts.number(newest.number.into()).into()),
                    ("at", at.into()),
                ];
                let from = newest.number.saturating_sub(1);
                let href = format!("{href}/compare?from={from}&to={}", newest.number);
                Some(Self { text: texts.with("policies-stale-version", values), href })
            }
            PoliciesError::DraftChanged { by, at } => {
                let at = texts.moment(&visitor.zone, *at);
                let text = texts.with("policies-stale-draft", [("who", by.as_str().into()), ("at", at.into())]);
                Some(Self { text, href: format!("{href}/compare?from={}&to=draft", known.policy.version) })
            }
            _ => None,
        }
    }
}

/// A refusal that a person can mend, in their words; anything else is a page of its own.
pub(super) fn sentence(visitor: &Visitor, problem: PoliciesError) -> Result<String, PageFailure> {
    let failure = Failure::from(problem);
    match failure.kind {
        Kind::Invalid | Kind::Conflict => Ok(failure.sentence(visitor.texts)),
        _ => Err(visitor.failure(failure)),
    }
}
