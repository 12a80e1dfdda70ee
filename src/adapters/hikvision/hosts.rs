//! Where the terminal pushes to: a place of its few, taken when it is free, kept while it is ours, and given back.

use std::net::IpAddr;
use std::net::UdpSocket;

use nazorat_terminals::hikvision::push::Host;
use nazorat_terminals::hikvision::status::Verdict;
use reqwest::Method;

use super::Terminal;
use super::line::Request;
use crate::adapters::DeviceError;

const HOSTS: &str = "/ISAPI/Event/notification/httpHosts";

/// What is to be done about the places of a terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    /// It is as it should be.
    Nothing,
    /// This one is to be written.
    Write(Host),
    /// This one is ours and not wanted any more.
    Clear(u32),
    /// All are used by others; one of them leads there.
    Taken(String),
    /// There are none.
    None,
}

/// Decides by what is there. A place is ours if its path is: nobody else knows it.
fn step(there: &[Host], path: &str, wanted: Option<(&str, u16)>) -> Step {
    let own = there.iter().find(|host| host.url == path);
    let Some((address, port)) = wanted else {
        return own.map_or(Step::Nothing, |own| Step::Clear(own.id));
    };
    let Some(place) = own.or_else(|| there.iter().find(|host| host.is_free())) else {
        return there.first().map_or(Step::None, |other| Step::Taken(other.address.clone()));
    };
    let wanted = Host { id: place.id, url: path.to_owned(), address: address.to_owned(), port, https: false };
    if *place == wanted { Step::Nothing } else { Step::Write(wanted) }
}

impl Terminal {
    /// Sees to it that the terminal pushes to us, or does not any more, as its settings say. Gives what stands in the way as
    /// a sentence: the terminal is served without pushes as well.
    pub(super) async fn keep_host(&self) -> Result<Option<String>, DeviceError> {
        let Some(path) = self.settings.push_path.as_deref() else { return Ok(None) };
        match self.next_step(path, self.settings.push).await? {
            Ok(Step::Write(host)) => self.write_host(&host).await,
            Ok(Step::Clear(id)) => self.clear_host(id).await,
            Ok(step) => Ok(obstacle(&step)),
            Err(obstacle) => Ok(self.settings.push.then_some(obstacle)),
        }
    }

    /// What stands in the way of pushes, without changing anything.
    pub(super) async fn host_warning(&self) -> Result<Option<String>, DeviceError> {
        let Some(path) = self.settings.push_path.as_deref().filter(|_| self.settings.push) else { return Ok(None) };
        Ok(match self.next_step(path, true).await? {
            Ok(step) => obstacle(&step),
            Err(obstacle) => Some(obstacle),
        })
    }

    /// Gives our place back, if we have one. The terminal may be gone already.
    pub(super) async fn give_up_host(&self) {
        let Some(path) = self.settings.push_path.as_deref() else { return };
        let given = match self.next_step(path, false).await {
            Ok(Ok(Step::Clear(id))) => self.clear_host(id).await.map(drop),
            Ok(_) => Ok(()),
            Err(problem) => Err(problem),
        };
        if let Err(problem) = given {
            tracing::warn!(device.id = self.device, "device {} may go on pushing: {problem}", self.device);
        }
    }

    async fn next_step(&self, path: &str, is_wanted: bool) -> Result<Result<Step, String>, DeviceError> {
        let port = match (is_wanted, self.listener) {
            (true, None) => {
                let told =
                    "it is to push, and the gateway has no listener for devices; switch on [gateway] devices there";
                return Ok(Err(told.to_owned()));
            }
            (_, port) => port.unwrap_or_default(),
        };
        let Some(told) = self.ask_for(HOSTS).await? else {
            return Ok(Err("it is to push, and does not say where it pushes to".to_owned()));
        };
        let Ok(there) = Host::read_all(&told) else {
            return Ok(Err("it is to push, and its list of places to push to cannot be read".to_owned()));
        };
        let Some(own) = self.own_address() else {
            return Ok(Err("it is to push, and the gateway does not know its own address".to_owned()));
        };
        let own = own.to_string();
        Ok(Ok(step(&there, path, is_wanted.then_some((own.as_str(), port)))))
    }

    async fn write_host(&self, host: &Host) -> Result<Option<String>, DeviceError> {
        let path = format!("{HOSTS}/{}", host.id);
        let answer = self.line.ask(Request::xml(Method::PUT, &path, host.body())).await?;
        Ok(match answer.verdict() {
            (Verdict::Fine | Verdict::AfterReboot, _) => None,
            (_, words) => Some(format!("it is to push, and says {words} to where")),
        })
    }

    async fn clear_host(&self, id: u32) -> Result<Option<String>, DeviceError> {
        let path = format!("{HOSTS}/{id}");
        let request = Request { method: Method::DELETE, path: &path, content_type: "", body: Vec::new() };
        if matches!(self.line.ask(request).await?.verdict().0, Verdict::Fine | Verdict::AfterReboot) {
            return Ok(None);
        }
        // Some know no deleting: a place that leads nowhere is free.
        self.write_host(&Host { address: "0.0.0.0".to_owned(), ..Host::free(id) }).await
    }

    /// Our address as the terminal sees it, unless something between us translates. Nothing is sent.
    fn own_address(&self) -> Option<IpAddr> {
        let there = self.address?;
        let any: IpAddr = if there.is_ipv4() { [0, 0, 0, 0].into() } else { [0_u16; 8].into() };
        let socket = UdpSocket::bind((any, 0)).ok()?;
        socket.connect((there, 80)).ok()?;
        socket.local_addr().ok().map(|own| own.ip())
    }
}

fn obstacle(step: &Step) -> Option<String> {
    match step {
        Step::Taken(address) => Some(format!(
            "it is to push, and every place for that is used by others, one by {address}; free one at the terminal"
        )),
        Step::None => Some("it is to push, and has no place for where to".to_owned()),
        Step::Nothing | Step::Write(_) | Step::Clear(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use nazorat_terminals::hikvision::push::Host;

    use super::Step;
    use super::step;

    const PATH: &str = "/push/0123456789abcdef";

    fn host(id: u32, address: &str, url: &str) -> Host {
        Host { address: address.to_owned(), url: url.to_owned(), port: 8081, ..Host::free(id) }
    }

    #[test]
    fn a_place_of_somebody_else_is_never_taken_nor_cleared() {
        let wanted = Some(("192.0.2.5", 8081));
        let other = host(1, "192.0.2.9", "/platform");
        let own = host(2, "192.0.2.5", PATH);
        assert_eq!(step(std::slice::from_ref(&other), PATH, wanted), Step::Taken("192.0.2.9".to_owned()));
        assert_eq!(step(&[other.clone(), Host::free(2)], PATH, wanted), Step::Write(own.clone()));
        assert_eq!(step(&[other.clone(), host(2, "0.0.0.0", "/")], PATH, wanted), Step::Write(own.clone()));
        assert_eq!(step(&[other.clone(), own.clone()], PATH, wanted), Step::Nothing);
        // The gateway has moved.
        assert_eq!(step(&[Host::free(1), host(2, "192.0.2.4", PATH)], PATH, wanted), Step::Write(own.clone()));
        assert_eq!(step(&[other.clone(), own], PATH, None), Step::Clear(2));
        assert_eq!(step(&[other], PATH, None), Step::Nothing);
        assert_eq!(step(&[], PATH, wanted), Step::None);
    }
}
