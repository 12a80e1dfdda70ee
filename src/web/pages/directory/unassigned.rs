//! `/unassigned`: accounts that belong to nobody yet, each with whose it might be and why.

use askama::Template;
use axum::Router;
use axum::extract::Form;
use axum::extract::Query;
use axum::extract::State;
use axum::response::IntoResponse as _;
use axum::response::Response;
use axum::routing::get;
use axum::routing::post;

use crate::kernel::Classify as _;
use crate::kernel::ComputerUserId;
use crate::kernel::EmployeeId;
use crate::kernel::Kind;
use crate::kernel::PageRequest;
use crate::people::LinkInput;
use crate::people::PeopleError;
use crate::people::Proposal;
use crate::people::Unassigned;
use crate::people::View;
use crate::web::App;
use crate::web::Layout;
use crate::web::PageFailure;
use crate::web::Section;
use crate::web::Texts;
use crate::web::Visitor;
use crate::web::done;
use crate::web::page;
use crate::web::pages::directory::editor_view;
use crate::web::pages::directory::fields::Fields;
use crate::web::pages::directory::fields::href;
use crate::web::pages::directory::require_editor;
use crate::web::pages::directory::shown::Foot;
use crate::web::pages::directory::shown::STEP;
use crate::web::pages::directory::shown::when;
use crate::web::pages::directory::trail;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/unassigned", get(list)).route("/unassigned/accept", post(accept))
}

#[derive(Template)]
#[template(path = "links/unassigned.html")]
struct UnassignedPage {
    l: Layout,
    meta: String,
    q: String,
    here: String,
    rows: Vec<Row>,
    /// What "accept all sure ones" would accept: exactly those that are shown.
    sure: Vec<String>,
    sure_label: String,
    any: bool,
    nothing: String,
    foot: Foot,
    announce: String,
}

struct Row {
    id: String,
    name: String,
    computer: String,
    computer_href: String,
    seen: String,
    proposals: Vec<Proposed>,
}

/// A person to whom the account might belong.
pub(super) struct Proposed {
    pub(super) employee: String,
    pub(super) pair: String,
    pub(super) name: String,
    pub(super) reason: String,
    pub(super) label: String,
}

/// `GET /unassigned`.
async fn list(State(app): State<App>, visitor: Visitor, Query(query): Query<Fields>) -> Result<Response, PageFailure> {
    let view = editor_view(&app, &visitor).await?;
    let shown = UnassignedPage::new(&visitor, &view, &query).map_err(|problem| visitor.failure(problem))?;
    Ok(page(&shown).into_response())
}

impl UnassignedPage {
    fn new(visitor: &Visitor, view: &View, query: &Fields) -> Result<Self, PeopleError> {
        let texts = visitor.texts;
        let q = query.text("q");
        let show = query.parsed("show").unwrap_or(STEP).clamp(STEP, PageRequest::MAX);
        let found = view.unassigned(q, &PageRequest { limit: show, after: None })?;
        let all = view.count_unassigned()?;
        // With words asked for, only what is shown is known to match.
        let total = if q.is_empty() { all } else { found.items.len() as u64 };
        let address = |show: usize| href("/unassigned", &[("q", q), ("show", &show.to_string())]);
        let sure: Vec<String> = found.items.iter().filter_map(|one| one.sure().map(|sure| pair(one, sure))).collect();
        let nothing = texts.with("nothing-found-for", [("query", q.into())]);
        Ok(Self {
            l: Layout::new(&visitor.viewer(), Section::Unassigned, ""),
            meta: if all == 0 { String::new() } else { texts.count("people-unlinked", all) },
            q: q.to_owned(),
            here: href("/unassigned", &[("q", q)]),
            sure_label: texts.count("unassigned-accept-sure", sure.len()),
            sure,
            any: all > 0,
            nothing,
            foot: Foot::new(texts, found.items.len(), total, address),
            announce: texts.count("people-unlinked", total),
            rows: found.items.iter().map(|one| Row::new(visitor, view, one)).collect::<Result<_, _>>()?,
        })
    }
}

impl Row {
    fn new(visitor: &Visitor, view: &View, one: &Unassigned) -> Result<Self, PeopleError> {
        let texts = visitor.texts;
        let user = &one.user.user;
        let seen = user.last_seen.map(|at| when(texts, &visitor.zone, at, view.now()));
        Ok(Self {
            id: user.id.to_string(),
            name: user.name().to_owned(),
            computer: one.user.computer_name.clone(),
            computer_href: format!("/computers/{}", user.computer),
            seen: seen.unwrap_or_else(|| texts.t("computers-never")),
            proposals: proposed(texts, view, one)?,
        })
    }
}

/// The proposals of an account with their reasons in words.
pub(super) fn proposed(texts: Texts, view: &View, one: &Unassigned) -> Result<Vec<Proposed>, PeopleError> {
    let directory = view.whole()?;
    let known = one.proposals.iter().filter_map(|proposal| Some((proposal, directory.employee(proposal.employee)?)));
    let shown = known.map(|(proposal, employee)| {
        let name = employee.surname_first();
        let key = format!("unassigned-reason-{}", proposal.reason.code().replace('_', "-"));
        Proposed {
            employee: proposal.employee.to_string(),
            pair: pair(one, proposal),
            reason: texts.with(&key, [("matched", (&proposal.matched).into())]),
            label: texts
                .with("unassigned-accept-label", [("user", one.user.user.name().into()), ("name", (&name).into())]),
            name,
        }
    });
    Ok(shown.collect())
}

fn pair(one: &Unassigned, proposal: &Proposal) -> String {
    format!("{}:{}", one.user.user.id, proposal.employee)
}

/// `POST /unassigned/accept`: links each given account to its person, since it was first seen.
async fn accept(State(app): State<App>, visitor: Visitor, Form(form): Form<Fields>) -> Result<Response, PageFailure> {
    require_editor(&visitor)?;
    let mut linked = 0_u64;
    for picked in form.all("pick") {
        let Some((user, employee)) = picked.split_once(':').and_then(|(user, employee)| {
            Some((user.parse::<ComputerUserId>().ok()?, employee.parse::<EmployeeId>().ok()?))
        }) else {
            continue;
        };
        let input = LinkInput { employee, from: None, to: None };
        match app.people.create_link(visitor.actor(), visitor.organization_id(), user, input).await {
            Ok(link) => {
                trail::record(&app, &visitor, trail::link("link.create", &link)).await;
                linked += 1;
            }
            // Somebody else was faster; theirs stands.
            Err(problem) if problem.kind() == Kind::Conflict => {}
            Err(problem) => return Err(visitor.failure(problem)),
        }
    }
    Ok(done(form.back("/unassigned"), "done-links-accepted", &visitor.texts.number(linked)))
}
