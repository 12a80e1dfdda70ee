//! The same with as many events as a branch of fifty computers sends in a week.

use std::time::Duration;

use super::Scale;
use super::seven_days;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f08_gw_seven_day_offline_drain_of_a_branch() {
    seven_days(Scale {
        hourly: 20,
        events: 100,
        at_once: 5_000,
        slowness: Duration::from_millis(200),
        patience: Duration::from_secs(1),
    })
    .await;
}
