//! A simulated terminal that calls a server (ADMS): it uploads what was not acknowledged, asks for something to do, does it
//! and says what came of it. It understands answers to the byte only, as real ones do.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use tokio::sync::broadcast;

use super::orders;
use super::orders::Done;
use super::passes::Logged;
use super::state::Shared;

/// So many records go in one upload.
const BATCH: usize = 100;

/// How a terminal speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// Attendance terminals.
    Att,
    /// Access terminals.
    Acc,
}

/// Whom a terminal calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushTo {
    /// Such as `http://gateway:8081`.
    pub server: String,
    /// How it speaks.
    pub dialect: Dialect,
    /// Between two looks for something to do, whatever the server says.
    pub poll: Option<Duration>,
    /// After a failure.
    pub wait: Duration,
}

/// Why it begins again.
enum Again {
    /// The server was not there, or said that it could not.
    Failed,
    /// It was told to start again.
    Restart,
}

pub(super) struct Caller {
    pub(super) shared: Arc<Shared>,
    pub(super) to: PushTo,
    client: reqwest::Client,
}

impl Caller {
    pub(super) fn new(shared: Arc<Shared>, to: PushTo) -> anyhow::Result<Self> {
        let client = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(Duration::from_secs(5))
            .timeout(Duration::from_secs(10))
            .user_agent("iClock Proxy/1.09")
            .build()
            .context("the terminal's HTTP client cannot be set up")?;
        Ok(Self { shared, to, client })
    }

    /// Calls until it is stopped.
    pub(super) async fn call(self) {
        loop {
            while self.shared.is_down() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            {
                let mut state = self.shared.state();
                if state.faults.replay {
                    state.sent = 0;
                }
            }
            match self.speak().await {
                Again::Failed => tokio::time::sleep(self.to.wait).await,
                Again::Restart => self.shared.reboot(),
            }
        }
    }

    async fn speak(&self) -> Again {
        let Some(delay) = self.begin().await else { return Again::Failed };
        let mut told = self.shared.told.subscribe();
        let mut starts = self.shared.starts.subscribe();
        let mut poll = tokio::time::interval(self.to.poll.unwrap_or(delay));
        loop {
            if self.upload().await.is_none() {
                return Again::Failed;
            }
            tokio::select! {
                _ = starts.changed() => return Again::Failed,
                event = told.recv() => if matches!(event, Err(broadcast::error::RecvError::Closed)) {
                    return Again::Failed;
                },
                _ = poll.tick() => match self.poll().await {
                    Some(false) => {}
                    Some(true) => return Again::Restart,
                    None => return Again::Failed,
                },
            }
        }
    }

    /// Asks how to behave. The delay that the server wants.
    async fn begin(&self) -> Option<Duration> {
        let block = match self.to.dialect {
            Dialect::Att => {
                let block = self.get("cdata", "options=all&pushver=2.4.1&language=69").await?;
                let first = format!("GET OPTION FROM: {}", self.shared.config.serial);
                if block.lines().next() != Some(first.as_str()) {
                    return self.misunderstood();
                }
                block
            }
            Dialect::Acc => {
                let first = self.get("cdata", "pushver=3.1.2&options=all&DeviceType=acc").await?;
                if first != "OK" && !first.starts_with("registry=ok\nRegistryCode=") {
                    return self.misunderstood();
                }
                let about = format!(
                    "DeviceType=acc,~DeviceName={},FirmVer=Ver 8.0.4,PushVersion=Ver 3.1.2,MAC=00:17:61:00:00:02,LockCount=1,\
                     ReaderCount=2,MachineType=101,~MaxUserCount=100,~MaxAttLogCount=10,IPAddress=127.0.0.1,DateFmtFunOn=1",
                    self.shared.config.model
                );
                let code = self.post("registry", "", about).await?;
                if !code.starts_with("RegistryCode=") || code.contains('\n') {
                    return self.misunderstood();
                }
                let block = self.post("push", "", String::new()).await?;
                if !block.starts_with("ServerVersion=") || !block.contains("\nSessionID=") {
                    return self.misunderstood();
                }
                block
            }
        };
        let delay = block.lines().find_map(|line| {
            let (key, value) = line.split_once('=')?;
            matches!(key, "Delay" | "RequestDelay").then(|| value.parse().ok()).flatten()
        });
        delay.map(Duration::from_secs)
    }

