//! The weekly schedule of a draft as it was typed.

use nazorat_wire::policy::Hours;
use nazorat_wire::policy::Span;

use super::Pairs;
use super::Wrong;
use crate::kernel::Zone;
use crate::web::Texts;
use crate::web::pages::policies::words::clock;
use crate::web::pages::policies::words::is_always;

const DAY: u16 = 24 * 60;
/// Spans of a day for which there is always room.
const ROOM: usize = 2;
/// More spans of one day are not taken from a form.
const MOST: usize = 12;

/// Hours as they were typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::web::pages::policies) struct TypedHours {
    /// Empty when not set, `always` or `week`.
    pub(in crate::web::pages::policies) way: String,
    pub(in crate::web::pages::policies) zone: String,
    /// From Monday on, each with as many spans as the longest day.
    pub(in crate::web::pages::policies) week: Vec<Vec<TypedSpan>>,
}

/// `09:00` to `18:00`; both empty for none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::web::pages::policies) struct TypedSpan {
    pub(in crate::web::pages::policies) from: String,
    pub(in crate::web::pages::policies) to: String,
}

impl TypedHours {
    /// The form of hours; a usual week stands in it where there are none.
    pub(in crate::web::pages::policies) fn of(hours: Option<&Hours>, zone: &str) -> Self {
        let way = match hours {
            None => "",
            Some(hours) if is_always(hours) => "always",
            Some(_) => "week",
        };
        let usual = Hours { zone: zone.to_owned(), week: usual_week() };
        let shown = hours.filter(|hours| !is_always(hours) && hours.week.len() == 7).unwrap_or(&usual);
        let zone = hours.map_or(zone, |hours| &hours.zone);
        let typed = |span: &Span| TypedSpan { from: clock(span.from), to: clock(span.to) };
        let week = shown.week.iter().map(|day| day.iter().map(typed).collect());
        Self { way: way.to_owned(), zone: zone.to_owned(), week: week.collect() }.with_room()
    }

    /// What a browser sent.
    pub(in crate::web::pages::policies) fn read(pairs: &Pairs) -> Self {
        let typed = |day: usize, span: usize| TypedSpan {
            from: pairs.text(&format!("from-{day}-{span}")).to_owned(),
            to: pairs.text(&format!("to-{day}-{span}")).to_owned(),
        };
        let day = |day: usize| -> Vec<TypedSpan> {
            let spans = (0..MOST).map(|span| typed(day, span));
            spans.filter(|span| *span != TypedSpan::default()).collect()
        };
        Self {
            way: pairs.text("hours").to_owned(),
            zone: pairs.text("zone").to_owned(),
            week: (0..7).map(day).collect(),
        }
        .with_room()
    }

    fn with_room(mut self) -> Self {
        let spans = self.week.iter().map(Vec::len).max().unwrap_or(0).max(ROOM);
        for day in &mut self.week {
            day.resize(spans, TypedSpan::default());
        }
        self
    }

    /// The hours that are meant; `None` where none are set.
    pub(in crate::web::pages::policies) fn hours(&self, texts: Texts, wrong: &mut Vec<Wrong>) -> Option<Hours> {
        let before = wrong.len();
        let zone = self.zone.clone();
        let week = match self.way.as_str() {
            "always" => vec![vec![Span { from: 0, to: DAY }]; 7],
            "week" => self.spans(texts, wrong),
            _ => return None,
        };
        if Zone::parse(&zone).is_err() {
            wrong.push(Wrong { field: "zone".to_owned(), text: texts.t("policies-wrong-zone") });
        }
        if wrong.len() == before && week.iter().all(Vec::is_empty) {
            wrong.push(Wrong { field: "from-0-0".to_owned(), text: texts.t("policies-wrong-no-hours") });
        }
        Some(Hours { zone, week })
    }

