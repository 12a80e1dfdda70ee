//! Old events go while somebody reads them.

use std::ops::ControlFlow;
use std::sync::mpsc;
use std::time::Duration;

use nazorat::kernel::Actor;
use nazorat::kernel::OrganizationId;
use nazorat_timeseries::Dataset;
use nazorat_timeseries::Scan;

use super::fresh::Line;
use super::journal::Journal;
use super::journal::files_ending;

const DAY: i64 = 86_400;

#[tokio::test(flavor = "multi_thread")]
async fn f25_retention_vs_running_report() {
    let line = Line::new("2026-11-23T08:00:00Z");
    let (_, retention) = line.services().await;
    let now_us = line.clock.now().as_microsecond();
    let (mut old, mut young) = (Journal::since(now_us - 50 * DAY * 1_000_000), Journal::since(now_us - 3_600_000_000));
    for batch in [old.batch(4_000), young.batch(4_000)] {
        assert_eq!(line.accept(&batch).await.unwrap().accepted, 4_000);
    }
    line.settle().await;
    assert!(line.hub.checkpoint().is_complete());
    line.forward(60 * DAY);

    // A report of everything that stops in its midst until it is told to go on.
    let (begun, has_begun) = mpsc::channel();
    let (go_on, may_go_on) = mpsc::channel::<()>();
    let hub = line.hub.clone();
    let report = std::thread::spawn(move || {
        let scan = Scan {
            organization: 1,
            datasets: vec![Dataset::ActiveWindows],
            from_us: 0,
            to_us: i64::MAX,
            accounts: None,
        };
        let mut rows = 0;
        let found = hub.scan(&scan, &mut |_| {
            if rows == 0 {
                begun.send(()).unwrap();
                may_go_on.recv_timeout(Duration::from_secs(20)).unwrap();
            }
            rows += 1;
            ControlFlow::Continue(())
        });
        (rows, found)
    });
    has_begun.recv().unwrap();
    let system = Actor::system();
    let later = async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        go_on.send(()).unwrap();
    };
    let (removed, ()) = tokio::join!(retention.run(&system, OrganizationId::new(1)), later);
    let removed = removed.unwrap();

    // Either the report has all rows, or it says which file it lacks.
    let (rows, found) = report.join().unwrap();
    match found {
        Ok(problems) if problems.is_empty() => assert_eq!(rows, 2_000),
        Ok(problems) => assert!((1_000..2_000).contains(&rows), "{rows} rows, {problems:?}"),
        Err(problem) => assert!(problem.to_string().contains("stopped"), "{problem}"),
    }
    // Sessions are kept for a year, of the rest only what is young.
    assert_eq!((removed.rows, removed.failed), (3_000, 0));
    assert_eq!((line.rows(), line.of(Dataset::UserSessions)), (5_000, 2_000));
    let files = files_ending(&line.path.join("events/1/active_windows"), ".duckdb");
    assert_eq!(files.len(), 1, "{files:?}");
    // Nothing of it comes back.
    line.settle().await;
    assert_eq!(retention.run(&system, OrganizationId::new(1)).await.unwrap().rows, 0);
}
