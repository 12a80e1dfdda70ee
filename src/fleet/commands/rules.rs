//! Pure decisions about commands: when one goes out, goes out again, is given up or too late.

use std::time::Duration;

use crate::fleet::commands::model::Command;
use crate::fleet::commands::model::State;
use crate::kernel::CommandId;
use crate::kernel::Timestamp;

/// How long an acknowledgement is waited for after each time it was sent.
pub(super) const PAUSES: [u64; 6] = [1, 2, 4, 8, 16, 16];
/// How long after its expiry the result of an acknowledged command may still come.
const RESULT_WITHIN: Duration = Duration::from_secs(24 * 3_600);
/// Commands of a gateway that are not over.
pub(super) const MOST_OPEN: usize = 64;
/// Commands of a gateway that are over and still can be looked at.
pub(super) const MOST_OVER: usize = 500;
/// Commands of a gateway whose results are kept whole.
pub(super) const MOST_BODIES: usize = 10;

/// How often a command was sent on one connection.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tries {
    /// How often.
    pub count: u32,
    /// When the last time.
    pub last: Option<Timestamp>,
}

impl Tries {
    /// Once more.
    #[must_use]
    pub const fn more(self, now: Timestamp) -> Self {
        Self { count: self.count.saturating_add(1), last: Some(now) }
    }
}

/// What happens to a command next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// It goes out now.
    Send,
    /// Nothing before this moment.
    Wait(Timestamp),
    /// It went out often enough.
    GiveUp,
    /// It is too late.
    Expire,
    /// It is over.
    Over,
}

/// The next step of a command on a connection on which it was tried so often.
pub fn step(command: &Command, tries: Tries, now: Timestamp) -> Step {
    let late = now >= command.expires_at;
    match (&command.state, tries.last) {
        (State::Pending | State::Sent, _) if late => Step::Expire,
        (State::Acked, _) if now >= after(command.expires_at, RESULT_WITHIN) => Step::GiveUp,
        (State::Pending | State::Sent | State::Acked, None) => Step::Send,
        // It came; its result comes when it comes.
        (State::Acked, Some(_)) => Step::Wait(after(command.expires_at, RESULT_WITHIN)),
        (State::Pending | State::Sent, Some(last)) => {
            let tried = usize::try_from(tries.count).unwrap_or(usize::MAX);
            let pause = PAUSES.get(tried.saturating_sub(1)).or(PAUSES.last()).copied().unwrap_or(16);
            let due = after(last, Duration::from_secs(pause));
            match now >= due {
                false => Step::Wait(due.min(command.expires_at)),
                true if tried >= PAUSES.len() => Step::GiveUp,
                true => Step::Send,
            }
        }
        _ => Step::Over,
    }
}

/// The one that makes room for another: the oldest that was never sent. `None` when every place is taken by one that
/// was; `Some(None)` when there is a place.
pub(super) fn overflow(all: &[Command]) -> Option<Option<CommandId>> {
    let open = all.iter().filter(|command| command.state.is_open()).count();
    if open < MOST_OPEN {
        return Some(None);
    }
    all.iter().find(|command| command.state == State::Pending).map(|command| Some(command.id))
}

/// Those that are over and too many, the oldest first.
pub(super) fn forgotten(all: &[Command]) -> Vec<CommandId> {
    let over: Vec<_> = all.iter().filter(|command| !command.state.is_open()).map(|command| command.id).collect();
    over.iter().take(over.len().saturating_sub(MOST_OVER)).copied().collect()
}

/// Those whose results are too many, the oldest first.
pub(super) fn emptied(all: &[Command]) -> Vec<CommandId> {
    let full: Vec<_> = all.iter().filter(|command| command.has_body).map(|command| command.id).collect();
    full.iter().take(full.len().saturating_sub(MOST_BODIES)).copied().collect()
}

