//! `nazorat demo`: the appliance, the gateway of a branch and a simulated office, on a data folder of its own.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args as ClapArgs;
use jiff::ToSpan as _;
use tokio_util::sync::CancellationToken;

use super::Failure;
use super::Problem;
use super::branch::Branch;
use super::doors::Doors;
use super::say;
use crate::appliance;
use crate::appliance::Account;
use crate::appliance::Computer;
use crate::appliance::Furnished;
use crate::appliance::Person;
use crate::appliance::Started;
use crate::config::Config;
use crate::kernel::Clock;
use crate::kernel::Language;
use crate::kernel::SecretText;
use crate::kernel::Zone;
use crate::runtime::telemetry::Telemetry;
use crate::sim;
use crate::sim::After;
use crate::sim::Agents;
use crate::sim::Entry;
use crate::sim::Office;
use crate::sim::Progress;
use crate::sim::Trust;

/// Older events than usual are believed, since the office brings its history along.
const MARGIN_DAYS: u32 = 10;

#[derive(Debug, ClapArgs)]
pub(super) struct Args {
    /// How many people work in the office
    #[arg(long, value_name = "N", default_value_t = 60)]
    people: usize,
    /// Makes another office with the same words
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    seed: u64,
    /// Days of history before today
    #[arg(long, value_name = "DAYS", default_value_t = 90)]
    history_days: u16,
    /// Language of the organization: uz, ru or en
    #[arg(long, value_parser = super::language, default_value = "uz")]
    language: Language,
    /// Plays today from the morning on, so many times as fast
    #[arg(long, value_name = "SPEED")]
    replay: Option<u32>,
}

pub(super) fn run(args: &Args, mut config: Config, own_folder: bool) -> Result<(), Failure> {
    if !own_folder {
        config.storage.data_dir = fresh_folder().map_err(Problem)?.to_string_lossy().into_owned();
    }
    config.ingest.accept_days = u32::from(args.history_days) + MARGIN_DAYS;
    let (appliance, telemetry) = (config.appliance()?, config.telemetry()?);
    let telemetry = Telemetry::install(&telemetry).map_err(Problem)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Problem)?;
    let outcome = runtime.block_on(async {
        let doors = Doors::start(args.seed, args.people).await?;
        let furnished = appliance::furnish(&appliance, office(args, &doors)).await?;
        let stop = CancellationToken::new();
        let folder = appliance.data_dir.join("branch");
        let mut branch = None;
        let announce = |started: &Started| {
            announce(started, &furnished);
            let token = token(started, &furnished);
            branch = Some(run_branch(folder, token, agents(args), stop.clone()));
        };
        let serving = async {
            let outcome = appliance::serve(appliance, telemetry.clone(), announce).await;
            stop.cancel();
            outcome
        };
        let (outcome, ()) = tokio::join!(serving, doors.run(stop.clone()));
        if let Some(branch) = branch {
            // It tells of its failures itself.
            drop(branch.await);
        }
        outcome.map(|_ended| ())
    });
    telemetry.shutdown();
    Ok(outcome.map_err(Problem)?)
}

/// A new folder below the system's temporary one; it is left for looking into and named when the demo starts.
fn fresh_folder() -> anyhow::Result<PathBuf> {
    let name = format!("nazorat-demo-{}", SecretText::random("").expose().get(..8).unwrap_or_default());
    let path = std::env::temp_dir().join(name);
    std::fs::create_dir_all(&path)?;
    Ok(path)
}

