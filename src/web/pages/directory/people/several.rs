//! What is done with all people who are picked in the list.

use axum::extract::Form;
use axum::extract::State;
use axum::response::Response;

use crate::kernel::DepartmentId;
use crate::kernel::EmployeeId;
use crate::kernel::Kind;
use crate::people;
use crate::people::EmployeeInput;
use crate::people::FieldProblem;
use crate::people::PeopleError;
use crate::people::View;
use crate::web::App;
use crate::web::Failure;
use crate::web::PageFailure;
use crate::web::Visitor;
use crate::web::done;
use crate::web::pages::directory::editor_view;
use crate::web::pages::directory::fields::Fields;
use crate::web::pages::directory::trail;

/// `POST /people/picked`.
pub(super) async fn change(
    State(app): State<App>,
    visitor: Visitor,
    Form(form): Form<Fields>,
) -> Result<Response, PageFailure> {
    let view = editor_view(&app, &visitor).await?;
    let picked: Vec<EmployeeId> = form.parsed_all("pick");
    let back = form.back("/people");
    let count = visitor.texts.count("people-count", picked.len());
    match form.text("action") {
        "move" => {
            let to: Option<DepartmentId> =
                form.chosen("department").map_err(|problem| visitor.failure(PeopleError::from(problem)))?;
            // Nothing chosen is a slip; "no department" is not offered here.
            let to = to.ok_or_else(|| visitor.failure(PeopleError::from(FieldProblem::Required.of("department"))))?;
            move_all(&app, &visitor, &view, (&picked, to)).await.map_err(|problem| visitor.failure(problem))?;
            Ok(done(back, "done-people-moved", &count))
        }
        "deactivate" => {
            set_all(&app, &visitor, &picked, people::State::Inactive)
                .await
                .map_err(|problem| visitor.failure(problem))?;
            Ok(done(back, "done-people-deactivated", &count))
        }
        "activate" => {
            set_all(&app, &visitor, &picked, people::State::Active)
                .await
                .map_err(|problem| visitor.failure(problem))?;
            Ok(done(back, "done-people-activated", &count))
        }
        _ => Err(visitor.failure(Failure::new(Kind::Invalid, "field_unknown", "action is not known"))),
    }
}

async fn move_all(
    app: &App,
    visitor: &Visitor,
    view: &View,
    (picked, to): (&[EmployeeId], DepartmentId),
) -> Result<(), PeopleError> {
    for id in picked {
        let employee = view.whole()?.employee(*id).ok_or(PeopleError::UnknownEmployee(*id))?;
        let input = EmployeeInput { department: Some(to), ..EmployeeInput::from(employee) };
        let changed = app.people.edit_employee(visitor.actor(), visitor.organization_id(), *id, input).await?;
        trail::record(app, visitor, trail::employee_edit(&changed)).await;
    }
    Ok(())
}

async fn set_all(app: &App, visitor: &Visitor, picked: &[EmployeeId], state: people::State) -> Result<(), PeopleError> {
    let action = trail::by_state(state, "employee.activate", "employee.deactivate");
    for id in picked {
        let changed = app.people.set_employee_state(visitor.actor(), visitor.organization_id(), *id, state).await?;
        trail::record(app, visitor, trail::employee(action, &changed.after)).await;
    }
    Ok(())
}
