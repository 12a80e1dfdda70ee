//! First run: what this box should be, for whom, how much disk that needs, and who administrates it.
//!
//! The answers travel in the address from step to step, so nothing is recorded before the last one, the way back
//! works, and so does a change of the language. Passwords and tokens are only in the body of the last step.

mod answers;
mod estimate;
mod join;
mod view;

use axum::Extension;
use axum::extract::Query;
use axum::extract::Request;
use axum::extract::State;
use axum::response::IntoResponse as _;
use axum::response::Redirect;
use axum::response::Response;
use http::HeaderMap;
use http::StatusCode;
use http::Uri;
use tower_sessions::Session;

use self::answers::Answers;
use self::answers::Step;
use self::view::Facts;
use self::view::SetupPage;
use crate::identity::FirstRun;
use crate::identity::IdentityError;
use crate::kernel::Actor;
use crate::kernel::OrganizationId;
use crate::retention::Keep;
use crate::web::App;
use crate::web::Failure;
use crate::web::PageFailure;
use crate::web::Problems;
use crate::web::Texts;
use crate::web::address_of;
use crate::web::done;
use crate::web::http::Channel;
use crate::web::language_of;
use crate::web::page;
use crate::web::pages::sign_in;
use crate::web::refused;

/// What was typed in the last step.
#[derive(Default, serde::Deserialize)]
pub(in crate::web) struct Typed {
    #[serde(default)]
    display_name: String,
    #[serde(default)]
    login: String,
    #[serde(default)]
    password: sign_in::SecretField,
    #[serde(default)]
    password_again: sign_in::SecretField,
}

pub(in crate::web) async fn show(
    State(app): State<App>,
    Query(answers): Query<Answers>,
    channel: Option<Extension<Channel>>,
    (uri, headers): (Uri, HeaderMap),
) -> Response {
    let channel = channel.map_or(Channel::Https, |Extension(channel)| channel);
    if let Some(closed) = closed(&app, &answers, (&uri, &headers)) {
        return closed;
    }
    let facts = Facts::gather(&app, (&uri, &headers), channel).await;
    let texts = facts.texts;
    let (step, problems) = match answers.reached(texts) {
        (Step::Gateway, _) if !app.setup.can_become_gateway() => (Step::Kind, Problems::none()),
        reached => reached,
    };
    let view = SetupPage::new(&facts, &answers, step, problems);
    if view.problems.is_empty() { page(&view).into_response() } else { refused(&view).into_response() }
}

/// The table of the third step, while somebody turns its knobs.
pub(in crate::web) async fn estimate(
    State(app): State<App>,
    Query(answers): Query<Answers>,
    (uri, headers): (Uri, HeaderMap),
) -> Response {
    if let Some(closed) = closed(&app, &answers, (&uri, &headers)) {
        return closed;
    }
    let facts = Facts::gather(&app, (&uri, &headers), Channel::Https).await;
    page(&estimate::Part::new(&answers, facts.texts, facts.room)).into_response()
}

pub(in crate::web) async fn finish(
    State(app): State<App>,
    Query(answers): Query<Answers>,
    session: Session,
    request: Request,
) -> Result<Response, PageFailure> {
    let (parts, body) = request.into_parts();
    let (uri, headers, address) = (parts.uri.clone(), parts.headers.clone(), address_of(&parts));
    let channel = parts.extensions.get().copied().unwrap_or(Channel::Https);
    let texts = Texts::of(language_of(&headers).unwrap_or_default());
    let fail = |problem: Failure| PageFailure::new(problem, texts, &headers, "/setup");
    if let Some(closed) = closed(&app, &answers, (&uri, &headers)) {
        return Ok(closed);
    }
    if answers.kind == "gateway" {
        return join::finish(&app, &answers, (&uri, &headers, channel), Request::from_parts(parts, body)).await;
    }
    let typed: Typed = sign_in::read_form(Request::from_parts(parts, body)).await.map_err(fail)?;
    let problems = match first_run(&answers, &typed, texts) {
        Ok(first) => match app.identity.first_run(first).await {
            Ok((organization, operator)) => {
                keep_as_chosen(&app, organization.id, &answers).await;
                app.setup.finish();
                sign_in::begin(&app, &session, &operator, &headers, address).await.map_err(fail)?;
                return Ok(done("/", "done-setup", organization.name()));
            }
            Err(IdentityError::AlreadySetUp) => return Ok(Redirect::to("/sign-in").into_response()),
            Err(problem) => Problems::refused(problem.into(), texts, "login").map_err(fail)?,
        },
        Err(problems) => problems,
    };
    let facts = Facts::gather(&app, (&uri, &headers), channel).await;
    let mut view = SetupPage::new(&facts, &answers, Step::Login, problems);
    (view.display_name, view.login) = (typed.display_name.clone(), typed.login.clone());
    Ok(refused(&view).into_response())
}

/// The answer for who may not set up: the way to the sign-in, where the link is found, or what this box has become.
fn closed(app: &App, answers: &Answers, (uri, headers): (&Uri, &HeaderMap)) -> Option<Response> {
    if app.setup.is_done() {
        return Some(Redirect::to("/sign-in").into_response());
    }
    let texts = Texts::of(language_of(headers).unwrap_or_default());
    if app.setup.admits(&answers.token) {
        return app.setup.gateway().map(|became| join::joined(texts, (uri, headers), &became));
    }
    let mut response = page(&view::LockedPage::new(texts, headers)).into_response();
    *response.status_mut() = StatusCode::FORBIDDEN;
    Some(response)
}

/// Stores for how long data are kept. When it fails the usual terms hold, which can be changed any day.
async fn keep_as_chosen(app: &App, organization: OrganizationId, answers: &Answers) {
    let system = Actor::system();
    let settings = match app.retention.settings(&system, organization).await {
        Ok(settings) => settings,
        Err(problem) => return tracing::error!("terms of retention could not be read: {problem}"),
    };
    let chosen = estimate::chosen(answers).into_iter().try_fold(settings, |settings, (dataset, days)| {
        let action = settings.of(dataset).action;
        settings.keep(dataset, Keep { days, action })
    });
    match chosen {
        Ok(settings) => {
            if let Err(problem) = app.retention.change(&system, organization, &settings).await {
                tracing::error!("terms of retention could not be stored: {problem}");
            }
        }
        Err(problem) => tracing::error!("terms of retention make no sense: {problem}"),
    }
}

fn first_run(answers: &Answers, typed: &Typed, texts: Texts) -> Result<FirstRun, Problems> {
    use crate::identity::DisplayName;
    use crate::identity::LoginName;
    let mut problems = Problems::none();
    let name_problem = |problem: crate::identity::NameError| Failure::from(IdentityError::from(problem));
    let organization = answers.organization(texts, &mut problems);
    let display_name =
        problems.take("display_name", texts, DisplayName::parse(&typed.display_name).map_err(name_problem));
    let login = problems.take("login", texts, LoginName::parse(&typed.login).map_err(name_problem));
    if typed.password.0.expose() != typed.password_again.0.expose() {
        problems.add("password_again", texts.t("error-passwords-differ"));
    }
    match (organization, display_name, login) {
        (Some(organization), Some(display_name), Some(login)) if problems.is_empty() => Ok(FirstRun {
            language: organization.language,
            organization,
            login,
            display_name,
            password: typed.password.0.clone(),
        }),
        _ => Err(problems),
    }
}
