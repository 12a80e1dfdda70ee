//! What a session delivers, into the buffer and then its place beside it.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use nazorat_wire::AcceptedAccess;
use nazorat_wire::AccessEvent;
use nazorat_wire::PasserMeta;
use nazorat_wire::encode_access;
use serde_json::Value;
use sha2::Digest as _;
use sha2::Sha256;

use super::life::Life;
use super::state::Turn;
use crate::adapters::DeviceError;
use crate::adapters::Room;
use crate::adapters::Taker;
use crate::intake::BatchKey;
use crate::intake::NewBatch;
use crate::intake::Source;
use crate::kernel::OrganizationId;
use crate::kernel::random_bytes;
use crate::kernel::with_causes;
use crate::runtime::blocking;
use crate::uplink::Head;

/// Where pictures of those who passed go.
const PICTURES: &str = "/v2/ingest/passers";
/// The most events of one batch: a log of many thousands comes in portions.
const MOST: usize = 500;

impl Taker for Life {
    fn take(&self, events: Vec<AccessEvent>, cursor: Option<Value>) -> BoxFuture<'_, Result<(), DeviceError>> {
        Box::pin(async move {
            for portion in events.chunks(MOST) {
                self.keep(portion).await?;
            }
            if let Some(cursor) = cursor {
                let (host, id) = (self.host.clone(), self.item.id);
                let kept = blocking(move || host.0.shelf.keep_cursor(id, &cursor)).await;
                kept.map_err(|problem| {
                    DeviceError::NotKept(format!("where its log was left cannot be kept: {problem}"))
                })?;
            }
            Ok(())
        })
    }

    fn cursor(&self) -> Option<Value> {
        self.host.0.shelf.cursor(self.item.id)
    }

    fn heard(&self) {
        self.state().heard(self.now());
    }

    fn is_live(&self) {
        self.turn(Turn::Online, None);
    }

    fn is_away(&self, why: &DeviceError) {
        if self.turn(Turn::Offline, Some(why)) {
            tracing::warn!(device.id = self.item.id, "device is away: {why}");
        }
    }

    fn drift(&self, millis: i64) {
        self.state().drift(millis);
    }

    fn answered(&self, took: Duration) {
        let now = self.now();
        let mut state = self.state();
        state.heard(now);
        state.answered(took);
    }

    fn room(&self, room: Room) {
        self.state().room(room);
    }

    fn picture(&self, meta: PasserMeta, image: Bytes) -> BoxFuture<'_, Result<(), DeviceError>> {
        Box::pin(async move {
            let Some(parcels) = &self.host.0.config.parcels else { return Ok(()) };
            let (content_type, body) = form(&meta, &image);
            let source = format!("device:{}", meta.device);
            let (path, key) = (PICTURES.to_owned(), Some(meta.serial));
            let head = Head { path, content_type, key, source };
            let kept = async { parcels.wrap(head).await?.write(body).await?.finish().await };
            kept.await.map_err(|problem| DeviceError::NotKept(with_causes(&problem)))
        })
    }

    fn missed(&self, detail: String) {
        tracing::warn!(device.id = self.item.id, "events of a device are missing: {detail}");
        self.state().missed(detail, self.now());
        self.note();
    }
}

impl Life {
    async fn keep(&self, events: &[AccessEvent]) -> Result<(), DeviceError> {
        let texts: Vec<String> = events.iter().map(encode_access).collect();
        let digest: [u8; 32] = texts.iter().fold(Sha256::new(), |hash, text| hash.chain_update(text)).finalize().into();
        let accesses = (0..).zip(events).zip(&texts);
        let accesses = accesses.map(|((index, event), raw)| AcceptedAccess { index, event: event.clone(), raw });
        let now = self.now();
        let batch = NewBatch {
            // The gateway's own key decides whose data it is when it arrives.
            organization: OrganizationId::new(1),
            source: Source::new(format!("device:{}", self.item.id)),
            key: BatchKey::new(),
            digest,
            received_at: now,
            events: Vec::new(),
            accesses: accesses.collect(),
            rejected: Vec::new(),
            screenshots: Vec::new(),
        };
        let outbox = &self.host.0.config.outbox;
        outbox.accept(batch).await.map_err(|problem| DeviceError::NotKept(with_causes(&problem)))?;
        // Somebody may stand before a screen and wait for it.
        outbox.hurry();
        self.state().told(events.len(), now);
        Ok(())
    }
}

/// A form of two parts; the boundary is in no picture that anybody could prepare.
fn form(meta: &PasserMeta, image: &[u8]) -> (String, Bytes) {
    let boundary = format!("nz{}", hex::encode(random_bytes::<12>()));
    let meta = serde_json::to_string(meta).unwrap_or_default();
    let mut body = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"meta\"\r\nContent-Type: application/json\r\n\r\n{meta}\r\n\
         --{boundary}\r\nContent-Disposition: form-data; name=\"image\"; filename=\"passer.jpg\"\r\n\
         Content-Type: image/jpeg\r\n\r\n"
    )
    .into_bytes();
    body.extend_from_slice(image);
    body.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
    (format!("multipart/form-data; boundary={boundary}"), body.into())
}

/// The way of a session to its life.
pub(super) fn feed(life: &Arc<Life>) -> crate::adapters::Feed {
    crate::adapters::Feed::new(Arc::clone(life) as Arc<dyn Taker>, life.host.0.config.clock.clone())
}
