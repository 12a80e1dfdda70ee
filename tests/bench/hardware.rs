//! One line about the machine, because a number without it says nothing.

use std::fs;
use std::process::Command;

/// As in `2 x Some CPU, 24 GB, Linux 6.1, nvme0n1`.
pub(crate) fn line() -> String {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    format!("{cores} x {}, {} GB memory, {}", processor(), memory_gb(), kernel())
}

fn processor() -> String {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = text.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':'));
    model.map_or_else(|| std::env::consts::ARCH.to_owned(), |(_, name)| name.trim().to_owned())
}

fn memory_gb() -> u64 {
    let text = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let total = text.lines().find_map(|line| line.strip_prefix("MemTotal:"));
    let kilobytes = total.and_then(|rest| rest.split_whitespace().next()?.parse::<u64>().ok());
    kilobytes.unwrap_or_default().div_ceil(1_000_000)
}

fn kernel() -> String {
    let output = Command::new("uname").args(["-sr"]).output();
    output.map_or_else(
        |_| "unknown system".to_owned(),
        |output| String::from_utf8_lossy(&output.stdout).trim().to_owned(),
    )
}
