//! `nazorat simulate zkteco`: a terminal of ZKTeco that does not exist, at port 4370 or calling a server.

use std::net::SocketAddr;
use std::time::Duration;

use clap::Args as ClapArgs;
use clap::ValueEnum;
use nazorat_terminals::zkteco::attendance::Layout;
use nazorat_terminals::zkteco::users::Size;

use super::super::Failure;
use super::super::Problem;
use super::super::say;
use crate::kernel::Zone;
use crate::runtime::Signals;
use crate::sim::zkteco::Dialect;
use crate::sim::zkteco::Faults;
use crate::sim::zkteco::Pass;
use crate::sim::zkteco::PushTo;
use crate::sim::zkteco::SimPerson;
use crate::sim::zkteco::Terminal;
use crate::sim::zkteco::TerminalConfig;

#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  nazorat simulate zkteco --listen 127.0.0.1:4370 --comm-key 12345 --events-per-minute 30
  nazorat simulate zkteco --listen 127.0.0.1:0 --record-size 16 --faults split=random,duplicate=100
  nazorat simulate zkteco --push http://127.0.0.1:8081 --serial ABC1234567890 --dialect acc")]
pub(in crate::cli) struct Args {
    /// Where port 4370 of the terminal is, over TCP and UDP; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", required_unless_present = "push")]
    listen: Option<SocketAddr>,
    /// Server that the terminal calls (ADMS), such as http://127.0.0.1:8081
    #[arg(long, value_name = "URL")]
    push: Option<String>,
    /// How it speaks with the server
    #[arg(long, value_name = "DIALECT", default_value = "att", requires = "push")]
    dialect: Spoken,
    /// Serial number of the terminal
    #[arg(long, value_name = "NUMBER", default_value = "SIM0000000001")]
    serial: String,
    /// Key that is asked for at port 4370; 0 is none
    #[arg(long, value_name = "K", default_value_t = 0)]
    comm_key: u32,
    /// Bytes of a record in its log: 8, 16, 40 or 49; people are written in 28 bytes with the first two, else in 72
    #[arg(long, value_name = "BYTES", default_value = "40", value_parser = ["8", "16", "40", "49"])]
    record_size: String,
    /// Answer as old programs do, which prepare no long answers
    #[arg(long)]
    old: bool,
    /// How many people it knows
    #[arg(long, value_name = "N", default_value_t = 20)]
    people: usize,
    /// How many records it has from the start
    #[arg(long, value_name = "N", default_value_t = 0)]
    records: usize,
    /// How many records fit into its log
    #[arg(long, value_name = "N", default_value_t = 100_000)]
    capacity: usize,
    /// How often somebody passes
    #[arg(long, value_name = "X", default_value_t = 6)]
    events_per_minute: u32,
    /// What goes wrong, such as silent=5,split=bytes,replay (numbers are of a thousand)
    #[arg(long, value_name = "LIST", default_value = "")]
    faults: String,
    /// Makes other people and other dice
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    seed: u64,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Spoken {
    /// Attendance terminals, 2.x
    Att,
    /// Access terminals, 3.x
    Acc,
}

pub(in crate::cli) fn run(args: Args) -> Result<(), Failure> {
    let faults = Faults::parse(&args.faults).map_err(Failure::Usage)?;
    let layout = Layout::parse(&args.record_size).unwrap_or(Layout::Text);
    let dialect = match args.dialect {
        Spoken::Att => Dialect::Att,
        Spoken::Acc => Dialect::Acc,
    };
    let push = args.push.map(|server| PushTo {
        server: server.trim_end_matches('/').to_owned(),
        dialect,
        poll: None,
        wait: Duration::from_secs(5),
    });
    let config = TerminalConfig {
        listen: args.listen,
        keeps_all: push.is_some() && dialect == Dialect::Acc,
        push,
        serial: args.serial,
        comm_key: args.comm_key,
        layout,
        users: if layout.bytes() < 40 { Size::Short } else { Size::Long },
        is_old: args.old,
        people: SimPerson::of_office(args.seed, args.people),
        capacity: args.capacity,
        zone: Zone::default(),
        seed: args.seed,
        faults,
        ..TerminalConfig::default()
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Problem)?;
    runtime.block_on(pass(config, args.records, args.events_per_minute)).map_err(Problem)?;
    Ok(())
}

async fn pass(config: TerminalConfig, records: usize, per_minute: u32) -> anyhow::Result<()> {
    let signals = Signals::install()?;
    let (key, listens, calls) = (config.comm_key, config.listen.is_some(), config.push.clone());
    let numbers: Vec<String> = config.people.iter().map(|person| person.number.clone()).collect();
    let serial = config.serial.clone();
    let terminal = Terminal::start(config).await?;
    terminal.fill(records);
    let listens = if listens { format!(" listens on {}, key {key}", terminal.address()) } else { String::new() };
    let calls = calls.map(|to| format!(" calls {}", to.server)).unwrap_or_default();
    say(&format!("terminal {serial}{listens}{calls}"));
    let mut tick = tokio::time::interval(Duration::from_secs(60) / per_minute.max(1));
    let mut count: usize = 0;
    let mut ended = std::pin::pin!(signals.either());
    loop {
        tokio::select! {
            () = &mut ended => break,
            _ = tick.tick(), if per_minute > 0 => {
                count += 1;
                // Every tenth time it is somebody whom nobody knows.
                let known = numbers.get(count * 7 % numbers.len().max(1));
                terminal.pass(match known.filter(|_| !count.is_multiple_of(10)) {
                    Some(number) => Pass::Person { number: number.clone(), verify: 15, state: u8::from(count.is_multiple_of(2)) },
                    None => Pass::Stranger { card: 4_711 },
                });
            }
        }
    }
    terminal.stop().await;
    Ok(())
}