    /// Sends what was not acknowledged, in order.
    async fn upload(&self) -> Option<()> {
        loop {
            let sent = self.shared.state().sent;
            let kept = self.shared.kept();
            let waiting = kept.iter().filter(|logged| logged.number > sent);
            let batch: Vec<Logged> = waiting.take(BATCH).cloned().collect();
            let Some(last) = batch.last().map(|logged| logged.number) else { return Some(()) };
            let (query, body, expected) = match self.to.dialect {
                Dialect::Att => {
                    let lines: String = batch.iter().map(orders::att_line).collect();
                    ("table=ATTLOG&Stamp=9999", lines, format!("OK: {}", batch.len()))
                }
                Dialect::Acc => {
                    let lines: Vec<String> = batch.iter().map(orders::acc_line).collect();
                    ("table=rtlog", lines.join("\r\n"), "OK".to_owned())
                }
            };
            let answer = self.post("cdata", query, body.clone()).await?;
            if answer != expected {
                return self.misunderstood();
            }
            if self.shared.happens(|faults| faults.close) {
                // The answer was lost: the same will be sent again.
                return None;
            }
            if self.shared.happens(|faults| faults.duplicate) {
                self.post("cdata", query, body).await?;
            }
            if self.shared.happens(|faults| faults.reboot) {
                self.shared.reboot();
                return None;
            }
            self.shared.state().sent = last;
        }
    }

    /// Asks for something to do and does it. Whether that was to start again.
    async fn poll(&self) -> Option<bool> {
        let answer = self.get("getrequest", "").await?;
        if answer == "OK" {
            return Some(false);
        }
        let mut restarts = false;
        for line in answer.lines() {
            let mut parts = line.splitn(3, ':');
            let (Some("C"), Some(id), Some(order)) = (parts.next(), parts.next(), parts.next()) else {
                return self.misunderstood();
            };
            let Done { code, uploads, note, restart } = orders::carry_out(&self.shared, self.to.dialect, (id, order));
            for upload in uploads {
                let answer = self.post(upload.path, &upload.query, upload.body).await?;
                if answer != upload.expected {
                    return self.misunderstood();
                }
            }
            let word = order.split(' ').next().unwrap_or_default();
            let result = format!("ID={id}&Return={code}&CMD={word}{note}\n");
            if self.post("devicecmd", "", result).await? != "OK" {
                return self.misunderstood();
            }
            restarts |= restart;
        }
        Some(restarts)
    }

    fn misunderstood<T>(&self) -> Option<T> {
        self.shared.state().misunderstood += 1;
        None
    }

    async fn get(&self, path: &str, query: &str) -> Option<String> {
        self.send(self.client.get(self.address(path, query))).await
    }

    async fn post(&self, path: &str, query: &str, body: String) -> Option<String> {
        self.send(self.client.post(self.address(path, query)).header("content-type", "text/plain").body(body)).await
    }

    fn address(&self, path: &str, query: &str) -> String {
        let more = if query.is_empty() { String::new() } else { format!("&{query}") };
        format!("{}/iclock/{path}?SN={}{more}", self.to.server, self.shared.config.serial)
    }

    /// The body of an answer with status 200.
    async fn send(&self, request: reqwest::RequestBuilder) -> Option<String> {
        let slow = self.shared.state().faults.slow;
        if slow > Duration::ZERO {
            tokio::time::sleep(slow).await;
        }
        let answer = request.send().await.ok()?;
        let is_well = answer.status().as_u16() == 200;
        let text = answer.text().await.ok()?;
        is_well.then_some(text)
    }
}
