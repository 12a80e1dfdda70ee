//! Old bytes stay readable for ever.

use std::fmt::Debug;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Office;
use super::at;
use super::hr;
use crate::people::People;
use crate::people::records::ComputerRecord;
use crate::people::records::ComputerUserRecord;
use crate::people::records::DepartmentRecord;
use crate::people::records::EmployeeRecord;
use crate::people::records::LinkRecord;
use crate::store::Record;

macro_rules! fixture {
    ($name:literal) => {
        include_str!(concat!("../../../tests/fixtures/records/people/", $name, ".json"))
    };
}

/// Each line of a fixture is one stored record; today's program writes the same bytes.
#[track_caller]
fn check<R: Record + Serialize + DeserializeOwned + Debug>(fixture: &str) {
    assert_eq!(R::VERSION, 1);
    for line in fixture.lines() {
        let read: R = serde_json::from_str(line).unwrap();
        assert_eq!(serde_json::to_string(&read).unwrap(), line);
    }
}

#[test]
fn version_1_is_read_and_written_the_same() {
    check::<DepartmentRecord>(fixture!("department.v1"));
    check::<EmployeeRecord>(fixture!("employee.v1"));
    check::<ComputerRecord>(fixture!("computer.v1"));
    check::<ComputerUserRecord>(fixture!("computer_user.v1"));
    check::<LinkRecord>(fixture!("link.v1"));
}

#[tokio::test]
async fn people_survive_an_export() {
    let office = Office::new();
    let top = office.department("Bosh ofis", None).await;
    let aziz = office.employee("Hamidov Aziz", Some(top)).await;
    let seen = office.see("pc-1", "aziz", at(0)).await;
    office.link(seen, aziz).await;
    let before = office.people.view(&hr(), super::OFFICE).await.unwrap();
    let file = office.folder.path().join("export.zst");
    crate::store::export_to(&office.store, &file, at(1)).unwrap();
    let Office { people, store, folder, clock, _place } = office;
    drop((people, store));
    crate::store::restore_from(&folder, &file).unwrap();
    let people = People::new(crate::store::Store::open(&folder).unwrap(), clock);
    let after = people.view(&hr(), super::OFFICE).await.unwrap();
    assert_eq!(after.employee(aziz).unwrap(), before.employee(aziz).unwrap());
    assert_eq!(after.links_of_employee(aziz).unwrap(), before.links_of_employee(aziz).unwrap());
}
