//! A command in words: what was asked for, how far it is, and why it was not done.

use nazorat_wire::LogLevel;
use nazorat_wire::Order;

use crate::fleet::commands::Command;
use crate::fleet::commands::State;
use crate::fleet::commands::Target;
use crate::web::Texts;

/// What was asked for.
pub(in crate::web::pages) fn name(texts: Texts, command: &Command) -> String {
    let order = Order::parse(&command.kind, &command.payload).ok();
    let name = match &order {
        Some(Order::SetLogLevel { level, minutes }) => {
            let level = self::level(texts, *level);
            let length = length(texts, *minutes);
            texts.with("gateways-order-log-level", [("level", level.into()), ("length", length.into())])
        }
        _ => kind(texts, &command.kind),
    };
    match command.target {
        Target::Gateway => name,
        Target::Agent(number) => {
            texts.with("gateways-order-of-agent", [("name", name.into()), ("number", u64::from(number).into())])
        }
    }
}

/// The name of a kind of command; a kind that is not known here keeps its own.
pub(in crate::web::pages) fn kind(texts: Texts, kind: &str) -> String {
    let own = texts.maybe(&format!("gateways-order-{}", kind.replace('_', "-")));
    own.unwrap_or_else(|| kind.to_owned())
}

/// `15 min`, `4 h`.
pub(in crate::web::pages) fn length(texts: Texts, minutes: u16) -> String {
    match (minutes / 60, minutes % 60) {
        (hours @ 1.., 0) => texts.with("unit-hours", [("hours", hours.into())]),
        _ => texts.duration_ms(i64::from(minutes) * 60_000),
    }
}

pub(in crate::web::pages) fn level(texts: Texts, level: LogLevel) -> String {
    texts.t(&format!("gateways-level-{}", level.name()))
}

/// How it stands, in words.
pub(in crate::web::pages) fn state(texts: Texts, command: &Command) -> String {
    match &command.state {
        State::Succeeded => {
            let took = command.changed_at.as_millisecond() - command.created_at.as_millisecond();
            match took {
                ..1_000 => texts.t("gateways-command-succeeded-at-once"),
                _ => texts.with("gateways-command-succeeded", [("took", texts.duration_ms(took).into())]),
            }
        }
        State::Failed { code, .. } => {
            texts.with("gateways-command-failed", [("reason", reason(texts, code, &command.state).into())])
        }
        // Its own name is the head of a column.
        State::Sent => texts.t("gateways-state-sent"),
        other => texts.t(&format!("gateways-command-{}", other.name())),
    }
}

fn reason(texts: Texts, code: &str, state: &State) -> String {
    let told = match state {
        State::Failed { detail, .. } if !detail.is_empty() => detail.clone(),
        _ => code.to_owned(),
    };
    code_words(texts, code).unwrap_or(told)
}

/// Why something was not done.
pub(in crate::web::pages) fn code_words(texts: Texts, code: &str) -> Option<String> {
    texts.maybe(&format!("gateways-why-{}", code.replace('_', "-")))
}

/// The colours of the four cells: `way` where it has been, `ok` when it is done, `bad` where it ended badly, `off`
/// where it ended without harm, nothing where it never came.
pub(in crate::web::pages) fn cells(state: &State) -> [&'static str; 4] {
    match state {
        State::Pending => ["way", "", "", ""],
        State::Sent => ["way", "way", "", ""],
        State::Acked => ["way", "way", "way", ""],
        State::Succeeded => ["ok", "ok", "ok", "ok"],
        State::Failed { code, .. } if code == "not_acked" => ["ok", "ok", "bad", ""],
        State::Failed { .. } => ["ok", "ok", "ok", "bad"],
        State::Expired | State::Cancelled => ["off", "", "", ""],
    }
}

/// The colour of the words.
pub(in crate::web::pages) const fn tone(state: &State) -> &'static str {
    match state {
        State::Failed { .. } => "bad",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::cells;
    use super::kind;
    use crate::fleet::commands::State;
    use crate::kernel::Language;
    use crate::web::Texts;

    #[test]
    fn every_kind_of_command_has_a_name_in_each_language() {
        for language in Language::ALL {
            for known in nazorat_wire::Order::KINDS {
                assert_ne!(kind(Texts::of(language), known), known, "{}", language.tag());
            }
        }
        assert_eq!(kind(Texts::of(Language::En), "open_door"), "open_door");
    }

    #[test]
    fn the_cell_that_failed_is_the_one_in_which_it_ended() {
        let failed = |code: &str| State::Failed { code: code.to_owned(), detail: String::new() };
        assert_eq!(cells(&failed("not_acked")), ["ok", "ok", "bad", ""]);
        assert_eq!(cells(&failed("interrupted")), ["ok", "ok", "ok", "bad"]);
        assert_eq!(cells(&State::Expired), ["off", "", "", ""]);
    }
}
