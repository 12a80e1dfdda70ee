//! Looks at what gateways tell of their devices, notes what changes, and raises alerts.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::time::Duration;

use tokio::sync::broadcast::error::RecvError;
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::devices::Device;
use crate::devices::DeviceState;
use crate::devices::Devices;
use crate::devices::DevicesError;
use crate::devices::rules::standing;
use crate::devices::watch::history::History;
use crate::devices::watch::model::Note;
use crate::devices::watch::model::SILENT;
use crate::devices::watch::model::UNTOLD;
use crate::devices::watch::model::UNWATCHED;
use crate::devices::watch::model::View;
use crate::devices::watch::model::word;
use crate::devices::watch::rules;
use crate::devices::watch::rules::Verdict;
use crate::fleet::Peer;
use crate::fleet::alerts::AlertKind;
use crate::fleet::alerts::Alerts;
use crate::fleet::alerts::Facts;
use crate::fleet::alerts::Subject;
use crate::fleet::presence::Liveness;
use crate::fleet::presence::Seen;
use crate::kernel::Actor;
use crate::kernel::DeviceId;
use crate::kernel::GatewayId;
use crate::kernel::OrganizationId;
use crate::kernel::Timestamp;
use crate::kernel::with_causes;
use crate::runtime::Lifecycle;

/// How often all devices are looked at, also when nobody tells anything.
const LOOK: Duration = Duration::from_secs(5);
/// Notes that wait for the durable line; more are given up, the newest first.
const MOST_NOTES: usize = 10_000;

type Key = (OrganizationId, DeviceId);

/// The watch over all devices.
pub struct Watch {
    devices: Devices,
    alerts: Alerts,
    history: History,
    notes: mpsc::Sender<Note>,
    /// Those that there are.
    all: BTreeMap<OrganizationId, Vec<Device>>,
    known: BTreeMap<Key, Known>,
    started: Timestamp,
    is_loaded: bool,
}

/// What was noted of a device.
#[derive(Debug, Default)]
struct Known {
    /// The last row: what it said, since when that is so, and when it was written.
    last: Option<Last>,
    /// Alerts that are open, and behind which gateway the device stood then.
    open: BTreeMap<AlertKind, GatewayId>,
    /// When events were last found to be missing.
    missed_at: Option<Timestamp>,
}

#[derive(Debug)]
struct Last {
    state: DeviceState,
    code: String,
    since: Timestamp,
    noted: Timestamp,
}

/// An alert to open or to end.
struct Due {
    organization: OrganizationId,
    kind: AlertKind,
    subject: Subject,
    facts: Option<Facts>,
}

impl Watch {
    /// Put together from its parts; the notes are for the one who keeps them.
    pub fn new(devices: Devices, alerts: Alerts, history: History) -> (Self, mpsc::Receiver<Note>) {
        let (notes, waiting) = mpsc::channel(MOST_NOTES);
        let started = devices.0.clock.now();
        let (all, known) = (BTreeMap::new(), BTreeMap::new());
        (Self { devices, alerts, history, notes, all, known, started, is_loaded: false }, waiting)
    }

    /// Watches until the process stops.
    pub fn start(mut self, life: &Lifecycle) {
        let stop = life.soft();
        life.spawn("device watch", async move {
            let mut presence = self.devices.0.presence.changes();
            let mut changed = self.devices.watch();
            self.begin().await;
            let mut next = Instant::now();
            loop {
                tokio::select! {
                    () = stop.cancelled() => return Ok::<_, Infallible>(()),
                    news = presence.recv() => match news {
                        Ok(peer) => self.look_behind(peer).await,
                        Err(RecvError::Lagged(_)) => self.look().await,
                        Err(RecvError::Closed) => return Ok(()),
                    },
                    Ok(()) = changed.changed() => {
                        self.reload().await;
                        self.look().await;
                    }
                    () = tokio::time::sleep_until(next) => {
                        self.look().await;
                        next = Instant::now() + LOOK;
                    }
                }
            }
        });
    }

