//! The laws of a day.

use nazorat_wire::InputState;
use nazorat_wire::SessionAction;
use proptest::prelude::Strategy;
use proptest::prelude::any;
use proptest::prelude::prop;
use proptest::prelude::proptest;

use super::Observed;
use super::Part;
use super::Site;
use super::Window;
use super::resolve;
use super::thin;
use crate::kernel::Span;
use crate::monitoring::Catalogue;
use crate::monitoring::Category;
use crate::monitoring::Rule;
use crate::monitoring::Segment;
use crate::monitoring::State;
use crate::monitoring::StateSpan;
use crate::monitoring::Target;
use crate::monitoring::Timeline;

const MINUTE: i64 = 60_000;
const START: i64 = 1_763_600_000_000;

/// Minutes after the begin of the morning.
fn part(from: i64, to: i64) -> Part {
    Part::new(START + from * MINUTE, START + to * MINUTE)
}

fn window(from: i64, to: i64, app: &str) -> Window {
    Window { part: part(from, to), app: app.to_owned(), title: format!("{app} title") }
}

fn site(from: i64, to: i64, domain: &str) -> Site {
    Site { part: part(from, to), domain: domain.to_owned(), title: String::new(), browser: "chrome".to_owned() }
}

fn session(at: i64, action: SessionAction) -> (i64, SessionAction) {
    (START + at * MINUTE, action)
}

fn day(accounts: Vec<Observed>) -> Timeline {
    let catalogue = Catalogue::default();
    resolve(accounts, &catalogue).timeline(&catalogue)
}

/// Minutes from the begin, one letter a state.
fn states(spans: &[StateSpan]) -> Vec<(i64, i64, State)> {
    let minute = |at: crate::kernel::Timestamp| (at.as_millisecond() - START) / MINUTE;
    spans.iter().map(|one| (minute(one.span.from), minute(one.span.to), one.state)).collect()
}

fn minutes(ms: i64) -> i64 {
    ms / MINUTE
}

#[test]
fn a_window_that_stays_while_nobody_types_counts_only_where_there_was_input() {
    let day = day(vec![Observed {
        account: 1,
        windows: vec![window(0, 60, "EXCEL.EXE")],
        inputs: vec![(part(0, 20), InputState::Active), (part(20, 60), InputState::Idle)],
        ..Observed::default()
    }]);
    assert_eq!(states(&day.states), [(0, 20, State::Active), (20, 60, State::NoInput)]);
    assert_eq!(minutes(day.totals.useful_ms), 20);
    assert_eq!(minutes(day.totals.no_input_ms), 40);
    assert_eq!((day.applications.len(), day.applications[0].app.as_str()), (1, "Excel"));
}

#[test]
fn input_goes_on_until_its_next_piece_is_reported() {
    let day = day(vec![Observed {
        account: 1,
        windows: vec![window(0, 24, "excel"), window(24, 40, "word")],
        inputs: vec![(part(0, 22), InputState::Active)],
        ..Observed::default()
    }]);
    assert_eq!(states(&day.states), [(0, 27, State::Active), (27, 40, State::NoInput)]);
}

#[test]
fn without_any_input_rows_window_time_is_active() {
    let observed =
        Observed { account: 1, windows: vec![window(0, 30, "excel"), window(30, 45, "word")], ..Observed::default() };
    let day = day(vec![observed]);
    assert_eq!(states(&day.states), [(0, 45, State::Active)]);
    assert_eq!(minutes(day.totals.useful_ms), 45);
}

#[test]
fn between_lock_and_unlock_nothing_is_in_use() {
    let day = day(vec![Observed {
        account: 1,
        windows: vec![window(0, 40, "word"), window(60, 90, "word")],
        sessions: vec![
            session(0, SessionAction::Login),
            session(30, SessionAction::Lock),
            session(60, SessionAction::Unlock),
            session(90, SessionAction::Logout),
        ],
        ..Observed::default()
    }]);
    let expected = [(0, 30, State::Active), (30, 60, State::Locked), (60, 90, State::Active)];
    assert_eq!(states(&day.states), expected);
}

#[test]
fn input_after_a_lock_stands_for_a_lost_unlock() {
    let day = day(vec![Observed {
        account: 1,
        windows: vec![window(0, 90, "word")],
        inputs: vec![(part(0, 30), InputState::Active), (part(50, 90), InputState::Active)],
        sessions: vec![session(30, SessionAction::Lock), session(90, SessionAction::Lock)],
        ..Observed::default()
    }]);
    let expected = [(0, 30, State::Active), (30, 50, State::Locked), (50, 90, State::Active)];
    assert_eq!(states(&day.states), expected);
}

