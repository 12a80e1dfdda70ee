//! People come in: pages, the dashboard API, health and metrics.
//!
//! A handler extracts, calls one verb of a domain and renders one view. No page decides about the business, none
//! opens a transaction, none contains text: words live in `web/locales`. `http`, `listen` and `limits` hold
//! what every listener has, `setup` the gate that is closed until the first run is done.

mod about;
pub mod api;
mod app;
mod assets;
mod failure;
mod flash;
mod form;
mod format;
mod guard;
pub mod health;
pub mod http;
mod i18n;
mod layout;
pub mod limits;
pub mod listen;
mod opened;
mod pages;
mod render;
mod routes;
pub mod setup;
mod unread;
mod visitor;

pub use about::About;
pub use app::App;
pub use failure::{ApiFailure, Failure, PageFailure, ProblemBody, encode};
pub use flash::done;
pub use form::{At, Choice, Problem, Problems};
pub use guard::guarded;
pub use i18n::{Texts, Value};
pub use layout::{
    Alerts, Completeness, Crumb, LanguageChoice, Layout, NavGroup, NavItem, PlainLayout, SearchBox, Section, Toast,
    Viewer, cookie, language_of, role_key, theme_of,
};
pub use opened::Opened;
pub use pages::{BranchLink, BranchMember, BranchPage, BranchPolicy, Stopping, rules_of, use_rules};
pub use render::{Rendered, page, refused};
pub use routes::{beside_a_page, router};
pub use visitor::{Caller, ORGANIZATION_COOKIE, Visitor, address_of};
