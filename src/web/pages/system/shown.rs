//! Small pieces that several of these pages show.

use askama::Template;

use crate::kernel::Permission;
use crate::kernel::Timestamp;
use crate::web::Failure;
use crate::web::Layout;
use crate::web::PageFailure;
use crate::web::Visitor;
use crate::web::http::Channel;

/// A tab above a list.
pub(super) struct Tab {
    pub(super) href: String,
    pub(super) label: String,
    pub(super) count: String,
    pub(super) mark: &'static str,
    pub(super) current: bool,
}

/// A line of a list of facts.
pub(super) struct Fact {
    pub(super) name: String,
    pub(super) value: String,
}

/// A secret on the only page that ever shows it.
#[derive(Template)]
#[template(path = "system/secret.html")]
pub(super) struct SecretPage {
    pub(super) l: Layout,
    pub(super) title: String,
    pub(super) meta: String,
    pub(super) secret: String,
    pub(super) address: String,
    pub(super) example: String,
    pub(super) example_title: String,
    pub(super) back: &'static str,
}

/// Refuses who may not do this.
pub(super) fn require(visitor: &Visitor, permission: Permission) -> Result<(), PageFailure> {
    visitor.actor().require(permission).map_err(|denied| visitor.failure(Failure::from(denied)))
}

/// A moment, or a dash.
pub(super) fn moment(visitor: &Visitor, at: Option<Timestamp>) -> String {
    at.map_or_else(|| "\u{2013}".to_owned(), |at| visitor.texts.moment(&visitor.zone, at))
}

/// The address of this appliance as the visitor's browser reached it.
pub(super) fn own_address(visitor: &Visitor, channel: Channel) -> String {
    let host = visitor.host();
    match channel {
        Channel::Https => format!("https://{host}"),
        Channel::Plain => format!("http://{host}"),
    }
}