    fn spans(&self, texts: Texts, wrong: &mut Vec<Wrong>) -> Vec<Vec<Span>> {
        let mut week = Vec::new();
        for (day, typed) in self.week.iter().enumerate() {
            let mut spans = Vec::new();
            for (place, span) in typed.iter().enumerate().filter(|(_, span)| **span != TypedSpan::default()) {
                match span.span() {
                    Some(span) => spans.push(span),
                    None => {
                        let day_word = texts.t(&format!("weekday-{}", day + 1));
                        let text = texts.with("policies-wrong-hours", [("day", day_word.into())]);
                        wrong.push(Wrong { field: format!("from-{day}-{place}"), text });
                    }
                }
            }
            week.push(spans);
        }
        week
    }
}

impl TypedSpan {
    fn span(&self) -> Option<Span> {
        let from = minute(&self.from).filter(|minute| *minute < DAY)?;
        let to = match minute(&self.to)? {
            // Midnight at the end of the day.
            0 => DAY,
            to => to,
        };
        (from != to).then_some(Span { from, to })
    }
}

/// `9`, `9:30`, `09.30`, `0930`, `24:00`.
fn minute(text: &str) -> Option<u16> {
    let (hour, minute) = match text.split_once([':', '.']) {
        Some(parts) => parts,
        None if text.len() == 4 && text.is_ascii() => text.split_at(2),
        None => (text, "0"),
    };
    let (hour, minute): (u16, u16) = (hour.trim().parse().ok()?, minute.trim().parse().ok()?);
    (minute < 60 && hour * 60 + minute <= DAY && hour <= 24).then_some(hour * 60 + minute)
}

/// Monday to Friday, nine to six.
fn usual_week() -> Vec<Vec<Span>> {
    [vec![vec![Span { from: 9 * 60, to: 18 * 60 }]; 5], vec![Vec::new(); 2]].concat()
}

#[cfg(test)]
mod tests {
    use nazorat_wire::policy::Span;

    use super::TypedHours;
    use super::TypedSpan;
    use super::minute;
    use crate::kernel::Language;
    use crate::web::Texts;

    fn week(from: &str, to: &str) -> TypedHours {
        let mut hours = TypedHours::of(None, "Asia/Tashkent");
        hours.way = "week".to_owned();
        hours.week[0][0] = TypedSpan { from: from.to_owned(), to: to.to_owned() };
        hours
    }

    fn check(from: &str, to: &str) -> Result<Span, String> {
        let mut wrong = Vec::new();
        let hours = week(from, to).hours(Texts::of(Language::En), &mut wrong);
        match wrong.pop() {
            Some(wrong) => Err(wrong.field),
            None => Ok(hours.unwrap().week[0][0]),
        }
    }

    #[test]
    fn times_are_read_however_people_write_them() {
        for (text, minutes) in [("9", 540), ("9:30", 570), ("09.30", 570), ("0930", 570), ("24:00", 1_440)] {
            assert_eq!(minute(text), Some(minutes), "{text}");
        }
        for text in ["", "soon", "9:60", "25", "24:01", "-1", "99999"] {
            assert_eq!(minute(text), None, "{text}");
        }
    }

    #[test]
    fn a_night_goes_over_midnight_and_a_day_ends_at_it() {
        assert_eq!(check("22:00", "6"), Ok(Span { from: 1_320, to: 360 }));
        assert_eq!(check("14:00", "0:00"), Ok(Span { from: 840, to: 1_440 }));
        assert_eq!(check("9", "9"), Err("from-0-0".to_owned()));
        assert_eq!(check("9", ""), Err("from-0-0".to_owned()));
    }

    #[test]
    fn a_week_without_hours_is_not_taken() {
        let mut hours = week("", "");
        hours.week = vec![vec![TypedSpan::default()]; 7];
        let mut wrong = Vec::new();
        hours.hours(Texts::of(Language::En), &mut wrong);
        assert_eq!(wrong.len(), 1);
    }
}
