//! Who may see what, raw events, and what is recorded.

use super::FRIDAY;
use super::Office;
use super::all_datasets;
use super::at;
use super::day;
use super::morning;
use crate::kernel::Actor;
use crate::kernel::Classify as _;
use crate::kernel::Kind;
use crate::kernel::OperatorId;
use crate::kernel::OrganizationId;
use crate::kernel::PageRequest;
use crate::kernel::Role;
use crate::kernel::Scope;
use crate::monitoring::By;
use crate::monitoring::EventFilter;
use crate::monitoring::Subject;
use crate::people::DepartmentInput;

fn all_day(dataset: nazorat_timeseries::Dataset) -> EventFilter {
    EventFilter {
        dataset,
        from: at(FRIDAY, 0),
        to: at(FRIDAY, 1440),
        employee: None,
        department: None,
        computer_user: None,
        text: None,
    }
}

#[tokio::test]
async fn a_lead_sees_the_own_department_and_nobody_else() {
    let office = Office::new().await;
    let input = DepartmentInput { name: "Ombor".to_owned(), parent: None };
    let other = office.people.create_department(&office.hr(), office.organization, input).await.unwrap().id;
    let (desk, far) = (office.account("pc-1", "aziz").await, office.account("pc-2", "olga").await);
    let (own, foreign) =
        (office.employee("Karimov", Some(office.department)).await, office.employee("Petrova", Some(other)).await);
    office.link(desk, own).await;
    office.link(far, foreign).await;
    office.say(desk, FRIDAY, morning());
    office.say(far, FRIDAY, morning());
    let scope = Scope::Department(office.organization, office.department);
    let lead = Actor::operator(OperatorId::new(2), "lead", Role::DepartmentLead, scope);
    let (monitoring, organization) = (&office.monitoring, office.organization);
    assert!(monitoring.day(&lead, organization, own, day(FRIDAY)).await.is_ok());
    let refused = monitoring.day(&lead, organization, foreign, day(FRIDAY)).await.unwrap_err();
    assert_eq!(refused.kind(), Kind::NotFound);
    let refused = monitoring.department_summary(&lead, organization, other, (day(FRIDAY), day(FRIDAY))).await;
    assert_eq!(refused.unwrap_err().kind(), Kind::NotFound);
    let range = (day(FRIDAY), day(FRIDAY));
    let own_top = monitoring.top(&lead, organization, (Subject::Employee(own), By::Site), range).await.unwrap();
    let seen = monitoring.top(&lead, organization, (Subject::Organization, By::Site), range).await.unwrap();
    assert_eq!(seen.rows, own_top.rows);
    assert_eq!(monitoring.overview(&lead, organization).await.unwrap().people.len(), 1);
    for dataset in all_datasets() {
        let filter = all_day(dataset);
        let mine = monitoring.count_events(&lead, organization, filter.clone()).await.unwrap().count;
        let all = monitoring.count_events(&office.hr(), organization, filter).await.unwrap().count;
        assert_eq!(all, 2 * mine);
    }
    let guard = Actor::operator(OperatorId::new(3), "guard", Role::Guard, Scope::Organization(organization));
    assert_eq!(monitoring.overview(&guard, organization).await.unwrap_err().kind(), Kind::Forbidden);
    let stranger = Scope::Organization(OrganizationId::new(77));
    let stranger = Actor::operator(OperatorId::new(4), "stranger", Role::Hr, stranger);
    assert_eq!(monitoring.overview(&stranger, organization).await.unwrap_err().kind(), Kind::NotFound);
    let nowhere = monitoring.overview(&Actor::system(), OrganizationId::new(77)).await;
    assert_eq!(nowhere.unwrap_err().kind(), Kind::NotFound);
}

#[tokio::test]
async fn raw_events_come_in_pages_with_whose_they_were() {
    let office = Office::new().await;
    let desk = office.account("pc-1", "aziz").await;
    let aziz = office.employee("Karimov", None).await;
    office.link(desk, aziz).await;
    office.say(desk, FRIDAY, morning());
    let filter = EventFilter {
        employee: Some(aziz),
        computer_user: Some(desk.computer_user),
        ..all_day(nazorat_timeseries::Dataset::VisitedSites)
    };
    let mut after = None;
    let mut domains = Vec::new();
    loop {
        let page = PageRequest { limit: 1, after };
        let found = office.monitoring.events(&office.hr(), office.organization, filter.clone(), page).await.unwrap();
        for item in found.items {
            assert_eq!(item.employee.as_ref().unwrap().1, "Karimov Aziz");
            assert_eq!((item.place.computer, item.app.as_deref()), (Some(desk.computer), Some("Chrome")));
            let nazorat_timeseries::Event::VisitedSite(site) = item.event else { unreachable!() };
            domains.push((site.domain, item.category.unwrap().name()));
        }
        after = found.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(domains, [("youtube.com".to_owned(), "distracting"), ("didox.uz".to_owned(), "useful")]);
    let text = EventFilter { text: Some("TUBE".to_owned()), ..filter };
    assert_eq!(office.monitoring.count_events(&office.hr(), office.organization, text).await.unwrap().count, 1);
    let letters = all_day(nazorat_timeseries::Dataset::RejectedEvents);
    let refused = office.monitoring.count_events(&office.hr(), office.organization, letters).await.unwrap_err();
    assert_eq!((refused.code(), refused.field()), ("dataset_not_readable", Some("dataset")));
}

#[tokio::test]
async fn looking_at_a_day_is_recorded() {
    let office = Office::new().await;
    let aziz = office.employee("Karimov", None).await;
    office.monitoring.day(&office.hr(), office.organization, aziz, day(FRIDAY)).await.unwrap();
    let page = PageRequest { limit: 10, after: None };
    let filter = crate::audit::Filter { action: Some("monitoring.".to_owned()), ..crate::audit::Filter::default() };
    let log = office.audit.list(&Actor::system(), Some(office.organization), filter, page).await.unwrap();
    let entry = &log.items[0];
    assert_eq!((entry.action.as_str(), entry.actor.name.as_str()), ("monitoring.read_day", "malika"));
    assert_eq!(entry.object.as_ref().unwrap().id, aziz.to_string());
}
