//! `nazorat operator`: people who sign in, for who owns the machine.

use std::path::PathBuf;

use clap::Subcommand;

use super::Failure;
use super::order;
use super::read_password;
use crate::appliance::OperatorAdd;
use crate::appliance::Order;
use crate::config::Config;
use crate::kernel::DepartmentId;
use crate::kernel::Language;
use crate::kernel::OrganizationId;
use crate::kernel::Role;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Make an operator
    Add {
        /// The login
        #[arg(long, value_name = "USER")]
        operator: String,
        /// The shown name; the login when it is not given
        #[arg(long, default_value = "")]
        name: String,
        /// ADMIN, HR, DEPARTMENT_LEAD or GUARD
        #[arg(long, value_parser = role, default_value = "ADMIN")]
        role: Role,
        /// Number of the organization, for all roles but ADMIN
        #[arg(long, value_name = "ID")]
        organization: Option<OrganizationId>,
        /// Number of the department, for DEPARTMENT_LEAD
        #[arg(long, value_name = "ID")]
        department: Option<DepartmentId>,
        /// Of their pages: uz, ru or en
        #[arg(long, value_parser = super::language, default_value = "uz")]
        language: Language,
        /// File with the password; - reads it from the standard input
        #[arg(long, value_name = "FILE")]
        password_file: PathBuf,
    },
    /// Set a new password, and sign the operator out everywhere
    ResetPassword {
        /// The login
        #[arg(long, value_name = "USER")]
        operator: String,
        /// File with the new password; - reads it from the standard input
        #[arg(long, value_name = "FILE")]
        password_file: PathBuf,
    },
    /// Make a personal token and print it once
    Token {
        /// The login
        #[arg(long, value_name = "USER")]
        operator: String,
        /// How many days it lives, 365 at most
        #[arg(long, value_name = "DAYS", default_value_t = 90)]
        expires: u16,
    },
}

pub(super) fn run(command: Command, config: &Config) -> Result<(), Failure> {
    let wanted = match command {
        Command::Add { operator, name, role, organization, department, language, password_file } => {
            let password = read_password(&password_file)?;
            Order::OperatorAdd(OperatorAdd { operator, name, role, organization, department, language, password })
        }
        Command::ResetPassword { operator, password_file } => {
            Order::OperatorResetPassword { operator, password: read_password(&password_file)? }
        }
        Command::Token { operator, expires } => Order::OperatorToken { operator, days: expires },
    };
    order(config, wanted)
}

fn role(text: &str) -> Result<Role, String> {
    Role::parse(&text.to_ascii_uppercase()).ok_or_else(|| "use ADMIN, HR, DEPARTMENT_LEAD or GUARD".to_owned())
}
