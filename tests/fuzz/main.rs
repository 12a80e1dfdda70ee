//! Throws bytes at the parsers of terminals: `cargo xtask fuzz` builds and runs it.
//!
//! Files of the corpora are mutated by dice that begin with a seed, so every input is found again by its number. The targets run in
//! a process of their own with half a gigabyte of memory: a panic, an abort, an overflow, a second without an end or too much
//! memory ends that process only. The input is then looked for one by one, kept in the folder `crashes` of the corpus, and
//! goes through its target in every test from then on.
//!
//! It does not see which code an input reaches; it makes up for that by being fast and by beginning with real messages.
#![expect(clippy::print_stdout, reason = "a command line of developers says what it found")]

mod mutate;
mod worker;

use std::fs;
use std::io::BufRead as _;
use std::io::BufReader;
use std::path::Path;
use std::path::PathBuf;
use std::process::Child;
use std::process::Command;
use std::process::ExitCode;
use std::process::Stdio;
use std::sync::mpsc;
use std::time::Duration;
use std::time::Instant;

use nazorat_terminals::fuzz::TARGETS;

const USAGE: &str = "\
usage: cargo xtask fuzz [TARGET|all] [--seconds N] [--seed N]
       cargo xtask fuzz TARGET --file FILE
";

/// In kilobytes, all of the process.
const MEMORY: u32 = 512 * 1024;

/// So many findings of one target are enough.
const MOST_FINDINGS: usize = 5;

/// How long nothing may be heard from a process that works.
const SILENCE: Duration = Duration::from_secs(20);

struct Wanted {
    target: String,
    seconds: u64,
    seed: u64,
    file: Option<PathBuf>,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.first().is_some_and(|first| first == worker::WORD) {
        return worker::run(&arguments[1..]);
    }
    let Some(wanted) = read(&arguments) else {
        eprint!("{USAGE}");
        let names: Vec<&str> = TARGETS.iter().map(|(name, _)| *name).collect();
        eprintln!("\ntargets: {}", names.join(", "));
        return ExitCode::from(64);
    };
    let known = TARGETS.iter().map(|(name, _)| *name).filter(|name| wanted.target == "all" || wanted.target == *name);
    let targets: Vec<&str> = known.collect();
    if targets.is_empty() {
        eprintln!("no target is called {}", wanted.target);
        return ExitCode::from(64);
    }
    if let Some(file) = &wanted.file {
        return once(targets[0], file);
    }
    let mut findings = 0;
    for target in targets {
        findings += fuzz(target, &wanted);
    }
    if findings == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn read(arguments: &[String]) -> Option<Wanted> {
    let mut wanted = Wanted { target: "all".to_owned(), seconds: 60, seed: 1, file: None };
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        match argument.as_str() {
            "--seconds" => wanted.seconds = rest.next()?.parse().ok()?,
            "--seed" => wanted.seed = rest.next()?.parse().ok()?,
            "--file" => wanted.file = Some(rest.next()?.into()),
            name if !name.starts_with('-') => wanted.target = name.to_owned(),
            _ => return None,
        }
    }
    Some(wanted)
}

/// Runs one file through its target, so that the panic is seen.
fn once(target: &str, file: &Path) -> ExitCode {
    let Ok(bytes) = fs::read(file) else {
        eprintln!("{} cannot be read", file.display());
        return ExitCode::FAILURE;
    };
    if let Some((_, run)) = TARGETS.iter().find(|(name, _)| *name == target) {
        run(&bytes);
    }
    println!("{target}: {} passes", file.display());
    ExitCode::SUCCESS
}

/// How many findings there were.
fn fuzz(target: &str, wanted: &Wanted) -> usize {
    let began = Instant::now();
    let limit = Duration::from_secs(wanted.seconds);
    let (mut next, mut findings) = (0, 0);
    while began.elapsed() < limit && findings < MOST_FINDINGS {
        let left = limit.saturating_sub(began.elapsed()).as_millis();
        match work(target, wanted.seed, (next, &left.to_string()), SILENCE) {
            Ended::Well(last) => {
                next = last;
                break;
            }
            Ended::Badly(last) => {
                findings += 1;
                let culprit = match work(target, wanted.seed, (last, worker::CAREFUL), Duration::from_secs(3)) {
                    Ended::Badly(culprit) => culprit,
                    Ended::Well(_) => last,
                };
                keep(target, wanted.seed, culprit);
                next = culprit + 1;
            }
        }
    }
    let secs = began.elapsed().as_secs_f64();
    println!("{target}: {next} inputs in {secs:.1} s, {:.0} a second, {findings} findings", next as f64 / secs);
    findings
}

/// How a process ended, and the number that it told last.
enum Ended {
    Well(u64),
    Badly(u64),
}

/// Has a process of its own work from a number on, for so many milliseconds or one by one.
fn work(target: &str, seed: u64, (from, how): (u64, &str), silence: Duration) -> Ended {
    let program = std::env::current_exe().expect("this program knows where it is");
    let limited = format!("ulimit -v {MEMORY}; exec \"$0\" \"$@\"");
    let mut child = Command::new("sh")
        .args(["-c", &limited])
        .arg(program)
        .args([worker::WORD, target, &seed.to_string(), &from.to_string(), how])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("every system that builds this has a shell");
    let heard = listen(&mut child);
    let mut last = from;
    loop {
        match heard.recv_timeout(silence) {
            Ok(number) => last = number,
            Err(mpsc::RecvTimeoutError::Disconnected) => break,
            Err(mpsc::RecvTimeoutError::Timeout) => {
                drop(child.kill());
                drop(child.wait());
                return Ended::Badly(last);
            }
        }
    }
    let well = child.wait().is_ok_and(|status| status.success());
    if well { Ended::Well(last) } else { Ended::Badly(last) }
}

/// The numbers that a process tells.
fn listen(child: &mut Child) -> mpsc::Receiver<u64> {
    let (tx, rx) = mpsc::channel();
    if let Some(output) = child.stdout.take() {
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                let told = line.parse().ok().is_none_or(|number| tx.send(number).is_ok());
                if !told {
                    return;
                }
            }
        });
    }
    rx
}

fn keep(target: &str, seed: u64, number: u64) {
    let folder = worker::folder(target);
    let input = mutate::input(&worker::corpus(&folder), seed, number);
    let crashes = folder.join("crashes");
    let file = crashes.join(format!("seed-{seed}-input-{number}"));
    let kept = fs::create_dir_all(&crashes).and_then(|()| fs::write(&file, &input));
    match kept {
        Ok(()) => println!(
            "{target}: input {number} ends it ({} bytes)\n  again: cargo xtask fuzz {target} --file {}",
            input.len(),
            file.display()
        ),
        Err(problem) => {
            println!("{target}: input {number} ends it, but {} cannot be written: {problem}", file.display())
        }
    }
}