#[test]
fn silence_is_no_data_unless_the_computer_was_off() {
    let observed = |second_login| Observed {
        account: 1,
        windows: vec![window(0, 30, "word"), window(50, 90, "word"), window(94, 95, "word")],
        sessions: if second_login { vec![session(50, SessionAction::Login)] } else { Vec::new() },
        ..Observed::default()
    };
    let silent = day(vec![observed(false)]);
    assert_eq!(minutes(silent.totals.no_data_ms), 20);
    assert_eq!(states(&silent.states)[1], (30, 50, State::NoData));
    assert_eq!(day(vec![observed(true)]).totals.no_data_ms, 0);
    let off = Observed {
        sessions: vec![session(30, SessionAction::Logout), session(50, SessionAction::Login)],
        ..observed(false)
    };
    assert_eq!(day(vec![off]).totals.no_data_ms, 0);
}

#[test]
fn of_two_computers_the_one_with_input_is_shown_and_time_counts_once() {
    let desk = Observed {
        account: 1,
        windows: vec![window(0, 60, "excel")],
        inputs: vec![(part(0, 20), InputState::Active), (part(20, 60), InputState::Idle)],
        ..Observed::default()
    };
    let laptop = Observed {
        account: 2,
        windows: vec![window(10, 50, "zoom")],
        inputs: vec![(part(10, 15), InputState::Active), (part(30, 50), InputState::Active)],
        ..Observed::default()
    };
    let day = day(vec![desk, laptop]);
    assert_eq!(minutes(day.totals.active_ms()), 40);
    assert_eq!(minutes(day.totals.no_input_ms), 20);
    let shown: Vec<_> = day.applications.iter().map(|one| (one.account, minutes(one.ms))).collect();
    assert_eq!(shown, [(1, 10), (2, 5), (1, 5), (2, 20)]);
    assert_eq!(day.lanes.len(), 2);
}

#[test]
fn a_site_counts_only_while_its_browser_was_in_front() {
    let day = day(vec![Observed {
        account: 1,
        windows: vec![window(0, 20, "chrome.exe"), window(20, 40, "excel"), window(40, 60, "chrome.exe")],
        sites: vec![site(5, 50, "youtube.com"), site(50, 55, "didox.uz")],
        ..Observed::default()
    }]);
    let sites: Vec<_> = day.sites.iter().map(|one| (one.site.as_deref().unwrap(), minutes(one.ms))).collect();
    assert_eq!(sites, [("youtube.com", 15), ("youtube.com", 10), ("didox.uz", 5)]);
    assert_eq!(minutes(day.totals.distracting_ms), 25);
    assert_eq!(minutes(day.totals.useful_ms), 25);
    assert_eq!(minutes(day.totals.neutral_ms), 10);
}

#[test]
fn sites_alone_stand_for_windows() {
    let observed = Observed { account: 1, sites: vec![site(0, 10, "didox.uz")], ..Observed::default() };
    let day = day(vec![observed]);
    assert_eq!((day.applications[0].app.as_str(), minutes(day.totals.useful_ms)), ("Chrome", 10));
}

#[test]
fn pieces_of_one_window_are_one_segment() {
    let mut windows = vec![window(0, 5, "word"), window(5, 10, "word"), window(10, 15, "excel")];
    windows[1].part.from += 1_500;
    let day = day(vec![Observed { account: 1, windows, ..Observed::default() }]);
    let apps: Vec<_> = day.applications.iter().map(|one| (one.app.as_str(), one.ms)).collect();
    assert_eq!(apps, [("Word", 10 * MINUTE - 1_500), ("Excel", 5 * MINUTE)]);
}

const APPS: [&str; 6] = ["excel", "chrome.exe", "telegram", "steam", "lockapp", "nobody knows"];
const SITES: [&str; 4] = ["didox.uz", "youtube.com", "", "unknown.example"];

fn stretch() -> impl Strategy<Value = Part> {
    (0_i64..600, 0_i64..90).prop_map(|(from, length)| {
        let (from, length) = (START + from * 30_000, length * 20_000);
        Part::new(from, from + length)
    })
}

fn observed(account: i64) -> impl Strategy<Value = Observed> {
    let windows = prop::collection::vec((stretch(), 0..APPS.len()), 0..25);
    let sites = prop::collection::vec((stretch(), 0..SITES.len()), 0..15);
    let inputs = prop::collection::vec((stretch(), any::<bool>()), 0..20);
    let sessions = prop::collection::vec((0_i64..600, 0..SessionAction::ALL.len()), 0..6);
    (windows, sites, inputs, sessions).prop_map(move |(windows, sites, inputs, sessions)| Observed {
        account,
        windows: windows
            .into_iter()
            .map(|(part, app)| Window { part, app: APPS[app].to_owned(), title: String::new() })
            .collect(),
        sites: sites
            .into_iter()
            .map(|(part, one)| Site {
                part,
                domain: SITES[one].to_owned(),
                title: String::new(),
                browser: String::new(),
            })
            .collect(),
        inputs: inputs
            .into_iter()
            .map(|(part, active)| (part, if active { InputState::Active } else { InputState::Idle }))
            .collect(),
        sessions: sessions.into_iter().map(|(at, action)| (START + at * 30_000, SessionAction::ALL[action])).collect(),
        screenshots: Vec::new(),
    })
}

