//! A screenshot on its way in, whatever protocol brought it: decoded, its files stored, then its record.
//!
//! The files come first, so that a record never names a file that is not there. When no record is made of them they
//! are removed again; after a crash in between, files without a record stay until their day's retention.

use std::sync::Arc;

use axum::body::Bytes;
use nazorat_wire::Identity;
use nazorat_wire::IngestAnswer;
use sha2::Digest as _;
use sha2::Sha256;
use tokio::sync::Semaphore;
use tracing::error;
use tracing::warn;

use crate::ingest::Doors;
use crate::ingest::Refusal;
use crate::ingest::Sender;
use crate::intake::AcceptError;
use crate::intake::BatchKey;
use crate::intake::NewBatch;
use crate::intake::NewScreenshot;
use crate::intake::ShotHead;
use crate::kernel::Actor;
use crate::kernel::OrganizationId;
use crate::kernel::Picture;
use crate::kernel::PictureError;
use crate::kernel::Tenant;
use crate::kernel::Timestamp;
use crate::runtime::blocking;
use crate::store::FileError;
use crate::store::FileKey;
use crate::store::FileKind;

/// So many pictures are decoded at once; each may take 256 MB and a whole processor.
const DECODED_AT_ONCE: usize = 2;
const DAY_SECONDS: i64 = 86_400;

/// The place where pictures are decoded, few at a time. Cheap to clone.
#[derive(Clone)]
pub struct Darkroom(Arc<Semaphore>);

impl Default for Darkroom {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(DECODED_AT_ONCE)))
    }
}

impl Darkroom {
    pub(super) async fn examine(&self, image: Bytes) -> Result<Picture, Refusal> {
        // The semaphore is never closed; without a permit the limit would merely not hold.
        let permit = self.0.acquire().await.ok();
        let examined = blocking(move || Picture::examine(&image)).await;
        drop(permit);
        examined.map_err(|problem| {
            let detail = problem.to_string();
            match problem {
                PictureError::Unsupported => Refusal::bad("unsupported_image", detail),
                PictureError::Broken(_) => Refusal::bad("broken_image", detail),
                PictureError::TooLarge => Refusal::too_large("image_too_large", detail),
            }
        })
    }
}

/// A screenshot as it was sent.
#[derive(Debug, Clone)]
pub(super) struct Shot<'a> {
    pub(super) ts: Timestamp,
    pub(super) computer_uid: String,
    pub(super) user_sid: Option<String>,
    pub(super) user_name: Option<String>,
    pub(super) app: Option<String>,
    pub(super) title: Option<String>,
    pub(super) monitor: u16,
    pub(super) blurred: bool,
    pub(super) raw: &'a str,
    pub(super) image: Bytes,
}

/// What names the content of a screenshot: boundaries and names of files differ from try to try.
pub(super) fn digest(meta: &[u8], image: &[u8]) -> [u8; 32] {
    let hash = Sha256::new().chain_update((meta.len() as u64).to_be_bytes());
    hash.chain_update(meta).chain_update(image).finalize().into()
}

/// Stores the files and the record.
pub(super) async fn keep(
    doors: &Doors,
    sender: Sender,
    key: BatchKey,
    digest: [u8; 32],
    shot: Shot<'_>,
) -> Result<IngestAnswer, Refusal> {
    let picture = doors.darkroom.examine(shot.image.clone()).await?;
    let tenant = Actor::agent(sender.source.as_str(), sender.organization)
        .tenant(sender.organization)
        .map_err(|_| Refusal::unknown_key())?;
    if doors.entry.sink.withholds(head(&shot, sender.organization)).await? {
        return Ok(IngestAnswer { withheld: 1, ..IngestAnswer::of(key.as_str()) });
    }
    let received_at = doors.entry.clock.now();
    let files = Files::store(doors, tenant, filed_at(shot.ts, received_at), &shot.image, &picture.thumbnail).await?;
    let batch = NewBatch {
        organization: sender.organization,
        source: sender.source,
        key,
        digest,
        received_at,
        events: Vec::new(),
        accesses: Vec::new(),
        rejected: Vec::new(),
        screenshots: vec![record(shot, &picture, &files)],
    };
    match doors.entry.sink.accept(batch).await {
        Ok(answer) if answer.duplicate || answer.accepted == 0 => {
            files.remove(doors, tenant).await;
            Ok(answer)
        }
        Ok(answer) => Ok(answer),
        Err(problem) => {
            // After a failure of the spool the record may be there all the same, and then it needs its files.
            if !matches!(problem, AcceptError::Failed(_)) {
                files.remove(doors, tenant).await;
            }
            Err(problem.into())
        }
    }
}

fn head<'a>(shot: &'a Shot<'_>, organization: OrganizationId) -> ShotHead<'a> {
    let identity = Identity {
        computer_uid: &shot.computer_uid,
        user_sid: shot.user_sid.as_deref(),
        user_name: shot.user_name.as_deref(),
    };
    ShotHead { organization, ts: shot.ts, identity, app: shot.app.as_deref(), title: shot.title.as_deref() }
}

/// The day under which the files lie. A time that will not be believed must not make a folder of its own.
fn filed_at(ts: Timestamp, received_at: Timestamp) -> Timestamp {
    let age = received_at.as_second() - ts.as_second();
    if (-DAY_SECONDS..=4_000 * DAY_SECONDS).contains(&age) { ts } else { received_at }
}

fn record<'a>(shot: Shot<'a>, picture: &Picture, files: &Files) -> NewScreenshot<'a> {
    let key = files.image.as_str();
    NewScreenshot {
        index: 0,
        ts: shot.ts,
        computer_uid: shot.computer_uid,
        user_sid: shot.user_sid,
        user_name: shot.user_name,
        id: key.rsplit('/').next().unwrap_or_default().to_owned(),
        file_key: key.to_owned(),
        thumb_key: files.thumbnail.as_str().to_owned(),
        width: picture.width,
        height: picture.height,
        bytes: shot.image.len() as u64,
        format: picture.format.to_owned(),
        sha256: files.sha256,
        app: shot.app,
        title: shot.title,
        monitor: shot.monitor,
        blurred: shot.blurred,
        raw: shot.raw,
    }
}

/// The two files of a screenshot.
struct Files {
    image: FileKey,
    thumbnail: FileKey,
    sha256: [u8; 32],
}

impl Files {
    async fn store(
        doors: &Doors,
        tenant: Tenant,
        at: Timestamp,
        image: &[u8],
        thumbnail: &[u8],
    ) -> Result<Self, Refusal> {
        let store = &doors.files;
        let image = store.put(tenant, FileKind::Screenshot, at, image).await.map_err(failed)?;
        match store.put(tenant, FileKind::Thumbnail, at, thumbnail).await {
            Ok(thumbnail) => Ok(Self { image: image.key, thumbnail: thumbnail.key, sha256: image.sha256 }),
            Err(problem) => {
                remove(doors, tenant, &image.key).await;
                Err(failed(problem))
            }
        }
    }

    async fn remove(&self, doors: &Doors, tenant: Tenant) {
        remove(doors, tenant, &self.image).await;
        remove(doors, tenant, &self.thumbnail).await;
    }
}

async fn remove(doors: &Doors, tenant: Tenant, key: &FileKey) {
    if let Err(problem) = doors.files.delete(tenant, key).await {
        warn!("file {key} has no record and could not be removed: {problem}");
    }
}

pub(super) fn failed(problem: FileError) -> Refusal {
    error!("screenshot could not be stored: {problem:?}");
    Refusal::unavailable("storage_failed", "the screenshot could not be stored; send it again later")
}
