use std::process::ExitCode;

fn main() -> ExitCode {
    nazorat::cli::run(std::env::args_os())
}
