//! Shapes that several resources share.

use axum::Json;
use axum::response::IntoResponse;
use axum::response::Response;
use http::StatusCode;
use http::header::LOCATION;
use serde::Deserialize;
use serde::Serialize;
use utoipa::ToSchema;

use crate::kernel::Page;

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct List<T: ToSchema> {
    /// The items, in the order of the list.
    items: Vec<T>,
    /// Where the next page begins; null on the last one.
    next_cursor: Option<String>,
}

impl<T: ToSchema> List<T> {
    /// A page of something, each item in its shape.
    pub(super) fn of<U>(page: Page<U>) -> Json<Self>
    where
        T: From<U>,
    {
        let next_cursor = page.next.map(|cursor| cursor.to_string());
        Json(Self { items: page.items.into_iter().map(T::from).collect(), next_cursor })
    }

    /// A list that is short enough to be given whole.
    pub(super) fn whole<U>(items: Vec<U>) -> Json<Self>
    where
        T: From<U>,
    {
        Self::of(Page { items, next: None })
    }
}

/// Whether something is in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum State {
    /// In use.
    Active,
    /// Not any more; stays readable.
    Inactive,
}

impl State {
    pub(super) const fn of(active: bool) -> Self {
        if active { Self::Active } else { Self::Inactive }
    }
}

impl From<crate::people::State> for State {
    fn from(state: crate::people::State) -> Self {
        Self::of(state == crate::people::State::Active)
    }
}

impl From<State> for crate::people::State {
    fn from(state: State) -> Self {
        match state {
            State::Active => Self::Active,
            State::Inactive => Self::Inactive,
        }
    }
}

/// Whether an account and a person are linked now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Linked {
    /// They are.
    Yes,
    /// They are not.
    No,
}

impl From<Linked> for crate::people::Linked {
    fn from(linked: Linked) -> Self {
        match linked {
            Linked::Yes => Self::Yes,
            Linked::No => Self::No,
        }
    }
}

/// Something was made: 201, with its address.
pub(super) struct Created<T> {
    pub(super) at: String,
    pub(super) body: T,
}

impl<T: Serialize> IntoResponse for Created<T> {
    fn into_response(self) -> Response {
        (StatusCode::CREATED, [(LOCATION, self.at)], Json(self.body)).into_response()
    }
}

/// Something waits for somebody else: 202, with the address where its end is told.
pub(super) struct Accepted<T> {
    pub(super) at: String,
    pub(super) body: T,
}

impl<T: Serialize> IntoResponse for Accepted<T> {
    fn into_response(self) -> Response {
        (StatusCode::ACCEPTED, [(LOCATION, self.at)], Json(self.body)).into_response()
    }
}
