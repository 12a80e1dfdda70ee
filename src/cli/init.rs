//! `nazorat init`: the first run, for scripts.

use std::path::PathBuf;

use clap::Args as ClapArgs;

use super::Failure;
use super::order;
use super::read_password;
use crate::appliance::Init;
use crate::appliance::Order;
use crate::config::Config;
use crate::kernel::Language;
use crate::kernel::Zone;

#[derive(Debug, ClapArgs)]
pub(super) struct Args {
    /// Name of the first organization
    #[arg(long, value_name = "NAME")]
    organization: String,
    /// Its time zone
    #[arg(long, value_name = "TZ", default_value = Zone::DEFAULT)]
    time_zone: String,
    /// Its language, and the administrator's: uz, ru or en
    #[arg(long, value_parser = super::language, default_value = "uz")]
    language: Language,
    /// Login of the administrator
    #[arg(long, value_name = "USER")]
    admin: String,
    /// File with the administrator's password; - reads it from the standard input
    #[arg(long, value_name = "FILE")]
    password_file: PathBuf,
}

pub(super) fn run(args: Args, config: &Config) -> Result<(), Failure> {
    let password = read_password(&args.password_file)?;
    let init = Init {
        organization: args.organization,
        time_zone: args.time_zone,
        language: args.language,
        admin: args.admin,
        password,
    };
    order(config, Order::Init(init))
}