fn office(args: &Args, doors: &Doors) -> appliance::Office {
    let directory = Office::build(args.seed, args.people).directory();
    let since = Clock::system().now();
    let hours = i64::from(args.history_days + 2) * 24;
    appliance::Office {
        organization: "Zarafshon Savdo".to_owned(),
        zone: Zone::default(),
        language: args.language,
        departments: directory.departments,
        people: directory
            .employees
            .into_iter()
            .map(|one| Person {
                surname: one.family_name,
                given_name: one.given_name,
                position: one.position,
                department: one.department,
                // By which the terminals at the doors know them.
                number: (1_000 + one.number).to_string(),
            })
            .chain([newcomer()])
            .collect(),
        computers: directory
            .computers
            .into_iter()
            .map(|one| Computer { uid: one.uid, name: one.name, department: one.department })
            .collect(),
        accounts: directory
            .accounts
            .into_iter()
            .filter(|one| one.linked)
            .map(|one| Account {
                computer: one.computer,
                person: one.employee,
                sid: one.user_sid,
                user_name: one.user_name,
            })
            .collect(),
        gateway: "Chilonzor".to_owned(),
        terminals: doors.described(),
        everybody: "Hamma".to_owned(),
        since: since.checked_sub(hours.hours()).unwrap_or(since),
    }
}

/// Somebody on their first day: nobody has given them a number yet, so that no terminal can know them.
fn newcomer() -> Person {
    Person {
        surname: "Nazarova".to_owned(),
        given_name: "Zilola".to_owned(),
        position: "Amaliyotchi".to_owned(),
        department: 0,
        number: String::new(),
    }
}

/// The agents, before it is known where they send to.
fn agents(args: &Args) -> Agents {
    Agents {
        server: String::new(),
        entry: Entry::Key(SecretText::new("")),
        trust: Trust::SystemRoots,
        people: args.people,
        seed: args.seed,
        zone: Zone::default(),
        history_days: args.history_days,
        watched: 4,
        after: args.replay.map_or(After::Live, After::Replay),
    }
}

/// How the box of the branch gets in: it stands on this machine.
fn token(started: &Started, furnished: &Furnished) -> anyhow::Result<String> {
    let server = format!("https://127.0.0.1:{}", started.main.port());
    Ok(furnished.gateway.token(&server, started.fingerprint.as_deref())?)
}

fn announce(started: &Started, furnished: &Furnished) {
    say(&format!("Nazorat {} shows a simulated office", env!("CARGO_PKG_VERSION")));
    say(&format!("  open      {}", started.url));
    if let Some(plain) = started.plain {
        say(&format!("  or        http://{plain} on this machine, without a certificate"));
    }
    for (login, password) in &furnished.logins {
        say(&format!("  login     {login:<8} password {password}"));
    }
    if let Some(fingerprint) = &started.fingerprint {
        say(&format!("  SHA-256   {fingerprint}"));
    }
    say("  The history is on its way and appears while you look. Stop with Ctrl+C.");
}

/// Starts the gateway and behind it the agents; they end with the appliance.
#[expect(clippy::disallowed_methods, reason = "the branch stands for other computers; the appliance must not own it")]
fn run_branch(
    folder: PathBuf,
    token: anyhow::Result<String>,
    agents: Agents,
    stop: CancellationToken,
) -> tokio::task::JoinHandle<()> {
    tokio::spawn(async move {
        let started = match token {
            Ok(token) => Branch::start(&folder, &token).await,
            Err(problem) => Err(problem),
        };
        let branch = match started {
            Ok(branch) => branch,
            Err(problem) => {
                tracing::error!("the branch of the demo does not come up: {problem:#}");
                return;
            }
        };
        say(&format!("  gateway   {} collects from the computers of the branch", branch.url));
        simulate(&branch, agents, &stop).await;
        stop.cancelled().await;
        branch.stop().await;
    })
}

async fn simulate(branch: &Branch, mut agents: Agents, stop: &CancellationToken) {
    agents.server = branch.url.clone();
    agents.entry = Entry::JoinCode(branch.join_code.clone());
    let progress = Progress::default();
    let told = async {
        loop {
            tokio::time::sleep(Duration::from_secs(2)).await;
            let sent = progress.sent();
            if sent.days_of_history > 0 && sent.days >= sent.days_of_history {
                say(&format!("  history   {} events are there; from now on it is live", sent.events));
                return;
            }
        }
    };
    let (outcome, ()) = tokio::join!(sim::run(agents, Clock::system(), &progress, stop.clone()), async {
        stop.run_until_cancelled(told).await.unwrap_or_default();
    });
    if let Err(problem) = outcome {
        tracing::error!("the simulated office stopped: {problem}");
    }
}
