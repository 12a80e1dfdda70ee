//! `nazorat serve`. A box that became a gateway in its first run goes on as one.

use std::os::unix::process::CommandExt as _;
use std::process::Command;

use anyhow::Context as _;
use nazorat_wire::JoinToken;

use super::Failure;
use super::Problem;
use super::gateway::go;
use super::say;
use crate::appliance;
use crate::appliance::Ended;
use crate::appliance::Started;
use crate::config::Config;
use crate::gateway;
use crate::kernel::SecretText;
use crate::runtime::telemetry::Telemetry;
use crate::web::setup::BecameGateway;
use crate::web::setup::BecomeGateway;
use crate::web::setup::NoGateway;

pub(super) fn run(config: &Config) -> Result<(), Failure> {
    if gateway::is_instead(&config.data_dir()?) {
        say("This box was set up as a gateway and goes on as one");
        return go(config.gateway()?, &config.telemetry()?);
    }
    let (mut appliance, telemetry) = (config.appliance()?, config.telemetry()?);
    appliance.become_gateway = Some(become_gateway(config.clone()));
    let telemetry = Telemetry::install(&telemetry).map_err(Problem)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Problem)?;
    let outcome = runtime.block_on(appliance::serve(appliance, telemetry.clone(), announce));
    telemetry.shutdown();
    drop(runtime);
    match outcome.map_err(Problem)? {
        Ended::Stopped => Ok(()),
        Ended::BecameGateway => start_again(),
    }
}

/// How this box joins another appliance, while it holds its folder.
fn become_gateway(config: Config) -> BecomeGateway {
    BecomeGateway::new(move |token: SecretText| {
        let config = config.clone();
        async move { join(&config, token.expose()).await }
    })
}

async fn join(config: &Config, token: &str) -> Result<BecameGateway, NoGateway> {
    JoinToken::parse(token).map_err(|_| NoGateway::Token)?;
    // A configuration with which it could not go on is refused before anything is written.
    let gateway = config.gateway().map_err(|problem| NoGateway::Refused(problem.to_string()))?;
    if gateway.hop.is_some() {
        let told = "[gateway] server names an appliance already; remove it and key_file from the configuration to join";
        return Err(NoGateway::Refused(told.to_owned()));
    }
    let joined = gateway::join_instead(&gateway.data_dir, token).await;
    let joined = joined.map_err(|problem| NoGateway::Refused(format!("{problem:#}")))?;
    Ok(BecameGateway {
        name: joined.name,
        organization: joined.organization,
        server: joined.server,
        port: gateway.listen.port(),
    })
}

/// The same command once more, in the place of this process, so that whoever watches it sees no end.
fn start_again() -> Result<(), Failure> {
    let exe = std::env::current_exe().context("the path of this program is not known").map_err(Failure::Failed)?;
    let problem = Command::new(exe).args(std::env::args_os().skip(1)).exec();
    Err(Failure::Failed(anyhow::Error::new(problem).context("this box is a gateway now; start it again")))
}

fn announce(started: &Started) {
    say(&format!("Nazorat {} is ready", env!("CARGO_PKG_VERSION")));
    say(&format!("  open      {}", started.url));
    say(&format!("  https     {}", started.main));
    if let Some(plain) = started.plain {
        say(&format!("  plain     {plain}"));
    }
    if let (Some(ca), Some(fingerprint)) = (&started.ca, &started.fingerprint) {
        say(&format!("  CA        {}", ca.display()));
        say(&format!("  SHA-256   {fingerprint}"));
    }
    if let Some(link) = &started.setup {
        say(&format!("  first run {link}"));
    }
}
