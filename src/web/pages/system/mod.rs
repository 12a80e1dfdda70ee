//! The box itself: keys, operators, organizations, the audit log, one's own account, facts about the appliance.

mod about;
mod account;
mod api_keys;
mod audit;
mod audit_export;
mod audit_words;
mod operators;
mod organizations;
mod shown;

use axum::Router;

use crate::web::App;

/// All routes of the system pages.
pub(in crate::web) fn routes() -> Router<App> {
    about::routes()
        .merge(account::routes())
        .merge(api_keys::routes())
        .merge(audit::routes())
        .merge(operators::routes())
        .merge(organizations::routes())
}
