//! A draft held against more than can be looked at.

use std::time::Duration;

use nazorat_wire::policy::Settings;
use nazorat_wire::policy::WindowDetail;

use super::FRIDAY;
use super::Office;
use super::Said;
use crate::kernel::Span;
use crate::monitoring::Examples;
use crate::monitoring::Monitoring;
use crate::monitoring::Preview;
use crate::monitoring::preview::BOUNDS;
use crate::monitoring::preview::Bounds;
use crate::monitoring::preview::parts;
use crate::monitoring::service::Question;
use crate::policy::collection::Trial;

/// One window each minute of some hours of a Friday.
async fn looked(bounds: Bounds) -> Preview {
    let office = Office::new().await;
    let known = office.account("pc-1", "aziz").await;
    let windows = (480..780).map(|minute| (minute, minute + 1, "excel.exe")).collect();
    office.say(known, FRIDAY, Said { windows, ..Said::default() });
    let draft = Settings { windows: Some(WindowDetail::Application), ..Settings::default() };
    let trial = Trial::of_organization(draft);
    let question = office.monitoring.ask(&office.hr(), office.organization).await.unwrap();
    let work = move |own: &Monitoring, question: &Question| own.preview_now(question, &trial, Examples::Hidden, bounds);
    office.monitoring.read(question, work).await.unwrap()
}

#[tokio::test]
async fn what_fits_is_looked_at_as_a_whole_page_by_page() {
    let found = looked(Bounds { page: 7, ..BOUNDS }).await;
    let [kind] = found.kinds.as_slice() else { panic!("{found:?}") };
    assert_eq!((kind.stored, kind.looked, kind.reduced), (300, 300, 300));
    assert!(!found.is_sample());
}

#[tokio::test]
async fn of_more_than_that_a_sample_is_looked_at() {
    let found = looked(Bounds { most: 280, page: 7, ..BOUNDS }).await;
    let [kind] = found.kinds.as_slice() else { panic!("{found:?}") };
    assert_eq!(kind.stored, 300, "all are counted");
    assert!(kind.looked > 0 && kind.looked <= 20, "a share of each of 28 parts, of which two hold something: {kind:?}");
    assert!(found.is_sample() && !found.out_of_time);
}

#[tokio::test]
async fn it_ends_when_time_is_up() {
    let found = looked(Bounds { time: Duration::ZERO, ..BOUNDS }).await;
    assert!(found.out_of_time && found.is_sample());
    assert_eq!((found.stored(), found.looked()), (300, 0));
}

#[test]
fn the_parts_of_a_week_follow_each_other() {
    let span = Span::new("2026-11-13T11:00:00Z".parse().unwrap(), "2026-11-20T11:00:00Z".parse().unwrap());
    let all = parts(span);
    assert_eq!(all.len(), 28);
    assert_eq!((all[0].1, all[27].0), (span.to.as_microsecond(), span.from.as_microsecond()));
    assert!(all.windows(2).all(|two| two[0].0 == two[1].1));
}
