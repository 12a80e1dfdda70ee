//! Which part of the day is drawn, and where a moment lies in the drawing.

use crate::kernel::Span;
use crate::kernel::Timestamp;

/// Width at which it is decided what can be told apart and what can be written into a segment.
pub(super) const NOMINAL_PX: f64 = 900.0;
const HOUR_MS: i64 = 3_600_000;

/// How much is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Zoom {
    Day,
    FourHours,
    OneHour,
}

impl Zoom {
    pub(super) const ALL: [Zoom; 3] = [Zoom::Day, Zoom::FourHours, Zoom::OneHour];

    pub(super) fn parse(text: Option<&str>) -> Self {
        Self::ALL.into_iter().find(|zoom| Some(zoom.name()) == text).unwrap_or(Zoom::Day)
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Zoom::Day => "day",
            Zoom::FourHours => "4h",
            Zoom::OneHour => "1h",
        }
    }

    pub(super) const fn word(self) -> &'static str {
        match self {
            Zoom::Day => "person-zoom-day",
            Zoom::FourHours => "person-zoom-4h",
            Zoom::OneHour => "person-zoom-1h",
        }
    }

    const fn hours(self) -> Option<i64> {
        match self {
            Zoom::Day => None,
            Zoom::FourHours => Some(4),
            Zoom::OneHour => Some(1),
        }
    }

    /// Minutes between two labels.
    pub(super) const fn step_minutes(self) -> i64 {
        match self {
            Zoom::Day => 60,
            Zoom::FourHours => 30,
            Zoom::OneHour => 10,
        }
    }
}

/// The part of a day that is drawn, in whole hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) whole: Span,
    pub(super) shown: Span,
    pub(super) zoom: Zoom,
}

impl Window {
    /// The whole day's window is from an hour before nine to an hour after six, widened to what was seen.
    pub(super) fn new(day: Span, seen: Option<Span>, zoom: Zoom, from_minute: Option<i64>) -> Self {
        let begin = day.from.as_millisecond();
        let hour_of = |at: Timestamp| (at.as_millisecond() - begin).div_euclid(HOUR_MS);
        let first = seen.map_or(9, |seen| hour_of(seen.from)).clamp(0, 23).min(8);
        let last = seen.map_or(18, |seen| hour_of(seen.to) + 1).clamp(19, 30);
        let at = |hour: i64| moment(begin + hour * HOUR_MS);
        let whole = Span::new(at(first), at(last));
        let shown = match zoom.hours() {
            None => whole,
            Some(hours) => {
                let asked = from_minute.map_or(hour_of(whole.from) + 1, |minute| minute.div_euclid(60));
                let start = begin + asked.clamp(first, (last - hours).max(first)) * HOUR_MS;
                let half = if from_minute.is_some_and(|minute| minute.rem_euclid(60) >= 30) { HOUR_MS / 2 } else { 0 };
                Span::new(moment(start + half), moment(start + half + hours * HOUR_MS))
            }
        };
        Self { whole, shown, zoom }
    }

    /// Where a moment lies, in percent of the width.
    pub(super) fn percent(self, at: Timestamp) -> f64 {
        share(self.shown, at)
    }

    /// Where a stretch lies, and how wide it is; `None` when it is outside.
    pub(super) fn place(self, span: Span) -> Option<(f64, f64)> {
        place_in(self.shown, span)
    }

    pub(super) fn px_per_ms(self) -> f64 {
        NOMINAL_PX / self.shown.millis().max(1) as f64
    }

    /// Moments at which something is written below, every so many minutes.
    pub(super) fn steps(self, minutes: i64) -> Vec<Timestamp> {
        let step = minutes * 60_000;
        let (from, to) = (self.shown.from.as_millisecond(), self.shown.to.as_millisecond());
        (0..).map(|index| from + index * step).take_while(|at| *at <= to).map(moment).collect()
    }
}

/// Where a stretch lies in another, in percent, two decimals.
pub(super) fn place_in(whole: Span, span: Span) -> Option<(f64, f64)> {
    let inside = span.intersect(whole)?;
    let (from, to) = (share(whole, inside.from), share(whole, inside.to));
    Some((from, round(to - from)))
}

fn share(whole: Span, at: Timestamp) -> f64 {
    let length = whole.millis().max(1) as f64;
    round((at.as_millisecond() - whole.from.as_millisecond()) as f64 / length * 100.0)
}

pub(super) fn round(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

fn moment(millis: i64) -> Timestamp {
    Timestamp::from_millisecond(millis).unwrap_or(Timestamp::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::Window;
    use super::Zoom;
    use crate::kernel::Span;
    use crate::kernel::Zone;

    fn day() -> Span {
        Zone::default().span_of("2026-11-20".parse().unwrap())
    }

    fn hours(window: Span) -> (i64, i64) {
        let at = |at: crate::kernel::Timestamp| (at.as_second() - day().from.as_second()) / 3600;
        (at(window.from), at(window.to))
    }

    #[test]
    fn an_empty_day_shows_the_usual_hours() {
        assert_eq!(hours(Window::new(day(), None, Zoom::Day, None).shown), (8, 19));
    }

    #[test]
    fn early_and_late_work_widens_the_window() {
        let zone = Zone::default();
        let at = |hour: i8| zone.at("2026-11-20".parse::<crate::kernel::Day>().unwrap().at(hour, 20, 0, 0));
        let window = Window::new(day(), Some(Span::new(at(6), at(21))), Zoom::Day, None);
        assert_eq!(hours(window.shown), (6, 22));
        let zoomed = Window::new(day(), Some(Span::new(at(6), at(21))), Zoom::FourHours, Some(23 * 60));
        assert_eq!(hours(zoomed.shown), (18, 22), "the window never leaves the day");
    }

    #[test]
    fn parts_of_the_window_add_up_to_a_hundred() {
        let window = Window::new(day(), None, Zoom::Day, None);
        let middle = crate::kernel::Timestamp::from_millisecond(
            (window.shown.from.as_millisecond() + window.shown.to.as_millisecond()) / 2,
        )
        .unwrap();
        let (x, left) = window.place(Span::new(window.shown.from, middle)).unwrap();
        let (y, right) = window.place(Span::new(middle, window.shown.to)).unwrap();
        assert_eq!((x, y), (0.0, 50.0));
        assert!((left + right - 100.0).abs() < 0.01);
    }
}
