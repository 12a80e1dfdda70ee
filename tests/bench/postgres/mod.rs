//! PostgreSQL 15 from Debian, in a cluster of its own: made, started, asked, stopped and removed by the bench.

use std::fs;
use std::io::BufRead;
use std::io::BufReader;
use std::io::Write;
use std::net::TcpListener;
use std::path::Path;
use std::process::Child;
use std::process::ChildStdin;
use std::process::ChildStdout;
use std::process::Command;
use std::process::Stdio;

use anyhow::Context;
use anyhow::Result;
use anyhow::bail;

pub(crate) mod store;

const BIN: &str = "/usr/lib/postgresql/15/bin";

/// How the server is set up. Durability is on in either case, as it is by default.
#[derive(clap::ValueEnum, Clone, Copy, PartialEq)]
pub(crate) enum Setup {
    /// As Debian installs it, and as it stays in an office without a database administrator
    Installed,
    /// As a careful administrator would have it on a machine of 24 GB
    Tuned,
}

/// What the careful administrator sets.
const TUNED: &[&str] = &[
    "shared_buffers = 2GB",
    "effective_cache_size = 12GB",
    "work_mem = 64MB",
    "maintenance_work_mem = 512MB",
    "wal_compression = on",
    "max_wal_size = 8GB",
    "checkpoint_timeout = 15min",
    "checkpoint_completion_target = 0.9",
    "random_page_cost = 1.1",
    "effective_io_concurrency = 200",
];

/// Where it listens, and what is never switched off.
const ALWAYS: &[&str] = &[
    "fsync = on",
    "synchronous_commit = on",
    "full_page_writes = on",
    "listen_addresses = '127.0.0.1'",
    "unix_socket_directories = ''",
];

/// A running cluster. Dropping it stops the server and removes the files.
pub(crate) struct Cluster {
    dir: tempfile::TempDir,
    port: u16,
}

impl Cluster {
    pub(crate) fn start(setup: Setup) -> Result<Cluster> {
        let dir = tempfile::Builder::new().prefix("nazorat-bench-postgres-").tempdir();
        let dir = dir.context("could not create a folder for PostgreSQL")?;
        let port = free_port()?;
        // The server refuses to run as root, so the cluster belongs to Debian's user `postgres`.
        run(Command::new("chown").arg("postgres").arg(dir.path()))?;
        let cluster = Cluster { dir, port };
        let data = cluster.data();
        run(as_postgres("initdb").args(["--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "-D"]).arg(&data))?;
        let conf = data.join("postgresql.auto.conf");
        let tuned = if setup == Setup::Tuned { TUNED } else { &[] };
        let text = format!("{}\nport = {port}\n", [ALWAYS, tuned].concat().join("\n"));
        fs::write(&conf, text).with_context(|| format!("could not write {}", conf.display()))?;
        let log = cluster.dir.path().join("log");
        run(as_postgres("pg_ctl").args(["start", "--wait", "--silent", "-D"]).arg(&data).arg("-l").arg(&log))?;
        Ok(cluster)
    }

    fn data(&self) -> std::path::PathBuf {
        self.dir.path().join("data")
    }

    /// A connection of its own, as a client program would keep it open.
    pub(crate) fn connect(&self) -> Result<Session> {
        let mut psql = Command::new("psql");
        psql.args(["--no-psqlrc", "--quiet", "--no-align", "--tuples-only", "--set=ON_ERROR_STOP=1"]);
        psql.args(["--host=127.0.0.1", "--username=postgres", "--dbname=postgres"])
            .arg(format!("--port={}", self.port));
        let mut child = psql.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().context("could not start psql")?;
        let input = child.stdin.take().context("psql has no standard input")?;
        let output = child.stdout.take().context("psql has no standard output")?;
        Ok(Session { child, input, output: BufReader::new(output) })
    }

    /// Bytes of all files of the database, without the write-ahead log.
    pub(crate) fn bytes_of(&self, table: &str) -> Result<u64> {
        let answer = self.connect()?.ask(&format!("SELECT pg_total_relation_size('{table}');"))?;
        answer.trim().parse().with_context(|| format!("PostgreSQL answered {answer:?} for the size of {table}"))
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let stopped = run(as_postgres("pg_ctl").args(["stop", "--mode=immediate", "--silent", "-D"]).arg(self.data()));
        if let Err(error) = stopped {
            eprintln!("PostgreSQL in {} was not stopped: {error:#}", self.dir.path().display());
        }
    }
}

/// One connection, through one `psql` that stays.
pub(crate) struct Session {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Session {
    /// Sends statements and waits until all are done; answers what they printed.
    pub(crate) fn ask(&mut self, sql: &str) -> Result<String> {
        const DONE: &str = "~done~";
        self.input.write_all(sql.as_bytes()).context("psql has gone")?;
        writeln!(self.input, "\n\\echo {DONE}").context("psql has gone")?;
        self.input.flush().context("psql has gone")?;
        let mut answer = String::new();
        loop {
            let before = answer.len();
            if self.output.read_line(&mut answer).context("could not read from psql")? == 0 {
                bail!("PostgreSQL refused: {}", sql.lines().next().unwrap_or_default());
            }
            if answer[before..].trim_end() == DONE {
                answer.truncate(before);
                return Ok(answer);
            }
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // Killed rather than asked: what counts was answered before.
        let ended = self.child.kill().and_then(|()| self.child.wait());
        if let Err(error) = ended {
            eprintln!("psql was not ended: {error}");
        }
    }
}

fn as_postgres(tool: &str) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]).arg(Path::new(BIN).join(tool));
    command.current_dir("/").stdout(Stdio::null());
    command
}

fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("could not start {:?}", command.get_program()))?;
    if !status.success() {
        bail!("{command:?} failed ({status})");
    }
    Ok(())
}

fn free_port() -> Result<u16> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).context("no free port on the loopback address")?;
    Ok(listener.local_addr().context("the port has no address")?.port())
}