fn person() -> impl Strategy<Value = Vec<Observed>> {
    (observed(1), observed(2), any::<bool>()).prop_map(|(one, two, both)| if both { vec![one, two] } else { vec![one] })
}

fn spans_do_not_overlap<'a>(spans: impl Iterator<Item = &'a Span>) {
    let spans: Vec<_> = spans.collect();
    assert!(spans.iter().all(|span| span.from < span.to));
    assert!(spans.windows(2).all(|pair| pair[0].to <= pair[1].from), "{spans:?}");
}

fn turn_by<T>(rows: &mut [T], turn: usize) {
    if !rows.is_empty() {
        rows.rotate_left(turn % rows.len());
    }
}

fn sum(segments: &[Segment]) -> i64 {
    segments.iter().map(|segment| segment.ms).sum()
}

proptest! {
    #[test]
    fn parts_of_the_day_sum_up_to_the_observed_time(accounts in person()) {
        let day = day(accounts);
        let of = |wanted| day.states.iter().filter(|one| one.state == wanted).map(|one| one.span.millis()).sum::<i64>();
        assert_eq!(day.totals.active_ms(), of(State::Active));
        assert_eq!(day.totals.no_input_ms, of(State::NoInput));
        assert_eq!(day.totals.locked_ms, of(State::Locked));
        assert_eq!(day.totals.no_data_ms, of(State::NoData));
        assert_eq!(sum(&day.applications), day.totals.active_ms());
        assert!(sum(&day.sites) <= day.totals.active_ms());
        let seen = day.seen.map_or(0, Span::millis);
        assert!(day.totals.observed_ms() + day.totals.no_data_ms <= seen);
    }

    #[test]
    fn no_segment_overlaps_its_neighbour(accounts in person()) {
        let day = day(accounts);
        spans_do_not_overlap(day.applications.iter().map(|one| &one.span));
        spans_do_not_overlap(day.sites.iter().map(|one| &one.span));
        spans_do_not_overlap(day.states.iter().map(|one| &one.span));
        for lane in &day.lanes {
            spans_do_not_overlap(lane.states.iter().map(|one| &one.span));
        }
    }

    #[test]
    fn what_accounts_contributed_adds_up_to_the_day(accounts in person()) {
        let catalogue = Catalogue::default();
        let resolved = resolve(accounts, &catalogue);
        let day = resolved.timeline(&catalogue);
        let shares = resolved.shares();
        let mut totals = crate::monitoring::Totals::default();
        for share in &shares {
            totals.add(&share.totals(|app, site| catalogue.classify(app, site)));
        }
        assert_eq!(totals, day.totals);
        let first = shares.iter().filter_map(|share| share.first_input_ms).min();
        assert_eq!(first, day.first_input.map(|at| at.as_millisecond()));
        let last = shares.iter().filter_map(|share| share.last_input_ms).max();
        assert_eq!(last, day.last_input.map(|at| at.as_millisecond()));
    }

    #[test]
    fn classification_never_changes_durations(accounts in person()) {
        let other = Catalogue::with_rules(&[
            Rule { target: Target::Application("excel".to_owned()), category: Category::Distracting },
            Rule { target: Target::Site("youtube.com".to_owned()), category: Category::Useful },
        ]);
        let (one, two) = (day(accounts.clone()), resolve(accounts, &other).timeline(&other));
        assert_eq!(one.totals.active_ms(), two.totals.active_ms());
        assert_eq!(one.states, two.states);
        assert_eq!(sum(&one.applications), sum(&two.applications));
    }

    #[test]
    fn the_order_of_rows_does_not_matter(accounts in person(), turn in 0_usize..20) {
        // Rows that begin together have no order of their own.
        let mut unique = accounts;
        for account in &mut unique {
            account.windows.sort_by_key(|row| row.part.from);
            account.windows.dedup_by_key(|row| row.part.from);
            account.sites.sort_by_key(|row| row.part.from);
            account.sites.dedup_by_key(|row| row.part.from);
            account.sessions.sort_by_key(|row| row.0);
            account.sessions.dedup_by_key(|row| row.0);
        }
        let mut turned = unique.clone();
        for account in &mut turned {
            turn_by(&mut account.windows, turn);
            turn_by(&mut account.sites, turn);
            turn_by(&mut account.inputs, turn);
            turn_by(&mut account.sessions, turn);
        }
        let (mut one, mut two) = (day(unique), day(turned));
        one.sessions.clear();
        two.sessions.clear();
        assert_eq!(one, two);
    }

    #[test]
    fn merging_for_drawing_never_adds_time(accounts in person(), px in 1_u32..200) {
        let day = day(accounts);
        let px_per_ms = f64::from(px) / 3_600_000.0;
        let drawn = thin(&day.applications, px_per_ms, 2.0);
        assert!(drawn.len() <= 600);
        assert!(sum(&drawn) <= sum(&day.applications));
        spans_do_not_overlap(drawn.iter().map(|one| &one.span));
    }
}
