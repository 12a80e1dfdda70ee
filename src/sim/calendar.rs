//! Who comes to work on which day, and from when to when: weekends, public holidays of Uzbekistan, leave, illness, habits.

use jiff::civil::Date;
use jiff::civil::Weekday;

use crate::sim::chance::Chance;
use crate::sim::office::Office;
use crate::sim::office::Person;

const HOUR: i64 = 3600;

/// Fixed holidays as (month, day).
const HOLIDAYS: [(i8, i8); 7] = [(1, 1), (3, 8), (3, 21), (5, 9), (9, 1), (10, 1), (12, 8)];

/// Ramadan and Sacrifice feasts, which follow the moon. Years that are not listed have none.
const FEASTS: [(i16, i8, i8); 6] =
    [(2025, 3, 30), (2025, 6, 6), (2026, 3, 20), (2026, 5, 27), (2027, 3, 10), (2027, 5, 16)];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Attendance {
    Away(Absence),
    At(Shift),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Absence {
    DayOff,
    Holiday,
    Sick,
    Leave,
}

/// Seconds after local midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shift {
    pub(super) comes: i64,
    pub(super) leaves: i64,
}

pub(super) fn attendance(office: &Office, person: &Person, day: Date) -> Attendance {
    let number = day_number(day);
    let mut chance = Chance::of(&[office.seed, 10, person.index as u64, number.unsigned_abs()]);
    if is_holiday(day) {
        return Attendance::Away(Absence::Holiday);
    }
    if is_sick(office, person, number) {
        return Attendance::Away(Absence::Sick);
    }
    if is_on_leave(office, person, number) {
        return Attendance::Away(Absence::Leave);
    }
    let half_day = match day.weekday() {
        Weekday::Sunday => chance.happens(8),
        Weekday::Saturday if person.saturdays => true,
        Weekday::Saturday => chance.happens(30),
        _ => return Attendance::At(full_day(person, &mut chance)),
    };
    if !half_day {
        return Attendance::Away(Absence::DayOff);
    }
    let comes = chance.around(person.starts + person.habit_of_coming + HOUR / 2, 2400);
    Attendance::At(Shift { comes, leaves: comes + chance.between(3 * HOUR, 5 * HOUR) })
}

fn full_day(person: &Person, chance: &mut Chance) -> Shift {
    let usual = person.starts + person.habit_of_coming;
    let comes = match chance.below(100) {
        0..6 => usual + chance.between(25 * 60, 110 * 60),
        _ => chance.around(usual, 1500),
    };
    let ends = person.starts + 9 * HOUR;
    let leaves = match chance.below(100) {
        0..4 => ends - chance.between(HOUR, 3 * HOUR),
        4..12 => ends + chance.between(HOUR / 2, 5 * HOUR / 2),
        _ => chance.around(ends + 300, 1500),
    };
    Shift { comes, leaves }
}

/// An illness begins in one week of thirty and may reach into the next one.
fn is_sick(office: &Office, person: &Person, number: i64) -> bool {
    let week = number.div_euclid(7);
    (week - 1..=week).any(|week| {
        let mut chance = Chance::of(&[office.seed, 11, person.index as u64, week.unsigned_abs()]);
        let falls_ill = chance.happens(33);
        let from = week * 7 + chance.between(0, 6);
        falls_ill && (from..from + chance.between(1, 6)).contains(&number)
    })
}

/// One leave in most half years, one or two weeks long.
fn is_on_leave(office: &Office, person: &Person, number: i64) -> bool {
    let half = number.div_euclid(182);
    (half - 1..=half).any(|half| {
        let mut chance = Chance::of(&[office.seed, 12, person.index as u64, half.unsigned_abs()]);
        let goes = chance.happens(700);
        let from = half * 182 + chance.between(0, 175);
        let weeks = chance.between(1, 2);
        goes && (from..from + weeks * 7).contains(&number)
    })
}

fn is_holiday(day: Date) -> bool {
    HOLIDAYS.contains(&(day.month(), day.day())) || FEASTS.contains(&(day.year(), day.month(), day.day()))
}

/// Days since 1970, a Thursday.
pub(super) fn day_number(day: Date) -> i64 {
    day.duration_since(Date::constant(1970, 1, 1)).as_hours() / 24
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan;
    use jiff::civil::date;

    use super::Absence;
    use super::Attendance;
    use super::attendance;
    use crate::sim::office::Office;

    #[test]
    fn navruz_is_a_day_off_for_everybody() {
        let office = Office::build(5, 30);
        for person in &office.people {
            assert_eq!(attendance(&office, person, date(2025, 3, 21)), Attendance::Away(Absence::Holiday));
        }
    }

    #[test]
    fn in_a_year_people_work_most_weekdays_and_are_sometimes_ill_late_or_away() {
        let office = Office::build(5, 60);
        let (mut at, mut sick, mut leave, mut late) = (0, 0, 0, 0);
        for person in &office.people {
            for day in date(2026, 1, 1).series(1.day()).take(365) {
                match attendance(&office, person, day) {
                    Attendance::At(shift) => {
                        assert!(shift.comes > 5 * 3600 && shift.comes < shift.leaves && shift.leaves < 22 * 3600);
                        at += 1;
                        late += i64::from(shift.comes > person.starts + 30 * 60);
                    }
                    Attendance::Away(Absence::Sick) => sick += 1,
                    Attendance::Away(Absence::Leave) => leave += 1,
                    Attendance::Away(_) => {}
                }
            }
        }
        let of_a_year = |days: i64| days / 60;
        assert!((210..250).contains(&of_a_year(at)), "{} days at work", of_a_year(at));
        assert!((3..12).contains(&of_a_year(sick)), "{} days ill", of_a_year(sick));
        assert!((8..22).contains(&of_a_year(leave)), "{} days on leave", of_a_year(leave));
        assert!(late * 100 / at < 15, "{late} of {at} late");
    }
}