    /// Learns what there is, which alerts are open, and until when devices were watched before.
    pub async fn begin(&mut self) {
        self.reload().await;
        for organization in self.all.keys().copied().collect::<Vec<_>>() {
            match self.alerts.list_open(&Actor::system(), organization).await {
                Ok(open) => {
                    for alert in open {
                        let Some(device) = alert.subject.device else { continue };
                        let known = self.known.entry((organization, device)).or_default();
                        if alert.kind.ends_by_itself() {
                            known.open.insert(alert.kind, alert.subject.gateway);
                        }
                    }
                }
                Err(problem) => tracing::error!("open alerts of devices cannot be read: {}", with_causes(&problem)),
            }
            let noted = self.history.last_notes(organization, self.started).await.unwrap_or_else(|problem| {
                tracing::error!("what was noted of devices cannot be read: {}", with_causes(&problem));
                BTreeMap::new()
            });
            for device in self.all.get(&organization).cloned().unwrap_or_default() {
                self.begin_one(organization, &device, noted.get(&device.id).copied());
            }
        }
        self.drop_gone().await;
    }

    /// What was told before we began holds until that moment and no longer.
    fn begin_one(&mut self, organization: OrganizationId, device: &Device, noted: Option<Timestamp>) {
        let view = self.view(organization, device);
        let missed_at = view.told.as_ref().and_then(|(_, told)| told.missed_at);
        self.known.entry((organization, device.id)).or_default().missed_at = missed_at;
        // Rows may be younger than what was written down of the heartbeats.
        let until = view.told.as_ref().map(|(at, _)| *at).max(noted);
        if let Some(at) = until.filter(|_| device.enabled) {
            let code = UNWATCHED.to_owned();
            let view = View { state: DeviceState::Unknown, code, told: None, ..view };
            self.note(Note { organization, device: device.id, at, status: view.status() });
        }
    }

    /// Reads which devices there are, and ends what was open of those that are gone.
    pub async fn reload(&mut self) {
        let mut all = BTreeMap::new();
        for organization in self.devices.0.tenancy.list_all() {
            match self.devices.list(&Actor::system(), organization.id).await {
                Ok(devices) => drop(all.insert(organization.id, devices)),
                // It was closed in this moment.
                Err(DevicesError::Fleet(_)) => {}
                Err(problem) => {
                    tracing::error!("devices cannot be read: {}", with_causes(&problem));
                    return;
                }
            }
        }
        self.all = all;
        self.is_loaded = true;
    }

    /// Looks at all of them.
    pub async fn look(&mut self) {
        let open: Vec<_> = self.devices.0.tenancy.list_all().into_iter().map(|one| one.id).collect();
        self.all.retain(|organization, _| open.contains(organization));
        self.known.retain(|(organization, _), _| open.contains(organization));
        self.drop_gone().await;
        for organization in self.all.keys().copied().collect::<Vec<_>>() {
            self.look_at(organization, None).await;
        }
        self.count();
    }

    /// Looks at those behind one gateway.
    async fn look_behind(&mut self, peer: Peer) {
        self.look_at(peer.organization, Some(peer.gateway)).await;
    }

    async fn look_at(&mut self, organization: OrganizationId, behind: Option<GatewayId>) {
        let devices = self.all.get(&organization).into_iter().flatten();
        let devices: Vec<Device> =
            devices.filter(|device| behind.is_none_or(|gateway| gateway == device.gateway)).cloned().collect();
        let now = self.devices.0.clock.now();
        let mut due = Vec::new();
        for device in devices {
            let view = self.view(organization, &device);
            // What was told before we began says nothing of now.
            let is_old = view.told.as_ref().is_some_and(|(at, _)| *at < self.started);
            if is_old && !matches!(view.state, DeviceState::Unknown | DeviceState::Disabled) {
                continue;
            }
            let known = self.known.entry((organization, device.id)).or_default();
            if known.turn(&view, now) {
                self.note(Note { organization, device: device.id, at: now, status: view.status() });
            }
            if let Some(known) = self.known.get_mut(&(organization, device.id)) {
                due.extend(known.due((organization, device.id), &view, now));
            }
        }
        self.settle(due).await;
    }

    /// Ends everything that was open of devices that are gone.
    async fn drop_gone(&mut self) {
        if !self.is_loaded {
            return;
        }
        let is_there = |(organization, id): &Key| {
            self.all.get(organization).is_some_and(|devices| devices.iter().any(|device| device.id == *id))
        };
        let gone: Vec<Key> = self.known.keys().filter(|key| !is_there(key)).copied().collect();
        for (organization, id) in gone {
            self.known.remove(&(organization, id));
            self.alerts.resolve_all_of(organization, id).await;
        }
    }

