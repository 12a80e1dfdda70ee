//! What is asked of a gateway, and how far an agent is. Values in, values out.

use std::time::Duration;

use nazorat_wire::frame::PolicySeen;

use crate::fleet::commands::Command;
use crate::fleet::commands::State;
use crate::fleet::presence::Liveness;
use crate::kernel::Timestamp;
use crate::policy::distribution::AgentState;

/// How long it is waited after a failure before it is asked again.
pub(super) const AGAIN: Duration = Duration::from_secs(60);

/// What a gateway said when it connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Told<'a> {
    /// The list that it held to, if it held to any.
    pub(super) list: Option<&'a str>,
    /// When it said so.
    pub(super) at: Timestamp,
}

/// The list that a gateway holds to, as far as is known: by its word when it connected, or by a command that it did
/// afterwards.
pub(super) fn held<'a>(told: Option<Told<'a>>, commands: &'a [Command]) -> Option<&'a str> {
    let done = commands.iter().filter(|command| command.state == State::Succeeded);
    let done = done.max_by_key(|command| command.changed_at);
    match (told, done) {
        (Some(told), Some(done)) if told.at >= done.changed_at => told.list,
        (_, Some(done)) => list_of(done),
        (told, None) => told?.list,
    }
}

/// Whether a gateway has to be asked to fetch the list that is wanted. `commands` are those that asked it before.
pub(super) fn must_ask(wanted: &str, told: Option<Told<'_>>, commands: &[Command], now: Timestamp) -> bool {
    if held(told, commands) == Some(wanted) {
        return false;
    }
    // One that was not sent yet fetches what holds then; one that was sent may have fetched what held before.
    let will = |command: &Command| match &command.state {
        State::Pending => true,
        State::Sent | State::Acked => list_of(command) == Some(wanted),
        _ => false,
    };
    if commands.iter().any(will) {
        return false;
    }
    let last = commands.iter().filter(|command| !command.state.is_open()).max_by_key(|command| command.changed_at);
    !last.is_some_and(|last| {
        let failed = matches!(last.state, State::Failed { .. });
        failed && list_of(last) == Some(wanted) && now.duration_since(last.changed_at).unsigned_abs() < AGAIN
    })
}

fn list_of(command: &Command) -> Option<&str> {
    command.payload.get("checksum")?.as_str()
}

/// How far an agent is.
pub(super) fn state(wanted: &str, liveness: Liveness, told: Option<&PolicySeen>) -> AgentState {
    let Some(told) = told else {
        return if liveness == Liveness::Online { AgentState::Silent } else { AgentState::Away };
    };
    if told.have.as_deref() == Some(wanted) {
        return AgentState::InForce;
    }
    if liveness == Liveness::Offline {
        return AgentState::Away;
    }
    match &told.error {
        Some(error) => AgentState::Failed(error.clone()),
        None if told.waiting.as_deref() == Some(wanted) => AgentState::Waiting,
        None => AgentState::Behind,
    }
}
