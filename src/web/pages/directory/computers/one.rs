//! One computer: its accounts, and whose each of them was, from when to when.

use askama::Template;
use axum::extract::Path;
use axum::extract::State;
use axum::response::IntoResponse as _;
use axum::response::Response;

use crate::kernel::ComputerId;
use crate::kernel::Timestamp;
use crate::people;
use crate::people::ComputerUserView;
use crate::people::LinkView;
use crate::people::PeopleError;
use crate::people::View;
use crate::web::App;
use crate::web::Layout;
use crate::web::PageFailure;
use crate::web::Section;
use crate::web::Visitor;
use crate::web::page;
use crate::web::pages::directory::computers::light::Light;
use crate::web::pages::directory::fields::id;
use crate::web::pages::directory::may_edit;
use crate::web::pages::directory::shown::Fact;
use crate::web::pages::directory::view_of;

#[derive(Template)]
#[template(path = "computers/one.html")]
struct OnePage {
    l: Layout,
    id: String,
    name: String,
    light: Light,
    can_edit: bool,
    facts: Vec<Fact>,
    users: Vec<User>,
}

/// An account of the computer.
struct User {
    id: String,
    name: String,
    sid: String,
    seen: String,
    note: String,
    /// A service account: nobody asks whose it is.
    nobody: bool,
    links: Vec<Link>,
    linked: bool,
}

struct Link {
    id: String,
    person: String,
    person_href: String,
    from: String,
    to: String,
    /// It ends some day, but has not yet, or never ends.
    open: bool,
}

/// `GET /computers/{id}`.
pub(super) async fn computer(
    State(app): State<App>,
    visitor: Visitor,
    Path(raw): Path<String>,
) -> Result<Response, PageFailure> {
    let view = view_of(&app, &visitor).await?;
    let shown = OnePage::new(&visitor, &view, id(&visitor, &raw)?).map_err(|problem| visitor.failure(problem))?;
    Ok(page(&shown).into_response())
}

impl OnePage {
    fn new(visitor: &Visitor, view: &View, id: ComputerId) -> Result<Self, PeopleError> {
        let (texts, zone) = (visitor.texts, &visitor.zone);
        let computer = view.computer(id)?;
        let own = &computer.computer;
        let fact = |key: &str, value: String| Fact { name: texts.t(key), value };
        let seen = |at: Option<Timestamp>| at.map_or_else(|| texts.t("none"), |at| texts.moment(zone, at));
        let mut facts = vec![
            fact("computers-uid", own.uid.clone()),
            fact(
                "people-department",
                computer.department_name.clone().unwrap_or_else(|| texts.t("people-no-department")),
            ),
            fact("computers-first-seen", seen(computer.first_seen)),
            fact("computers-last-seen", seen(computer.last_seen)),
        ];
        if !own.note.is_empty() {
            facts.push(fact("computers-note", own.note.clone()));
        }
        let users = computer.users.iter().map(|user| User::new(visitor, view, user));
        Ok(Self {
            l: Layout::new(&visitor.viewer(), Section::Computers, &own.name),
            id: id.to_string(),
            name: own.name.clone(),
            light: Light::of(texts, zone, &computer, view.now()),
            can_edit: may_edit(visitor),
            facts,
            users: users.collect::<Result<_, _>>()?,
        })
    }
}

impl User {
    fn new(visitor: &Visitor, view: &View, shown: &ComputerUserView) -> Result<Self, PeopleError> {
        let (texts, zone) = (visitor.texts, &visitor.zone);
        let user = &shown.user;
        let links = view.links_of_computer_user(user.id)?;
        let moment = |at: Timestamp| texts.moment(zone, at);
        let seen = match (user.first_seen, user.last_seen) {
            (Some(first), Some(last)) => {
                texts.with("computers-seen", [("from", moment(first).into()), ("to", moment(last).into())])
            }
            _ => texts.t("computers-never"),
        };
        Ok(Self {
            id: user.id.to_string(),
            name: user.name().to_owned(),
            sid: user.sid.clone().filter(|sid| sid != user.name()).unwrap_or_default(),
            seen,
            note: user.note.clone(),
            nobody: user.state == people::State::Inactive,
            linked: links.iter().any(|link| link.link.to.is_none_or(|to| to > view.now())),
            links: links.iter().map(|link| Link::new(visitor, link, view.now())).collect(),
        })
    }
}

impl Link {
    fn new(visitor: &Visitor, shown: &LinkView, now: Timestamp) -> Self {
        let (texts, zone) = (visitor.texts, &visitor.zone);
        let from = match (shown.link.from, shown.begins) {
            (Some(from), _) => texts.moment(zone, from),
            (None, Some(first)) => {
                texts.with("links-since-first-seen-at", [("time", texts.moment(zone, first).into())])
            }
            (None, None) => texts.t("links-since-first-seen"),
        };
        Self {
            id: shown.link.id.to_string(),
            person: shown.employee_name.clone(),
            person_href: format!("/people/{}", shown.link.employee),
            from,
            to: shown.link.to.map_or_else(|| texts.t("links-until-further-notice"), |to| texts.moment(zone, to)),
            open: shown.link.to.is_none_or(|to| to > now),
        }
    }
}
