//! The hours of a week in words: days that follow each other with the same hours are told together.

use nazorat_wire::policy::Hours;
use nazorat_wire::policy::Span;

use crate::web::Texts;

/// `Monday-Friday 09:00-18:00; Saturday 09:00-13:00`, with longer dashes.
pub(super) fn words(texts: Texts, hours: &Hours) -> String {
    let mut runs: Vec<(usize, usize, &[Span])> = Vec::new();
    for (day, spans) in hours.week.iter().enumerate() {
        match runs.last_mut() {
            Some((_, last, same)) if *same == spans.as_slice() => *last = day,
            _ => runs.push((day, day, spans)),
        }
    }
    let weekday = |day: usize| texts.t(&format!("weekday-{}", day + 1));
    let run = |(first, last, spans): (usize, usize, &[Span])| {
        let days = if first == last { weekday(first) } else { format!("{}\u{2013}{}", weekday(first), weekday(last)) };
        format!("{days} {}", spans.iter().map(span).collect::<Vec<_>>().join(", "))
    };
    let worked: Vec<String> = runs.into_iter().filter(|(.., spans)| !spans.is_empty()).map(run).collect();
    if worked.is_empty() { texts.t("notice-no-hours") } else { worked.join("; ") }
}

fn span(span: &Span) -> String {
    let time = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
    format!("{}\u{2013}{}", time(span.from), time(span.to))
}

#[cfg(test)]
mod tests {
    use nazorat_wire::policy::Hours;
    use nazorat_wire::policy::Span;

    use super::words;
    use crate::kernel::Language;
    use crate::web::Texts;

    #[test]
    fn days_with_the_same_hours_are_told_together() {
        let day = |spans: &[(u16, u16)]| spans.iter().map(|(from, to)| Span { from: *from, to: *to }).collect();
        let week = |days: [&[(u16, u16)]; 7]| Hours { zone: "Asia/Tashkent".to_owned(), week: days.map(day).to_vec() };
        let en = Texts::of(Language::En);
        let office: &[(u16, u16)] = &[(540, 780), (840, 1080)];
        let usual = week([office, office, office, office, office, &[(540, 780)], &[]]);
        assert_eq!(
            words(en, &usual),
            "Monday\u{2013}Friday 09:00\u{2013}13:00, 14:00\u{2013}18:00; Saturday 09:00\u{2013}13:00"
        );
        let night: &[(u16, u16)] = &[(1320, 360)];
        assert_eq!(words(en, &week([&[], &[], night, &[], &[], &[], &[]])), "Wednesday 22:00\u{2013}06:00");
        assert_eq!(words(en, &week([&[]; 7])), en.t("notice-no-hours"));
    }
}
