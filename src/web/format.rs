//! Numbers, durations, sizes, times and days as people of each language write them.

use crate::kernel::Day;
use crate::kernel::Timestamp;
use crate::kernel::Zone;
use crate::web::Texts;

const NBSP: char = '\u{a0}';

impl Texts {
    /// `1 284 310` with no-break spaces.
    pub fn number(self, number: u64) -> String {
        grouped_digits(&number.to_string())
    }

    /// `8 h 13 min`, `34 min`, `20 s`.
    pub fn duration_ms(self, millis: i64) -> String {
        let seconds = millis.max(0) / 1000;
        let minutes = (seconds + 30) / 60;
        match (minutes / 60, minutes % 60) {
            (0, 0) => self.with("unit-seconds", [("seconds", seconds.into())]),
            (0, minutes) => self.with("unit-minutes", [("minutes", minutes.into())]),
            (hours, minutes) => {
                self.with("unit-hours-minutes", [("hours", hours.into()), ("minutes", format!("{minutes:02}").into())])
            }
        }
    }

    /// The same for what may last long or end soon: from two days on in days, below 90 s in seconds.
    pub fn age(self, secs: u64) -> String {
        match secs {
            172_800.. => self.count("days-count", secs / 86_400),
            ..90 => self.with("unit-seconds", [("seconds", secs.into())]),
            _ => self.duration_ms(i64::try_from(secs).unwrap_or(i64::MAX).saturating_mul(1000)),
        }
    }

    /// `8:13`, for grids.
    pub fn duration_short(self, millis: i64) -> String {
        let minutes = (millis.max(0) / 1000 + 30) / 60;
        format!("{}:{:02}", minutes / 60, minutes % 60)
    }

    /// A share without decimals; what is there but small is never 0.
    pub fn percent(self, part: i64, whole: i64) -> String {
        if whole <= 0 || part <= 0 {
            return self.with("unit-percent", [("value", 0_u32.into())]);
        }
        match (part * 200 + whole) / (whole * 2) {
            0 => self.t("unit-percent-less"),
            share => self.with("unit-percent", [("value", share.into())]),
        }
    }

    /// A size with one decimal below ten.
    pub fn bytes(self, bytes: u64) -> String {
        const UNITS: [&str; 5] = ["unit-bytes", "unit-kilobytes", "unit-megabytes", "unit-gigabytes", "unit-terabytes"];
        let mut value = bytes as f64;
        let mut unit = 0;
        while value >= 999.5 && unit + 1 < UNITS.len() {
            value /= 1000.0;
            unit += 1;
        }
        let text = if unit > 0 && value < 9.95 { self.decimal(value) } else { format!("{value:.0}") };
        self.with(UNITS.get(unit).copied().unwrap_or("unit-bytes"), [("value", text.into())])
    }

    /// One decimal with the language's own point.
    pub fn decimal(self, value: f64) -> String {
        format!("{value:.1}").replace('.', &self.t("number-decimal"))
    }

    /// `08:52` in the organization's zone.
    pub fn time(self, zone: &Zone, at: Timestamp) -> String {
        let civil = zone.civil(at);
        format!("{:02}:{:02}", civil.hour(), civil.minute())
    }

    /// `11:41:52` in the organization's zone.
    pub fn time_seconds(self, zone: &Zone, at: Timestamp) -> String {
        let civil = zone.civil(at);
        format!("{:02}:{:02}:{:02}", civil.hour(), civil.minute(), civil.second())
    }

    /// `20 November, 08:52`.
    pub fn moment(self, zone: &Zone, at: Timestamp) -> String {
        let date = self.day_year(zone.day_of(at));
        self.with("date-time", [("date", date.into()), ("time", self.time(zone, at).into())])
    }

    /// `Friday, 20 November`.
    pub fn day_long(self, day: Day) -> String {
        let weekday = self.t(&format!("weekday-{}", day.weekday().to_monday_one_offset()));
        let [number, month, _] = self.parts(day);
        self.with("date-day-long", [("weekday", weekday.into()), ("day", number.into()), ("month", month.into())])
    }

    /// `20 November`.
    pub fn day(self, day: Day) -> String {
        let [number, month, _] = self.parts(day);
        self.with("date-day", [("day", number.into()), ("month", month.into())])
    }

