//! The verbs of alerts.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

use tokio::sync::broadcast;

use crate::audit::Audit;
use crate::audit::Entry;
use crate::fleet::alerts::model::Alert;
use crate::fleet::alerts::model::AlertKind;
use crate::fleet::alerts::model::Facts;
use crate::fleet::alerts::model::Subject;
use crate::fleet::alerts::records::ALERTS;
use crate::fleet::alerts::records::AlertRecord;
use crate::kernel::Actor;
use crate::kernel::AlertId;
use crate::kernel::Classify;
use crate::kernel::Clock;
use crate::kernel::Cursor;
use crate::kernel::CursorError;
use crate::kernel::Denied;
use crate::kernel::DeviceId;
use crate::kernel::Kind;
use crate::kernel::OrganizationId;
use crate::kernel::Page;
use crate::kernel::PageRequest;
use crate::kernel::Permission;
use crate::store::Key as _;
use crate::store::Read;
use crate::store::Store;
use crate::store::StoreError;
use crate::store::WriteTx;

/// Alerts that an organization keeps, open ones included.
const MOST: usize = 1_000;

/// A verb of alerts failed.
#[derive(Debug, thiserror::Error)]
pub enum AlertError {
    /// There is no such alert.
    #[error("alert {0} does not exist")]
    Unknown(AlertId),
    /// The actor may not.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The cursor is of another list.
    #[error(transparent)]
    Cursor(#[from] CursorError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Classify for AlertError {
    fn kind(&self) -> Kind {
        match self {
            AlertError::Unknown(_) => Kind::NotFound,
            AlertError::Denied(denied) => denied.kind(),
            AlertError::Cursor(_) => Kind::Invalid,
            AlertError::Store(_) => Kind::Internal,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            AlertError::Unknown(_) => "not_found",
            AlertError::Denied(denied) => denied.code(),
            AlertError::Cursor(_) => "invalid_cursor",
            AlertError::Store(store) => store.code(),
        }
    }
}

/// The alerts of all organizations. Cheap to clone.
#[derive(Clone)]
pub struct Alerts {
    store: Store,
    clock: Clock,
    audit: Audit,
    open: Arc<Mutex<HashMap<OrganizationId, usize>>>,
    changes: broadcast::Sender<OrganizationId>,
}

impl Alerts {
    /// Put together from its parts.
    pub fn new(store: Store, clock: Clock, audit: Audit) -> Self {
        Self { store, clock, audit, open: Arc::default(), changes: broadcast::channel(64).0 }
    }

    /// Opens an alert; while one of its kind and subject is open, only its facts become newer.
    pub async fn raise(
        &self,
        organization: OrganizationId,
        kind: AlertKind,
        subject: impl Into<Subject>,
        facts: Facts,
    ) {
        let (subject, now) = (subject.into(), self.clock.now());
        let raised = self.change(organization, move |tx| {
            let known = tx.list(&ALERTS)?;
            if let Some((id, record)) = known.iter().find(|(_, record)| record.is_open_about(kind, subject)) {
                if record.facts != facts {
                    tx.put(&ALERTS, id, &AlertRecord { facts, ..record.clone() })?;
                }
                return Ok(None);
            }
            make_room(tx, &known)?;
            let id = AlertId::new(tx.next_number(&ALERTS)?);
            tx.put(&ALERTS, &id, &AlertRecord::new(kind, subject, facts, now))?;
            Ok(Some(id))
        });
        match raised.await {
            Ok(Some(id)) => tracing::warn!(alert.id = %id, gateway.id = %subject.gateway, "alert: {}", kind.name()),
            Ok(None) => {}
            Err(problem) => tracing::error!("alert {} could not be kept: {problem}", kind.name()),
        }
    }

    /// Ends what is open of this kind and subject.
    pub async fn resolve(&self, organization: OrganizationId, kind: AlertKind, subject: impl Into<Subject>) {
        let (subject, now) = (subject.into(), self.clock.now());
        let resolved = self.change(organization, move |tx| {
            for (id, record) in tx.list(&ALERTS)?.iter().filter(|(_, record)| record.is_open_about(kind, subject)) {
                tx.put(&ALERTS, id, &AlertRecord { resolved_at: Some(now), ..record.clone() })?;
            }
            Ok(())
        });
        if let Err(problem) = resolved.await {
            tracing::error!("alert {} could not be ended: {problem}", kind.name());
        }
    }

    /// Ends everything that is open of a device that is gone.
    pub async fn resolve_all_of(&self, organization: OrganizationId, device: DeviceId) {
        let now = self.clock.now();
        let resolved = self.change(organization, move |tx| {
            let all = tx.list(&ALERTS)?;
            for (id, record) in all.iter().filter(|(_, record)| record.is_open_of(device)) {
                tx.put(&ALERTS, id, &AlertRecord { resolved_at: Some(now), ..record.clone() })?;
            }
            Ok(())
        });
        if let Err(problem) = resolved.await {
            tracing::error!("alerts of device {device} could not be ended: {problem}");
        }
    }

