//! From what is seen to what is said. No clock, no I/O.
//!
//! Heartbeats as ActivityWatch's own watchers send them: the same window again while it stays in front, once more for the
//! old one at the moment of a change, so that one ends where the next begins. Input counts as going on until there was
//! none for three minutes, or as many as the policy says; from then on there was none since the last one.

use std::time::Duration;

use jiff::SignedDuration;
use serde_json::json;

use super::Look;
use super::Window;
use crate::ingest::activitywatch::Seen;
use crate::kernel::Timestamp;

/// Without input for so long, there is none, unless a policy says otherwise.
pub(super) const AWAY_AFTER: Duration = Duration::from_secs(180);
/// How often it is said that something goes on.
const SAID_EVERY: Duration = Duration::from_secs(10);
/// A longer time between two looks is no time in front of the screen: the computer slept.
const SLEPT: Duration = Duration::from_secs(15);
const WINDOW_PULSE: Duration = SLEPT;

/// What a heartbeat is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bucket {
    Window,
    Input,
}

/// What was seen before.
#[derive(Debug, Default)]
pub(super) struct Watch {
    looked: Option<Timestamp>,
    window: Option<(Window, Timestamp)>,
    input: Option<(bool, Timestamp)>,
}

impl Watch {
    /// What is to be said after another look.
    pub(super) fn step(&mut self, look: &Look, away_after: Duration, now: Timestamp) -> Vec<(Bucket, Seen)> {
        let before = self.looked.replace(now);
        let slept = before.is_some_and(|before| since(before, now) > SLEPT || now < before);
        let mut said = Vec::new();
        self.windows(look, (before, now, slept), &mut said);
        self.inputs(look, away_after, (now, slept), &mut said);
        said
    }

    fn windows(
        &mut self,
        look: &Look,
        (before, now, slept): (Option<Timestamp>, Timestamp, bool),
        said: &mut Vec<(Bucket, Seen)>,
    ) {
        let same = self.window.as_ref().map(|(window, _)| window) == look.window.as_ref();
        if same && !slept {
            if let Some((window, at)) = &mut self.window
                && since(*at, now) >= SAID_EVERY
            {
                *at = now;
                said.push(window_at(window, now));
            }
            return;
        }
        if let Some((window, at)) = self.window.take() {
            // Up to now it was in front, or up to the last look if nobody knows what was since.
            let until = if slept { before.unwrap_or(at) } else { now };
            if until > at {
                said.push(window_at(&window, until));
            }
        }
        if let Some(window) = look.window.clone() {
            said.push(window_at(&window, now));
            self.window = Some((window, now));
        }
    }

    fn inputs(
        &mut self,
        look: &Look,
        away_after: Duration,
        (now, slept): (Timestamp, bool),
        said: &mut Vec<(Bucket, Seen)>,
    ) {
        let input_at = |away: bool, at: Timestamp| input_at(away, at, away_after + SLEPT);
        if slept {
            self.input = None;
        }
        let away = look.idle >= away_after;
        let last_input = SignedDuration::try_from(look.idle).ok().and_then(|idle| now.checked_sub(idle).ok());
        let last_input = last_input.unwrap_or(now);
        let changed = self.input.is_some_and(|(before, _)| before != away);
        let due = self.input.is_none_or(|(_, at)| since(at, now) >= SAID_EVERY);
        if !changed && !due {
            return;
        }
        if changed {
            // The old state lasted to the last input, where the new one begins.
            said.push(input_at(!away, last_input));
        }
        said.push(match away {
            true if changed => input_at(true, last_input),
            true => input_at(true, now),
            false => input_at(false, last_input),
        });
        if away && changed {
            said.push(input_at(true, now));
        }
        self.input = Some((away, now));
    }
}

fn since(before: Timestamp, now: Timestamp) -> Duration {
    Duration::try_from(now.duration_since(before)).unwrap_or_default()
}

fn window_at(window: &Window, at: Timestamp) -> (Bucket, Seen) {
    let data = json!({ "app": window.app, "title": window.title });
    (Bucket::Window, Seen { at, data, pulse: WINDOW_PULSE })
}

