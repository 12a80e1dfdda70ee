//! Starting on a folder of many partitions, and what the process holds in memory when nothing happens.

use std::time::Duration;

use anyhow::Context;
use anyhow::Result;
use anyhow::ensure;
use jiff::ToSpan;
use jiff::civil::Date;
use serde_json::json;

use crate::appliance::Appliance;
use crate::appliance::BELIEVES_THE_PAST;
use crate::hardware;
use crate::table;
use crate::table::Table;

/// Kinds of events that agents send; each has files of its own.
const KINDS: [&str; 4] = [
    r#""kind":"active_window","duration_ms":60000,"app":"EXCEL.EXE","title":"Hisobot""#,
    r#""kind":"visited_site","duration_ms":60000,"url":"https://example.com/report""#,
    r#""kind":"input_activity","duration_ms":60000,"state":"active""#,
    r#""kind":"user_session","action":"login""#,
];

#[derive(clap::Args, Clone, Copy)]
pub(crate) struct Options {
    /// How many partitions at least: years of months of every kind, spread over organizations
    #[arg(long, default_value_t = 500)]
    partitions: u64,
    /// Months of each organization
    #[arg(long, default_value_t = 60)]
    months: u64,
    /// How often it is started
    #[arg(long, default_value_t = 5)]
    starts: u64,
    /// Seconds without work before the memory is looked at
    #[arg(long, default_value_t = 90)]
    rest: u64,
}

#[expect(clippy::disallowed_methods, reason = "the appliance lives in real time; rest is time that passes for it")]
pub(crate) fn run(options: &Options) -> Result<()> {
    let mut appliance = Appliance::start(&[BELIEVES_THE_PAST])?;
    let each = options.months.max(1) * KINDS.len() as u64;
    let today = jiff::Zoned::now().date();
    for number in 0..options.partitions.div_ceil(each) {
        let fields = json!({ "name": format!("Office {number}"), "time_zone": "Asia/Tashkent", "language": "en" });
        let made = appliance.connect()?.make("/api/v1/organizations", &appliance.token, &fields)?;
        let organization = made["id"].as_u64().context("the organization has no id")?;
        fill(&appliance, organization, today, options.months)?;
    }
    appliance.settle(Duration::from_secs(300))?;
    let partitions = appliance.metric("nazorat_partitions")? as u64;
    ensure!(partitions >= options.partitions, "there are only {partitions} partitions");
    let mut starts = (0..options.starts.max(1)).map(|_| appliance.restart()).collect::<Result<Vec<_>>>()?;
    std::thread::sleep(Duration::from_secs(options.rest));
    let resident = appliance.resident()?;
    appliance.stop()?;
    let mut shown = Table::new(&["what", "measured", "bar"]);
    let longest = table::percentile(&mut starts, 100);
    shown.row(&[&format!("start to ready, {partitions} partitions"), &table::millis(longest), &"2,000 ms"]);
    shown.row(&[&format!("memory, idle for {} s", options.rest), &format!("{resident} MB"), &"100 MB"]);
    eprintln!("{}\n\n{shown}", hardware::line());
    Ok(())
}

/// One event of each kind in each of the last months.
fn fill(appliance: &Appliance, organization: u64, today: Date, months: u64) -> Result<()> {
    let key = appliance.key_of(organization)?;
    let headers = format!("Authorization: Bearer {key}\r\n");
    let mut connection = appliance.connect()?;
    for month in 1..=months {
        let day = today.first_of_month().saturating_sub(i64::try_from(month).unwrap_or(i64::MAX).months());
        let events = KINDS.map(|kind| {
            format!(r#"{{{kind},"ts":"{day}T06:00:00Z","computer_uid":"pc-1","user_name":"OFFICE\\user"}}"#)
        });
        let body = format!(r#"{{"batch_id":"start-{month}","events":[{}]}}"#, events.join(","));
        let status = connection.post("/v2/ingest/logs", &headers, body.as_bytes())?;
        ensure!(status == 200, "a batch was answered with {status}");
    }
    Ok(())
}
