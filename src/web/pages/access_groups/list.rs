//! All access groups of an organization, or what they are for.

use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse as _;
use axum::response::Response;

use super::people;
use super::require;
use super::words;
use crate::devices::AccessGroup;
use crate::devices::AccessGroupInput;
use crate::devices::Effect;
use crate::kernel::fold;
use crate::web::App;
use crate::web::Layout;
use crate::web::PageFailure;
use crate::web::Section;
use crate::web::Visitor;
use crate::web::page;
use crate::web::pages::devices::gates;

struct Row {
    href: String,
    label: String,
    who: String,
    at: String,
    people: String,
    /// What is to be looked at.
    note: String,
}

#[derive(Template)]
#[template(path = "access_groups/list.html")]
struct ListPage {
    l: Layout,
    meta: String,
    rows: Vec<Row>,
}

/// `GET /access-groups`.
pub(super) async fn show(State(app): State<App>, visitor: Visitor) -> Result<Response, PageFailure> {
    require(&visitor)?;
    let (actor, organization, texts) = (visitor.actor(), visitor.organization_id(), visitor.texts);
    let groups = app.devices.access_groups(actor, organization).await;
    let mut groups = groups.map_err(|problem| visitor.failure(problem))?;
    groups.sort_by_cached_key(|group| fold(group.name.as_str()));
    let inputs: Vec<AccessGroupInput> = groups.iter().cloned().map(Into::into).collect();
    let effects = app.devices.effects(actor, organization, &inputs).await;
    let effects = effects.map_err(|problem| visitor.failure(problem))?;
    let (view, gates) = (people(&app, &visitor).await?, gates(&app, &visitor).await?);
    let row = |(group, effect): (&AccessGroup, Effect)| Row {
        href: format!("/access-groups/{}", group.id),
        label: group.name.to_string(),
        who: words::who(texts, &group.members, &view),
        at: words::at(texts, &group.gates, &gates),
        people: texts.number(effect.people as u64),
        note: words::note(texts, effect),
    };
    let shown = ListPage {
        l: Layout::new(&visitor.viewer(), Section::Devices, &texts.t("access-groups-title")),
        meta: if groups.is_empty() { String::new() } else { texts.count("access-groups-count", groups.len()) },
        rows: groups.iter().zip(effects).map(row).collect(),
    };
    Ok(page(&shown).into_response())
}