fn after(from: Timestamp, wait: Duration) -> Timestamp {
    from.checked_add(wait).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use nazorat_wire::frame::Ending;
    use nazorat_wire::frame::Outcome;

    use super::MOST_OPEN;
    use super::Step;
    use super::Tries;
    use super::forgotten;
    use super::overflow;
    use super::step;
    use crate::fleet::commands::model::Command;
    use crate::fleet::commands::model::State;
    use crate::fleet::commands::model::Target;
    use crate::kernel::CommandId;
    use crate::kernel::GatewayId;
    use crate::kernel::Timestamp;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_795_334_400 + second).unwrap()
    }

    /// Made at second 0, expires at 600.
    fn command(state: State) -> Command {
        Command {
            id: CommandId::random(),
            gateway: GatewayId::new(uuid::Uuid::nil()),
            target: Target::Gateway,
            kind: "ping".to_owned(),
            payload: serde_json::Map::new(),
            by: "aziz".to_owned(),
            created_at: at(0),
            expires_at: at(600),
            attempts: u32::from(state != State::Pending),
            state,
            changed_at: at(0),
            checksum: None,
            has_body: false,
        }
    }

    fn failed(code: &str) -> State {
        State::Failed { code: code.to_owned(), detail: String::new() }
    }

    fn outcome(status: Ending) -> Outcome {
        Outcome { id: uuid::Uuid::nil(), status, code: None, detail: None, body: None }
    }

    #[test]
    fn the_table_of_steps() {
        let tried = |count, second| Tries { count, last: Some(at(second)) };
        for (state, tries, now, expected) in [
            (State::Pending, Tries::default(), 0, Step::Send),
            (State::Pending, Tries::default(), 599, Step::Send),
            (State::Pending, Tries::default(), 600, Step::Expire),
            (State::Sent, tried(1, 0), 0, Step::Wait(at(1))),
            (State::Sent, tried(1, 0), 1, Step::Send),
            (State::Sent, tried(2, 1), 2, Step::Wait(at(3))),
            (State::Sent, tried(3, 3), 7, Step::Send),
            (State::Sent, tried(4, 7), 15, Step::Send),
            (State::Sent, tried(5, 15), 30, Step::Wait(at(31))),
            (State::Sent, tried(5, 15), 31, Step::Send),
            (State::Sent, tried(6, 31), 46, Step::Wait(at(47))),
            (State::Sent, tried(6, 31), 47, Step::GiveUp),
            (State::Sent, tried(5, 590), 591, Step::Wait(at(600))),
            (State::Sent, tried(5, 590), 600, Step::Expire),
            // A new connection begins anew.
            (State::Sent, Tries::default(), 40, Step::Send),
            // Its result is asked for, also after it expired: it was begun in time.
            (State::Acked, Tries::default(), 700, Step::Send),
            (State::Acked, tried(1, 0), 700, Step::Wait(at(87_000))),
            (State::Acked, tried(1, 0), 87_000, Step::GiveUp),
            (State::Succeeded, Tries::default(), 0, Step::Over),
            (failed("x"), Tries::default(), 0, Step::Over),
            (State::Expired, Tries::default(), 0, Step::Over),
            (State::Cancelled, Tries::default(), 0, Step::Over),
        ] {
            assert_eq!(step(&command(state.clone()), tries, at(now)), expected, "{state:?} {tries:?} {now}");
        }
    }

    #[test]
    fn a_result_says_what_really_happened() {
        for (state, ending, expected) in [
            (State::Sent, Ending::Succeeded, Some(State::Succeeded)),
            (State::Acked, Ending::Failed, Some(failed("failed"))),
            (State::Acked, Ending::Expired, Some(State::Expired)),
            // Late, but true.
            (State::Expired, Ending::Succeeded, Some(State::Succeeded)),
            (failed("not_acked"), Ending::Succeeded, Some(State::Succeeded)),
            (failed("no_result"), Ending::Failed, Some(failed("failed"))),
            // Nobody can know what was never sent, and nobody says it twice.
            (State::Pending, Ending::Succeeded, None),
            (failed("broken"), Ending::Succeeded, None),
            (State::Succeeded, Ending::Failed, None),
        ] {
            let ended = command(state.clone()).ended(&outcome(ending), at(9)).ok().map(|command| command.state);
            assert_eq!(ended, expected, "{state:?} {ending:?}");
        }
        let mut never_sent = command(State::Cancelled);
        never_sent.attempts = 0;
        assert!(never_sent.ended(&outcome(Ending::Succeeded), at(9)).is_err());
    }

    #[test]
    fn each_state_has_its_ways_out() {
        let names = |turn: fn(Command) -> bool| {
            let all = [State::Pending, State::Sent, State::Acked, State::Succeeded, State::Expired, State::Cancelled];
            let fits = all.into_iter().filter(|state| turn(command(state.clone())));
            fits.map(|state| state.name()).collect::<Vec<_>>()
        };
        assert_eq!(names(|command| command.sent(at(1)).is_ok()), ["pending", "sent", "acked"]);
        assert_eq!(names(|command| command.acked(None, at(1)).is_ok()), ["sent", "acked"]);
        assert_eq!(names(|command| command.expired(at(1)).is_ok()), ["pending", "sent"]);
        assert_eq!(names(|command| command.cancelled(at(1)).is_ok()), ["pending"]);
        assert_eq!(names(|command| command.gave_up(at(1)).is_ok()), ["sent", "acked"]);
    }

    #[test]
    fn a_full_queue_lets_the_oldest_go_that_was_never_sent() {
        let mut all: Vec<_> = (0..MOST_OPEN).map(|_| command(State::Sent)).collect();
        assert_eq!(overflow(&all), None);
        all[5] = command(State::Pending);
        all[9] = command(State::Pending);
        assert_eq!(overflow(&all), Some(Some(all[5].id)));
        all[7] = command(State::Succeeded);
        assert_eq!(overflow(&all), Some(None));
        let over: Vec<_> = (0..503).map(|_| command(State::Expired)).collect();
        assert_eq!(forgotten(&over), [over[0].id, over[1].id, over[2].id]);
    }
}