fn input_at(away: bool, at: Timestamp, pulse: Duration) -> (Bucket, Seen) {
    let data = json!({ "status": if away { "afk" } else { "not-afk" } });
    (Bucket::Input, Seen { at, data, pulse })
}

#[cfg(test)]
mod tests {
    use super::Bucket;
    use super::Look;
    use super::Timestamp;
    use super::Watch;
    use super::Window;
    use std::time::Duration;

    /// What is said, as `second:what`, when each look is a second, a window and seconds without input.
    fn said(looks: &[(i64, &str, u64)]) -> Vec<String> {
        said_with(looks, super::AWAY_AFTER)
    }

    fn said_with(looks: &[(i64, &str, u64)], away_after: Duration) -> Vec<String> {
        let mut watch = Watch::default();
        let mut all = Vec::new();
        for &(second, title, idle) in looks {
            let window = (!title.is_empty()).then(|| Window { app: "Writer".to_owned(), title: title.to_owned() });
            let look = Look { window, idle: Duration::from_secs(idle) };
            for (bucket, seen) in watch.step(&look, away_after, Timestamp::from_second(1_000 + second).unwrap()) {
                let what = match bucket {
                    Bucket::Window => seen.data["title"].as_str().unwrap(),
                    Bucket::Input => seen.data["status"].as_str().unwrap(),
                };
                all.push(format!("{}:{what}", seen.at.as_second() - 1_000));
            }
        }
        all
    }

    fn of(all: Vec<String>, input: bool) -> Vec<String> {
        all.into_iter().filter(|one| one.ends_with("afk") == input).collect()
    }

    #[test]
    fn a_window_goes_on_until_the_next_begins() {
        let mut looks: Vec<_> = (0..25).map(|second| (second, "a", 0)).collect();
        looks.extend([(25, "b", 0), (26, "", 0), (27, "", 0), (28, "a", 0)]);
        assert_eq!(of(said(&looks), false), ["0:a", "10:a", "20:a", "25:a", "25:b", "26:b", "28:a"]);
    }

    #[test]
    fn while_the_computer_sleeps_nothing_is_in_front() {
        let looks = [(0, "a", 0), (1, "a", 0), (2, "a", 0), (4_000, "a", 3_000), (4_001, "a", 0)];
        assert_eq!(of(said(&looks), false), ["0:a", "2:a", "4000:a"]);
    }

    #[test]
    fn without_input_for_three_minutes_there_was_none_since_the_last() {
        let looks: Vec<_> =
            (0..400).map(|second| (second, "a", if second < 390 { second as u64 } else { 0 })).collect();
        let input = of(said(&looks), true);
        assert_eq!(input[0], "0:not-afk");
        // Until then the last input is what is said again and again.
        assert!(input.iter().take_while(|one| *one != "0:afk").all(|one| one == "0:not-afk"), "{input:?}");
        let begins = input.iter().position(|one| one == "0:afk").unwrap();
        assert_eq!(input[begins + 1], "180:afk");
        let back = input.iter().position(|one| one == "390:afk").unwrap();
        assert_eq!(input[back + 1], "390:not-afk");
    }

    #[test]
    fn a_policy_says_after_how_long_there_is_no_input() {
        let looks: Vec<_> = (0..400).map(|second| (second, "a", second as u64)).collect();
        let begins = |minutes: u64| {
            let input = of(said_with(&looks, Duration::from_secs(minutes * 60)), true);
            let begins = input.iter().position(|one| one == "0:afk").unwrap();
            input[begins + 1].clone()
        };
        assert_eq!((begins(1), begins(5)), ("60:afk".to_owned(), "300:afk".to_owned()));
    }

    #[test]
    fn a_clock_that_was_set_back_makes_no_event_of_negative_length() {
        let looks = [(100, "a", 0), (101, "a", 0), (50, "a", 0), (51, "b", 0)];
        assert_eq!(of(said(&looks), false), ["100:a", "101:a", "50:a", "51:a", "51:b"]);
    }
}