    /// `20 Nov`, for axes.
    pub fn day_brief(self, day: Day) -> String {
        let month = self.t(&format!("month-short-{}", day.month()));
        self.with("date-day", [("day", day.day().to_string().into()), ("month", month.into())])
    }

    /// `20 November 2026`.
    pub fn day_year(self, day: Day) -> String {
        let [number, month, year] = self.parts(day);
        self.with("date-day-year", [("day", number.into()), ("month", month.into()), ("year", year.into())])
    }

    /// `16-22 November 2026`, days of one month.
    pub fn days_of_month(self, from: Day, to: Day) -> String {
        let [number, month, year] = self.parts(to);
        let number = format!("{}\u{2013}{number}", from.day());
        self.with("date-day-year", [("day", number.into()), ("month", month.into()), ("year", year.into())])
    }

    /// `Fri 20`.
    pub fn day_short(self, day: Day) -> String {
        let weekday = self.weekday_short(day);
        self.with("date-day-short", [("weekday", weekday.into()), ("day", day.day().to_string().into())])
    }

    /// `Fri`.
    pub fn weekday_short(self, day: Day) -> String {
        self.t(&format!("weekday-short-{}", day.weekday().to_monday_one_offset()))
    }

    /// `Friday`.
    pub fn weekday(self, day: Day) -> String {
        self.t(&format!("weekday-{}", day.weekday().to_monday_one_offset()))
    }

    /// `November 2026`.
    pub fn month_year(self, day: Day) -> String {
        let month = self.t(&format!("month-{}", day.month()));
        self.with("date-month", [("month", month.into()), ("year", day.year().to_string().into())])
    }

    /// `November 2026` for `2026-11`, as files are named.
    pub fn month_name(self, month: &str) -> String {
        format!("{month}-01").parse().map_or_else(|_| month.to_owned(), |day| self.month_year(day))
    }

    fn parts(self, day: Day) -> [String; 3] {
        [day.day().to_string(), self.t(&format!("month-of-{}", day.month())), day.year().to_string()]
    }
}

/// Groups of three from the right. What is not an integer stays as it is.
pub(super) fn grouped_digits(number: &str) -> String {
    let digits = number.strip_prefix('-').unwrap_or(number);
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return number.to_owned();
    }
    let mut text = String::with_capacity(number.len() + digits.len() / 3 * NBSP.len_utf8());
    text.push_str(&number[..number.len() - digits.len()]);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(NBSP);
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use crate::kernel::Language;
    use crate::web::Texts;

    fn plain(text: &str) -> String {
        text.replace('\u{a0}', " ")
    }

    #[test]
    fn numbers_are_grouped_alone_and_in_sentences() {
        assert_eq!(plain(&super::grouped_digits("-1234567")), "-1 234 567");
        assert_eq!(super::grouped_digits("999"), "999");
        assert_eq!(super::grouped_digits("1234.5"), "1234.5");
        let texts = Texts::of(Language::Uz);
        assert!(plain(&texts.count("people-count", 43_001)).contains("43 001"));
    }

    #[test]
    fn durations_and_days_follow_the_language() {
        let [uz, ru, en] = Language::ALL.map(Texts::of);
        assert_eq!(plain(&en.duration_ms(29_580_000)), "8 h 13 min");
        assert_eq!(plain(&uz.duration_ms(29_580_000)), "8 soat 13 daq");
        assert_eq!(plain(&en.duration_ms(3_600_000 + 120_000)), "1 h 02 min");
        assert_eq!(plain(&en.duration_ms(20_000)), "20 s");
        let day = "2026-11-20".parse().unwrap();
        assert_eq!(en.day_long(day), "Friday, 20 November");
        assert_eq!(uz.day_long(day), "juma, 20-noyabr");
        assert_eq!(plain(&ru.number(1_284_310)), "1 284 310");
    }

    #[test]
    fn shares_are_never_zero_when_there_is_something() {
        let en = Texts::of(Language::En);
        assert_eq!(plain(&en.percent(1, 1000)), "<1 %");
        assert_eq!(plain(&en.percent(0, 1000)), "0 %");
        assert_eq!(plain(&en.percent(349, 1000)), "35 %");
    }

    #[test]
    fn sizes_use_the_decimal_sign_of_the_language() {
        assert_eq!(plain(&Texts::of(Language::Ru).bytes(1_840_000)), "1,8 \u{41c}\u{411}");
        assert_eq!(plain(&Texts::of(Language::En).bytes(212_000_000_000)), "212 GB");
    }
}