    /// The alerts of an organization, newest first.
    pub async fn list(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        page: PageRequest,
    ) -> Result<Page<Alert>, AlertError> {
        actor.require(Permission::ReadGateways)?;
        let before = match &page.after {
            Some(cursor) => Some(AlertId::decode(&mut cursor.as_bytes()).ok_or(CursorError)?),
            None => None,
        };
        let limit = page.limit;
        let store = self.store.tenant(actor.tenant(organization)?);
        let mut found = store.read(move |tx| tx.list_before(&ALERTS, before.as_ref(), limit + 1)).await?;
        let more = found.len() > limit;
        found.truncate(limit);
        let next = found.last().filter(|_| more).map(|(id, _)| Cursor::new(id.bytes()));
        let items = found.into_iter().map(|(id, record)| record.into_model(organization, id)).collect();
        Ok(Page { items, next })
    }

    /// The alerts that are open, oldest first.
    pub async fn list_open(&self, actor: &Actor, organization: OrganizationId) -> Result<Vec<Alert>, AlertError> {
        actor.require(Permission::ReadGateways)?;
        let found = self.store.tenant(actor.tenant(organization)?).read(|tx| tx.list(&ALERTS)).await?;
        let alerts = found.into_iter().map(|(id, record)| record.into_model(organization, id));
        Ok(alerts.filter(Alert::is_open).collect())
    }

    /// The alerts that are over, the one that began last first.
    pub async fn list_over(&self, actor: &Actor, organization: OrganizationId) -> Result<Vec<Alert>, AlertError> {
        actor.require(Permission::ReadGateways)?;
        let found = self.store.tenant(actor.tenant(organization)?).read(|tx| tx.list(&ALERTS)).await?;
        let alerts = found.into_iter().rev().map(|(id, record)| record.into_model(organization, id));
        Ok(alerts.filter(|alert| !alert.is_open()).collect())
    }

    /// How many alerts are open. Every page asks, so the answer is kept.
    pub async fn count_open(&self, actor: &Actor, organization: OrganizationId) -> Result<usize, AlertError> {
        actor.require(Permission::ReadGateways)?;
        let tenant = actor.tenant(organization)?;
        if let Some(count) = self.counts().get(&organization) {
            return Ok(*count);
        }
        let found = self.store.tenant(tenant).read(|tx| tx.list(&ALERTS)).await?;
        let open = found.iter().filter(|(_, record)| record.resolved_at.is_none()).count();
        // A change that came meanwhile knows better.
        Ok(*self.counts().entry(organization).or_insert(open))
    }

    /// Told whose alerts have changed. Whoever missed some looks at its own.
    pub fn changes(&self) -> broadcast::Receiver<OrganizationId> {
        self.changes.subscribe()
    }

    /// Ends an alert by hand.
    pub async fn dismiss(&self, actor: &Actor, organization: OrganizationId, id: AlertId) -> Result<(), AlertError> {
        actor.require(Permission::EditGateways)?;
        actor.tenant(organization)?;
        let now = self.clock.now();
        let kind = self
            .change(organization, move |tx| {
                let record = tx.find(&ALERTS, &id)?.ok_or(AlertError::Unknown(id))?;
                let kind = record.kind;
                if record.resolved_at.is_none() {
                    tx.put(&ALERTS, &id, &AlertRecord { resolved_at: Some(now), ..record })?;
                }
                Ok(kind)
            })
            .await?;
        let entry = Entry::new("alert.dismiss").of(organization).on("alert", id).with("alert", kind.name());
        self.audit.record(actor, entry).await;
        Ok(())
    }

    async fn change<T: Send + 'static>(
        &self,
        organization: OrganizationId,
        work: impl FnOnce(&WriteTx<'_>) -> Result<T, AlertError> + Send + 'static,
    ) -> Result<T, AlertError> {
        let store = self.store.tenant(Actor::system().tenant(organization)?);
        let (value, open) = store
            .write(move |tx| {
                let value = work(tx)?;
                let open = tx.list(&ALERTS)?.iter().filter(|(_, record)| record.resolved_at.is_none()).count();
                Ok::<_, AlertError>((value, open))
            })
            .await?;
        let mut counts = self.counts();
        counts.insert(organization, open);
        metrics::gauge!("nazorat_alerts_firing").set(counts.values().sum::<usize>() as f64);
        drop(counts);
        // Nobody may listen just now.
        drop(self.changes.send(organization));
        Ok(value)
    }

    fn counts(&self) -> MutexGuard<'_, HashMap<OrganizationId, usize>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The oldest that are over go first; should all be open, the oldest of them.
fn make_room(tx: &WriteTx<'_>, known: &[(AlertId, AlertRecord)]) -> Result<(), StoreError> {
    if known.len() < MOST {
        return Ok(());
    }
    let over = known.iter().find(|(_, record)| record.resolved_at.is_some());
    if let Some((id, _)) = over.or_else(|| known.first()) {
        tx.remove(&ALERTS, id)?;
    }
    Ok(())
}
