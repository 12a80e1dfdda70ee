//! An organization of its own: made, told to keep its events, linked and asked, over HTTP only.

use std::collections::HashMap;
use std::time::Duration;
use std::time::Instant;

use anyhow::Context;
use anyhow::Result;
use anyhow::ensure;
use serde_json::Value;
use serde_json::json;

use super::question::Kind;
use super::question::Question;
use super::year::Year;
use crate::appliance::Appliance;
use crate::appliance::FORM;

const PATIENCE: Duration = Duration::from_secs(1_200);

pub(super) struct Office {
    pub(super) organization: u64,
    /// Of its agents.
    pub(super) key: String,
    pub(super) departments: Vec<u64>,
    /// In the order of the users of the rows.
    pub(super) employees: Vec<u64>,
}

impl Office {
    /// A second organization, because the keeper has already looked at the first one and would not seal before night.
    pub(super) fn found(appliance: &Appliance, departments: u64, people: u64) -> Result<Office> {
        let mut api = appliance.connect()?;
        let mut make = |path: &str, body: Value| -> Result<u64> {
            let made = api.make(path, &appliance.token, &body)?;
            made["id"].as_u64().with_context(|| format!("{path} gave no id"))
        };
        let fields = json!({ "name": "Office", "time_zone": "Asia/Tashkent", "language": "en" });
        let organization = make("/api/v1/organizations", fields)?;
        let inside = format!("organization_id={organization}");
        let path = format!("/api/v1/departments?{inside}");
        let departments: Vec<u64> = (0..departments.max(1))
            .map(|number| make(&path, json!({ "name": format!("Department {number}"), "parent_id": null })))
            .collect::<Result<_>>()?;
        let path = format!("/api/v1/employees?{inside}");
        let employee = |(number, department)| json!({ "surname": format!("Surname{number}"), "given_name": "Name", "department_id": department });
        let spread = (0..people).zip(departments.iter().cycle());
        let employees = spread.map(|one| make(&path, employee(one))).collect::<Result<_>>()?;
        keep_for_ever(appliance, organization)?;
        let key = appliance.key_of(organization)?;
        Ok(Office { organization, key, departments, employees })
    }

    /// Links every account to its employee, once all accounts have appeared.
    pub(super) fn link(&self, appliance: &Appliance) -> Result<()> {
        let accounts = patiently("the accounts did not appear", || {
            let found = self.accounts(appliance)?;
            Ok((found.len() == self.employees.len()).then_some(found))
        })?;
        let mut api = appliance.connect()?;
        let path = format!("/api/v1/links?organization_id={}", self.organization);
        for (number, employee) in self.employees.iter().enumerate() {
            let account = accounts.get(&format!("OFFICE\\user{number}")).context("an account is missing")?;
            api.make(&path, &appliance.token, &json!({ "computer_user_id": account, "employee_id": employee }))?;
        }
        Ok(())
    }

    fn accounts(&self, appliance: &Appliance) -> Result<HashMap<String, u64>> {
        let mut api = appliance.connect()?;
        let mut found = HashMap::new();
        let mut cursor = String::new();
        loop {
            let path = format!("/api/v1/computer-users?organization_id={}&limit=500{cursor}", self.organization);
            let page: Value = serde_json::from_str(&api.get(&path, &appliance.token)?)?;
            for one in page["items"].as_array().context("a list has no items")? {
                let name = one["user_name"].as_str().context("an account has no name")?;
                found.insert(name.to_owned(), one["id"].as_u64().context("an account has no id")?);
            }
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return Ok(found),
            }
        }
    }

    /// Waits until no sum of the year waits for being computed.
    pub(super) fn wait_for_sums(&self, appliance: &Appliance, year: &Year) -> Result<()> {
        let (Some(from), Some(to)) = (year.days.first(), year.days.last()) else { return Ok(()) };
        let path = format!("/api/v1/organizations/{}/summary?from={from}&to={to}&bucket=month", self.organization);
        patiently("the sums were not computed", || {
            let answer: Value = serde_json::from_str(&appliance.connect()?.get(&path, &appliance.token)?)?;
            ensure!(answer["people"] == self.employees.len(), "the summary is of {} people", answer["people"]);
            // A summary says as of when it is only while events have come in since.
            let fresh = answer["incomplete"]["as_of"].is_null();
            Ok((fresh && answer["totals"]["active_ms"].as_u64() > Some(0)).then_some(()))
        })
    }

    /// Asks one after the other, each of somebody else.
    pub(super) fn ask(&self, appliance: &Appliance, questions: Vec<Question>) -> Result<Vec<Duration>> {
        let mut api = appliance.connect()?;
        let mut times = Vec::new();
        for question in questions {
            let path = self.path(&question);
            let asked = Instant::now();
            let answer = api.get(&path, &appliance.token)?;
            times.push(asked.elapsed());
            let answer: Value = serde_json::from_str(&answer)?;
            ensure!(answer["totals"]["active_ms"].as_u64() > Some(0), "{path} knows of no time");
        }
        Ok(times)
    }

    fn path(&self, question: &Question) -> String {
        let Question { kind, whom, from, to } = question;
        let one_of = |ids: &[u64]| ids.get(*whom as usize % ids.len().max(1)).copied().unwrap_or_default();
        let organization = self.organization;
        match kind {
            Kind::PersonDay => {
                let employee = one_of(&self.employees);
                format!("/api/v1/employees/{employee}/timeline?organization_id={organization}&day={from}")
            }
            Kind::DepartmentWeek => {
                let department = one_of(&self.departments);
                format!("/api/v1/departments/{department}/summary?organization_id={organization}&from={from}&to={to}")
            }
            Kind::OrganizationMonth => {
                format!("/api/v1/organizations/{organization}/summary?from={from}&to={to}&bucket=day")
            }
            Kind::OrganizationYear => {
                format!("/api/v1/organizations/{organization}/summary?from={from}&to={to}&bucket=month")
            }
        }
    }
}

/// Nothing of the year is too old. Retention is changed on its page; a form in which nothing is filled in says for ever.
fn keep_for_ever(appliance: &Appliance, organization: u64) -> Result<()> {
    let headers = format!("{FORM}{}", appliance.sign_in(organization)?);
    let answer = appliance.connect()?.send("/storage/retention/confirm", &headers, b"cap=")?;
    ensure!(answer.status == 303, "retention was answered with {}", answer.status);
    Ok(())
}

/// Asks until there is an answer.
#[expect(clippy::disallowed_methods, reason = "a bench waits for another process, with a deadline")]
pub(super) fn patiently<T>(otherwise: &str, mut ask: impl FnMut() -> Result<Option<T>>) -> Result<T> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(answer) = ask()? {
            return Ok(answer);
        }
        ensure!(Instant::now() < deadline, "{otherwise}");
        std::thread::sleep(Duration::from_secs(2));
    }
}
