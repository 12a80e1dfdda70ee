//! One observed fact of a workplace computer.

use std::borrow::Cow;

use crate::words::words;

/// An event as it was observed. Times are microseconds since 1970 in UTC.
#[derive(Debug, Clone, PartialEq)]
pub struct Event<'a> {
    /// When it began, by the source's clock.
    pub ts: i64,
    /// The machine's stable id.
    pub computer_uid: Cow<'a, str>,
    /// Security identifier of the account.
    pub user_sid: Option<Cow<'a, str>>,
    /// Name of the account.
    pub user_name: Option<Cow<'a, str>>,
    /// What was observed.
    pub fact: Fact<'a>,
}

/// What was observed.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub enum Fact<'a> {
    /// A window was in front.
    ActiveWindow {
        /// For how long.
        duration_ms: u32,
        /// The program.
        #[serde(borrow)]
        app: Cow<'a, str>,
        /// The window's title.
        #[serde(borrow)]
        title: Option<Cow<'a, str>>,
    },
    /// A browser showed a page.
    VisitedSite {
        /// For how long.
        duration_ms: u32,
        /// The page's address.
        #[serde(borrow)]
        url: Cow<'a, str>,
        /// The host of the address, see [`crate::domain_of`].
        #[serde(borrow)]
        domain: Cow<'a, str>,
        /// Its title.
        #[serde(borrow)]
        title: Option<Cow<'a, str>>,
        /// Which browser.
        #[serde(borrow)]
        browser: Option<Cow<'a, str>>,
        /// True in a private window.
        private: bool,
    },
    /// Somebody used keyboard or mouse, or nobody did.
    InputActivity {
        /// For how long.
        duration_ms: u32,
        /// Which of the two.
        state: InputState,
    },
    /// An account's session changed.
    UserSession {
        /// How.
        action: SessionAction,
    },
}

impl Fact<'_> {
    /// The word in the API.
    pub const fn kind(&self) -> &'static str {
        match self {
            Fact::ActiveWindow { .. } => "active_window",
            Fact::VisitedSite { .. } => "visited_site",
            Fact::InputActivity { .. } => "input_activity",
            Fact::UserSession { .. } => "user_session",
        }
    }

    /// How long it lasted; a session change takes no time.
    pub const fn duration_ms(&self) -> u32 {
        match self {
            Fact::ActiveWindow { duration_ms, .. }
            | Fact::VisitedSite { duration_ms, .. }
            | Fact::InputActivity { duration_ms, .. } => *duration_ms,
            Fact::UserSession { .. } => 0,
        }
    }
}

words! {
    /// Whether there was input.
    InputState {
        /// Keyboard or mouse were used.
        Active = 1 "active",
        /// No input; it says nothing about working.
        Idle = 2 "idle",
    }
}

words! {
    /// How a session of an account changed.
    SessionAction {
        /// The account logged in.
        Login = 1 "login",
        /// The account logged out.
        Logout = 2 "logout",
        /// The screen was locked.
        Lock = 3 "lock",
        /// The screen was unlocked.
        Unlock = 4 "unlock",
        /// A remote session connected.
        Connect = 5 "connect",
        /// A remote session disconnected.
        Disconnect = 6 "disconnect",
    }
}
