//! The page of somebody's cards and face.

use askama::Template;

use crate::credentials::Card;
use crate::credentials::Carried;
use crate::credentials::Face;
use crate::credentials::NewCard;
use crate::kernel::EmployeeId;
use crate::kernel::Permission;
use crate::kernel::Timestamp;
use crate::people::EmployeeView;
use crate::people::State;
use crate::web::Crumb;
use crate::web::Layout;
use crate::web::Problems;
use crate::web::Section;
use crate::web::Visitor;
use crate::web::pages::directory::shown::Fact;
use crate::web::pages::directory::shown::when;

/// Whose page it is, and what stands there.
pub(super) struct Found {
    pub(super) employee: EmployeeView,
    pub(super) carried: Carried,
}

#[derive(Template)]
#[template(path = "credentials/page.html")]
pub(super) struct CredentialsPage {
    l: Layout,
    title: String,
    meta: String,
    inactive: bool,
    can_edit: bool,
    own: String,
    cards: Vec<CardRow>,
    cards_note: String,
    typed: NewCard,
    /// Whether a reader can type at once; not where the face is what matters.
    focused: bool,
    problems: Problems,
    face: Option<FaceShown>,
}

struct CardRow {
    number: String,
    label: String,
    since: String,
    light: &'static str,
    state: String,
    /// What the button makes of it.
    to: &'static str,
    action: String,
    remove: String,
}

struct FaceShown {
    facts: Vec<Fact>,
    /// Where the picture is; empty until somebody wants to see it.
    src: String,
    alternative: String,
}

impl CredentialsPage {
    pub(super) fn new(visitor: &Visitor, found: &Found, now: Timestamp) -> Self {
        let texts = visitor.texts;
        let id = found.employee.id;
        let name = found.employee.given_first();
        let card = |(card, place): (&Card, usize)| CardRow::new(visitor, card, (id, place), now);
        let home = visitor.actor().may(Permission::ReadMonitoring).then(|| format!("/people/{id}"));
        let l = Layout::new(&visitor.viewer(), Section::People, &texts.t("credentials-title"));
        Self {
            l: match home {
                Some(href) => l.through([Crumb { href, label: name.clone() }]),
                None => l,
            },
            title: name.clone(),
            meta: texts.t("credentials-title"),
            inactive: found.employee.state == State::Inactive,
            can_edit: visitor.actor().may(Permission::EditCredentials),
            own: format!("/people/{id}"),
            cards_note: if found.carried.cards.is_empty() {
                String::new()
            } else {
                texts.count("cards-count", found.carried.cards.len())
            },
            cards: found.carried.cards.iter().zip(0..).map(card).collect(),
            typed: NewCard::default(),
            focused: true,
            problems: Problems::none(),
            face: found.carried.face.as_ref().map(|face| FaceShown::new(visitor, face, &name, now)),
        }
    }

    /// With the face, which is recorded when the browser asks for it.
    pub(super) fn with_face(mut self, opened: bool) -> Self {
        if let Some(face) = self.face.as_mut().filter(|_| opened) {
            face.src = format!("{}/face/picture", self.own);
            self.focused = false;
        }
        self
    }

    /// With a card as it was typed, and what is wrong with it.
    pub(super) fn with_card(self, typed: NewCard, problems: Problems) -> Self {
        Self { typed, problems, ..self }
    }

    /// With what is wrong with a picture.
    pub(super) fn with_problems(self, problems: Problems) -> Self {
        Self { problems, focused: false, ..self }
    }
}

impl CardRow {
    fn new(visitor: &Visitor, card: &Card, (id, place): (EmployeeId, usize), now: Timestamp) -> Self {
        let texts = visitor.texts;
        let (light, state, to, action) = match card.blocked {
            true => ("off", "cards-blocked", "usable", "cards-unblock"),
            false => ("ok", "cards-usable", "blocked", "cards-block"),
        };
        Self {
            number: card.number.to_string(),
            label: card.label.clone(),
            since: when(texts, &visitor.zone, card.added_at, now),
            light,
            state: texts.t(state),
            to,
            action: texts.t(action),
            remove: format!("/people/{id}/cards/remove?card={place}"),
        }
    }
}

impl FaceShown {
    fn new(visitor: &Visitor, face: &Face, name: &str, now: Timestamp) -> Self {
        let texts = visitor.texts;
        let fact = |key: &str, value: String| Fact { name: texts.t(key), value };
        Self {
            facts: vec![
                fact("face-since", when(texts, &visitor.zone, face.added_at, now)),
                fact("face-by", face.by.clone()),
                fact("face-size", format!("{}\u{a0}\u{d7}\u{a0}{}", face.width, face.height)),
                fact("face-bytes", texts.bytes(face.bytes)),
            ],
            src: String::new(),
            alternative: texts.with("face-alternative", [("name", name.into())]),
        }
    }
}
