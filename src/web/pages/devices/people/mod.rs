//! People on devices: whom each knows beside whom it should, what holds it up, and who decides.
//!
//! Whoever keeps cards and faces sees them and asks for what is missing; whether a device is kept in order at all is decided
//! by administrators. Names of employees are shown here only to those who see all of them.

mod board;
mod change;
mod how;
mod lists;
mod one;
mod words;

use std::collections::BTreeMap;

use axum::Router;
use axum::routing::get;
use axum::routing::post;

use crate::adapters::Number;
use crate::devices::PeopleOn;
use crate::kernel::DeviceId;
use crate::kernel::EmployeeId;
use crate::kernel::Permission;
use crate::web::App;
use crate::web::PageFailure;
use crate::web::Visitor;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/devices/people", get(board::show))
        .route("/devices/{id}/people", get(one::show))
        .route("/devices/{id}/people/keep", get(change::ask_keep).post(change::keep))
        .route("/devices/{id}/people/leave", get(change::ask_leave).post(change::leave))
        .route("/devices/{id}/people/compare", post(change::compare))
        .route("/devices/{id}/people/allow", get(change::ask_allow).post(change::allow))
        .route("/devices/{id}/people/try", post(change::try_now))
        .route("/devices/{id}/people/take-off", get(change::ask_take_off).post(change::take_off))
}

/// Whether the visitor sees whom devices know.
pub(super) fn may_see(visitor: &Visitor) -> bool {
    visitor.actor().may(Permission::EditCredentials)
}

async fn find(app: &App, visitor: &Visitor, id: DeviceId) -> Result<PeopleOn, PageFailure> {
    let found = app.devices.people_on_device(visitor.actor(), visitor.organization_id(), id).await;
    found.map_err(|problem| visitor.failure(problem))
}

/// Who somebody is whom a device knows by a number, and what they are called.
struct Names {
    by_number: BTreeMap<String, EmployeeId>,
    names: BTreeMap<EmployeeId, String>,
}

impl Names {
    async fn read(app: &App, visitor: &Visitor) -> Result<Self, PageFailure> {
        let view = app.people.view(visitor.actor(), visitor.organization_id()).await;
        let view = view.map_err(|problem| visitor.failure(problem))?;
        let directory = view.whole().map_err(|problem| visitor.failure(problem))?;
        let numbered = |employee: &crate::people::Employee| {
            let number = Number::bare(employee.personnel_number.as_deref()?).to_owned();
            Some((number, employee.id))
        };
        let by_number = directory.employees().filter_map(numbered).collect();
        let names = directory.employees().map(|employee| (employee.id, employee.surname_first())).collect();
        Ok(Self { by_number, names })
    }

    fn of(&self, id: EmployeeId) -> Option<&str> {
        self.names.get(&id).map(String::as_str)
    }

    fn of_number(&self, number: &str) -> Option<(EmployeeId, &str)> {
        let id = *self.by_number.get(Number::bare(number))?;
        Some((id, self.of(id)?))
    }
}
