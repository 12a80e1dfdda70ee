//! Sums over people and days: what was used most, a department's week, an organization's month and year.

use std::collections::BTreeMap;
use std::collections::HashMap;

use crate::kernel::Actor;
use crate::kernel::Day;
use crate::kernel::DepartmentId;
use crate::kernel::EmployeeId;
use crate::kernel::OrganizationId;
use crate::monitoring::Bucket;
use crate::monitoring::By;
use crate::monitoring::Category;
use crate::monitoring::Monitoring;
use crate::monitoring::MonitoringError;
use crate::monitoring::Subject;
use crate::monitoring::Summary;
use crate::monitoring::SummaryBucket;
use crate::monitoring::SummaryDepartment;
use crate::monitoring::Top;
use crate::monitoring::TopRow;
use crate::monitoring::Totals;
use crate::monitoring::calendar::Calendar;
use crate::monitoring::calendar::day_of;
use crate::monitoring::ratings::Classes;
use crate::monitoring::service::Question;
use crate::monitoring::sums::Apart;
use crate::monitoring::sums::Rated;
use crate::monitoring::sums::Row;

/// How many names a summary lists.
const LISTED: usize = 20;

impl Monitoring {
    /// What was used most, from one day to another, both included.
    pub async fn top(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        (subject, by): (Subject, By),
        (from, to): (Day, Day),
    ) -> Result<Top, MonitoringError> {
        let question = self.ask(actor, organization).await?;
        self.read(question, move |own, question| {
            let calendar = Calendar::checked(&question.zone, from, to)?;
            let people = question.people_of(subject)?;
            let reading = own.reading(question, &people, &calendar)?;
            let [rows] = reading.rows([Apart::Nothing])?;
            let active_ms = rows.iter().filter(|row| row.is_use()).map(|row| row.ms).sum();
            Ok(Top {
                rows: top_rows((question, &reading.classes), &rows, by),
                active_ms,
                completeness: reading.completeness,
            })
        })
        .await
    }

    /// A department with everything below it, day by day.
    pub async fn department_summary(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        department: DepartmentId,
        days: (Day, Day),
    ) -> Result<Summary, MonitoringError> {
        let question = self.ask(actor, organization).await?;
        let subject = Subject::Department(department);
        self.read(question, move |own, question| own.summary_now(question, subject, days, Bucket::Day)).await
    }

    /// Everybody whom the actor may see, in buckets.
    pub async fn organization_summary(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        days: (Day, Day),
        bucket: Bucket,
    ) -> Result<Summary, MonitoringError> {
        let question = self.ask(actor, organization).await?;
        let subject = Subject::Organization;
        self.read(question, move |own, question| own.summary_now(question, subject, days, bucket)).await
    }

    fn summary_now(
        &self,
        question: &Question,
        subject: Subject,
        (from, to): (Day, Day),
        bucket: Bucket,
    ) -> Result<Summary, MonitoringError> {
        let calendar = Calendar::checked(&question.zone, from, to)?;
        let people = question.people_of(subject)?;
        let reading = self.reading(question, &people, &calendar)?;
        let [rows, of_people] = reading.rows([Apart::Days, Apart::People])?;
        let departments = departments((question, &reading.classes), &question.departments_below(subject), &of_people)?;
        let (totals, buckets) = buckets(&reading.classes, &calendar, bucket, &rows);
        let listed = |by| {
            let mut listed = top_rows((question, &reading.classes), &rows, by);
            listed.truncate(LISTED);
            listed
        };
        let department = match subject {
            Subject::Department(department) => Some(department),
            Subject::Employee(_) | Subject::Organization => None,
        };
        Ok(Summary {
            from,
            to,
            people: question.count_people(department)?,
            totals,
            buckets,
            departments,
            applications: listed(By::Application),
            sites: listed(By::Site),
            completeness: reading.completeness,
        })
    }
}

impl Question {
    /// The visible departments directly below a subject.
    fn departments_below(&self, subject: Subject) -> Vec<DepartmentId> {
        let tree = self.directory.departments();
        match subject {
            Subject::Employee(_) => Vec::new(),
            Subject::Department(department) => tree.children(Some(department)).to_vec(),
            Subject::Organization => match self.view.root() {
                Some(root) => tree.children(Some(root)).to_vec(),
                None => tree.children(None).to_vec(),
            },
        }
    }
}

fn departments(
    (question, classes): (&Question, &Classes),
    below: &[DepartmentId],
    rows: &[Row],
) -> Result<Vec<SummaryDepartment>, MonitoringError> {
    let mut of: HashMap<EmployeeId, usize> = HashMap::new();
    let mut found = Vec::with_capacity(below.len());
    for (index, id) in below.iter().enumerate() {
        let Some(department) = question.directory.departments().find(*id) else { continue };
        of.extend(question.directory.employees_below(*id).iter().map(|employee| (employee.id, index)));
        found.push(SummaryDepartment {
            department: *id,
            name: department.name.clone(),
            people: question.count_people(Some(*id))?,
            totals: Totals::default(),
        });
    }
    let mut rated = Rated::new(classes);
    for row in rows {
        let index = row.employee.and_then(|employee| of.get(&employee));
        if let Some(department) = index.and_then(|index| found.get_mut(*index)) {
            rated.add(&mut department.totals, row);
        }
    }
    Ok(found)
}

fn buckets(classes: &Classes, calendar: &Calendar, bucket: Bucket, rows: &[Row]) -> (Totals, Vec<SummaryBucket>) {
    let mut found: BTreeMap<Day, SummaryBucket> = BTreeMap::new();
    for day in calendar.days().map(day_of) {
        let new = || SummaryBucket { from: day, to: day, totals: Totals::default() };
        found.entry(bucket.begin(day)).or_insert_with(new).to = day;
    }
    let mut totals = Totals::default();
    let mut rated = Rated::new(classes);
    for row in rows {
        rated.add(&mut totals, row);
        let begin = row.day.map(|day| bucket.begin(day_of(day)));
        if let Some(one) = begin.and_then(|begin| found.get_mut(&begin)) {
            rated.add(&mut one.totals, row);
        }
    }
    (totals, found.into_values().collect())
}

fn top_rows((question, classes): (&Question, &Classes), rows: &[Row], by: By) -> Vec<TopRow> {
    let mut rated = Rated::new(classes);
    let mut found: HashMap<String, [i64; 3]> = HashMap::new();
    for row in rows.iter().filter(|row| row.is_use() && row.ms > 0) {
        let name = match by {
            By::Application => question.catalogue.app_name(&row.app).into_owned(),
            By::Site if row.site.is_empty() => continue,
            By::Site => row.site.clone(),
        };
        let category = rated.category(row);
        let index = Category::ALL.iter().position(|one| *one == category).unwrap_or(1);
        found.entry(name).or_default()[index] += row.ms;
    }
    let row = |(name, by_category): (String, [i64; 3])| TopRow { name, ms: by_category.iter().sum(), by_category };
    let mut top: Vec<TopRow> = found.into_iter().map(row).collect();
    top.sort_by(|a, b| b.ms.cmp(&a.ms).then_with(|| a.name.cmp(&b.name)));
    top
}