    fn view(&self, organization: OrganizationId, device: &Device) -> View {
        let peer = Peer { organization, gateway: device.gateway };
        self.devices.0.presence.with(peer, |seen| view(device, seen))
    }

    fn note(&self, note: Note) {
        if self.notes.try_send(note).is_err() {
            tracing::debug!("a status of a device is not kept: too many wait");
        }
    }

    async fn settle(&self, due: Vec<Due>) {
        for Due { organization, kind, subject, facts } in due {
            match facts {
                Some(facts) => self.alerts.raise(organization, kind, subject, facts).await,
                None => self.alerts.resolve(organization, kind, subject).await,
            }
        }
    }

    /// Tells how many are how.
    fn count(&self) {
        for state in DeviceState::ALL {
            let lasts = self.known.values().filter_map(|known| known.last.as_ref());
            let count = lasts.filter(|last| last.state == state).count();
            metrics::gauge!("nazorat_devices", "state" => state.name()).set(count as f64);
        }
    }
}

impl Known {
    /// Writes down how it is; true when that is to be noted.
    fn turn(&mut self, view: &View, now: Timestamp) -> bool {
        if let Some(last) = self.last.as_mut().filter(|last| last.state == view.state && last.code == view.code) {
            let is_due = now.as_second() - last.noted.as_second() >= rules::STILL.as_secs() as i64;
            if is_due {
                last.noted = now;
            }
            return is_due;
        }
        self.last = Some(Last { state: view.state, code: view.code.clone(), since: now, noted: now });
        true
    }

    /// Which alerts open and end.
    fn due(&mut self, (organization, device): Key, view: &View, now: Timestamp) -> Vec<Due> {
        let due = |kind, gateway, facts| Due { organization, kind, subject: Subject::device(gateway, device), facts };
        let mut all = Vec::new();
        // It may stand behind another gateway now.
        self.open.retain(|kind, gateway| {
            let stays = *gateway == view.gateway;
            if !stays {
                all.push(due(*kind, *gateway, None));
            }
            stays
        });
        let told = view.told.as_ref().map(|(_, told)| told);
        let since = told.and_then(|told| told.since).or(self.last.as_ref().map(|last| last.since)).unwrap_or(now);
        for kind in rules::KINDS {
            let open = self.open.contains_key(&kind);
            match rules::judge(kind, view, since, now, open) {
                Verdict::Fires(facts) if !open => {
                    self.open.insert(kind, view.gateway);
                    all.push(due(kind, view.gateway, Some(facts)));
                }
                Verdict::Ends if open => {
                    self.open.remove(&kind);
                    all.push(due(kind, view.gateway, None));
                }
                Verdict::Fires(_) | Verdict::Ends | Verdict::Stays => {}
            }
        }
        let missed_at = told.and_then(|told| told.missed_at);
        if missed_at.is_some() && missed_at != self.missed_at {
            self.missed_at = missed_at;
            all.push(due(AlertKind::DeviceMissed, view.gateway, Some(Facts::new())));
        }
        all
    }
}

/// What is known of a device, with the times by our clock.
fn view(device: &Device, seen: Option<&Seen>) -> View {
    let standing = standing(device, seen);
    let ahead = seen.map_or(0, |seen| seen.ahead_secs);
    let silent = seen.is_none_or(|seen| seen.liveness == Liveness::Offline);
    let ours = |at: Timestamp| Timestamp::from_second(at.as_second().saturating_sub(ahead)).unwrap_or(at);
    let told = standing.told.map(|(at, mut told)| {
        told.since = told.since.map(ours);
        told.last_contact = told.last_contact.map(ours);
        told.last_event = told.last_event.map(ours);
        (at, told)
    });
    let code = match (standing.state, &told) {
        (DeviceState::Offline | DeviceState::Error, Some((_, told))) => word(told.code.as_deref().unwrap_or_default()),
        (DeviceState::Unknown, Some(_)) if silent => SILENT.to_owned(),
        // It may say it in words that are newer than we are.
        (DeviceState::Unknown, _) => UNTOLD.to_owned(),
        _ => String::new(),
    };
    View { gateway: device.gateway, state: standing.state, code, told }
}
