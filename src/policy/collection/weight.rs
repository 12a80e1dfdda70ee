//! Whether more or less is collected than before, field by field.

use nazorat_wire::policy::Effective;
use nazorat_wire::policy::Hours;
use nazorat_wire::policy::Screenshots;

/// Minutes of a day.
const DAY: usize = 24 * 60;

/// Where a change goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Direction {
    /// More is collected.
    More,
    /// Less is collected.
    Less,
    /// Some of it is more and some is less.
    Both,
}

/// The fields by which more or less is collected, in the order of the settings. What only says when something is sent
/// on is none of them.
pub fn directions(before: &Effective, after: &Effective) -> Vec<(&'static str, Direction)> {
    let flags = |before: bool, after: bool| Direction::of(after && !before, before && !after);
    let more = |exclusions: (&Effective, &Effective)| {
        exclusions.0.exclusions.iter().any(|one| !exclusions.1.exclusions.contains(one))
    };
    let all = [
        ("windows", Direction::of(after.windows > before.windows, after.windows < before.windows)),
        ("sites", Direction::of(after.sites > before.sites, after.sites < before.sites)),
        ("screenshots", screenshots(before.screenshots, after.screenshots)),
        ("input", flags(before.input, after.input)),
        ("sessions", flags(before.sessions, after.sessions)),
        ("hours", hours(before.hours.as_ref(), after.hours.as_ref())),
        ("private_windows", flags(before.private_windows, after.private_windows)),
        ("exclusions", Direction::of(more((before, after)), more((after, before)))),
    ];
    all.into_iter().filter_map(|(field, direction)| Some((field, direction?))).collect()
}

impl Direction {
    const fn of(more: bool, less: bool) -> Option<Self> {
        match (more, less) {
            (true, true) => Some(Self::Both),
            (true, false) => Some(Self::More),
            (false, true) => Some(Self::Less),
            (false, false) => None,
        }
    }
}

fn screenshots(before: Screenshots, after: Screenshots) -> Option<Direction> {
    let (old, new) = (before.every_minutes, after.every_minutes);
    match (old, new) {
        (0, 0) => return None,
        (0, _) => return Some(Direction::More),
        (_, 0) => return Some(Direction::Less),
        _ => {}
    }
    let shows = |shots: Screenshots| [!shots.grayscale, !shots.blur, shots.all_monitors, !shots.skip_unchanged];
    let pairs = || shows(before).into_iter().zip(shows(after));
    let more = new < old || pairs().any(|(old, new)| new && !old);
    let less = new > old || pairs().any(|(old, new)| old && !new);
    Direction::of(more, less)
}

fn hours(before: Option<&Hours>, after: Option<&Hours>) -> Option<Direction> {
    if before == after {
        return None;
    }
    let zones = before.zip(after);
    if zones.is_some_and(|(before, after)| before.zone != after.zone) {
        return Some(Direction::Both);
    }
    let (old, new) = (minutes(before), minutes(after));
    let pairs = || old.iter().zip(&new);
    Direction::of(pairs().any(|(old, new)| *new && !old), pairs().any(|(old, new)| *old && !new))
}

/// Each minute of a week, and whether anything is collected in it.
fn minutes(hours: Option<&Hours>) -> Vec<bool> {
    let Some(hours) = hours else { return vec![true; 7 * DAY] };
    let mut week = vec![false; 7 * DAY];
    for (day, spans) in hours.week.iter().enumerate().take(7) {
        for span in spans {
            let (from, to) = (usize::from(span.from), usize::from(span.to));
            let length = if to > from { to - from } else { DAY - from + to };
            for minute in 0..length {
                if let Some(covered) = week.get_mut((day * DAY + from + minute) % (7 * DAY)) {
                    *covered = true;
                }
            }
        }
    }
    week
}

#[cfg(test)]
mod tests {
    use nazorat_wire::policy::Action;
    use nazorat_wire::policy::Effective;
    use nazorat_wire::policy::Exclusion;
    use nazorat_wire::policy::Hours;
    use nazorat_wire::policy::Layer;
    use nazorat_wire::policy::Part;
    use nazorat_wire::policy::Pattern;
    use nazorat_wire::policy::Screenshots;
    use nazorat_wire::policy::Settings;
    use nazorat_wire::policy::SiteDetail;
    use nazorat_wire::policy::Span;
    use nazorat_wire::policy::WindowDetail;

    use super::Direction;
    use super::directions;

    fn decided(settings: &Settings) -> Effective {
        Effective::of([(Layer::Organization, settings)]).0
    }

    fn check(before: &Settings, after: &Settings, wanted: &[(&str, Direction)]) {
        assert_eq!(directions(&decided(before), &decided(after)), wanted);
        let turned = |direction: &Direction| match direction {
            Direction::More => Direction::Less,
            Direction::Less => Direction::More,
            Direction::Both => Direction::Both,
        };
        let back: Vec<_> = wanted.iter().map(|(field, direction)| (*field, turned(direction))).collect();
        assert_eq!(directions(&decided(after), &decided(before)), back, "the way back is the opposite");
    }

    fn work(to: u16) -> Option<Hours> {
        let day = vec![Span { from: 540, to }];
        let week = [vec![day; 5], vec![Vec::new(); 2]].concat();
        Some(Hours { zone: "Asia/Tashkent".to_owned(), week })
    }

    #[test]
    fn more_detail_is_more_and_hours_are_less() {
        let before = Settings::default();
        let windows = Settings { windows: Some(WindowDetail::Title), sites: Some(SiteDetail::Off), ..before.clone() };
        check(&before, &windows, &[("windows", Direction::More), ("sites", Direction::Less)]);
        check(&before, &Settings { hours: work(1_080), ..before.clone() }, &[("hours", Direction::Less)]);
        let (short, long) = (Settings { hours: work(1_080), ..before.clone() }, work(1_200));
        check(&short, &Settings { hours: long, ..before.clone() }, &[("hours", Direction::More)]);
        check(&before, &Settings { buffer_megabytes: Some(128), idle_minutes: Some(9), ..before.clone() }, &[]);
    }

    #[test]
    fn a_span_over_midnight_ends_in_the_next_day() {
        let hours = |spans: Vec<Span>| {
            let week = [vec![spans], vec![Vec::new(); 6]].concat();
            Settings { hours: Some(Hours { zone: "UTC".to_owned(), week }), ..Settings::default() }
        };
        let night = hours(vec![Span { from: 1_320, to: 360 }]);
        check(&hours(vec![Span { from: 1_320, to: 1_440 }]), &night, &[("hours", Direction::More)]);
        check(&hours(vec![Span { from: 0, to: 360 }]), &night, &[("hours", Direction::Both)]);
    }

    #[test]
    fn pictures_are_weighed_by_what_they_show() {
        let shots = |every_minutes, blur| Settings {
            screenshots: Some(Screenshots { every_minutes, blur, ..Screenshots::OFF }),
            ..Settings::default()
        };
        check(&Settings::default(), &shots(30, true), &[("screenshots", Direction::More)]);
        check(&shots(30, true), &shots(15, true), &[("screenshots", Direction::More)]);
        check(&shots(30, true), &shots(60, false), &[("screenshots", Direction::Both)]);
    }

    #[test]
    fn another_exclusion_is_less() {
        let pattern = Pattern { text: "bank.uz".to_owned(), regex: false };
        let bank = Exclusion { part: Part::Site, pattern, action: Action::Drop };
        let with = Settings { exclusions: vec![bank], ..Settings::default() };
        check(&Settings::default(), &with, &[("exclusions", Direction::Less)]);
    }
}
