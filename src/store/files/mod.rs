//! Stored files: screenshots and their thumbnails, archives and faces, encrypted, in a folder or in S3.
//!
//! Names are made here (`org/<id>/<kind>/<yyyy>/<mm>/<dd>/<ulid>`) and never come from input. Content is encrypted
//! with a key of its organization, see `format.rs`. A file of another tenant does not exist for the one who asks.

mod format;
mod key;
mod read;
#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::Stream;
use futures_util::StreamExt as _;
use futures_util::TryStreamExt as _;
use object_store::ObjectStore;
use object_store::ObjectStoreExt as _;
use object_store::PutPayload;
use object_store::WriteMultipart;
use object_store::aws::AmazonS3Builder;
use object_store::local::LocalFileSystem;
use object_store::path::Path as ObjectPath;
use sha2::Digest as _;
use sha2::Sha256;

use self::format::CHUNK;
use self::format::Cipher;
use self::format::Place;
pub use self::key::{FileKey, FileKind};
use crate::kernel::Classify;
use crate::kernel::Kind;
use crate::kernel::SecretText;
use crate::kernel::Tenant;
use crate::kernel::Timestamp;
use crate::store::DataFolder;
use crate::store::MasterKey;

/// Where files go.
#[derive(Debug, Clone)]
pub enum FilesConfig {
    /// `files` in the data folder.
    InDataFolder,
    /// Another folder.
    Folder(PathBuf),
    /// An S3 service.
    S3(S3Config),
}

/// An S3 service.
#[derive(Debug, Clone)]
pub struct S3Config {
    /// The bucket.
    pub bucket: String,
    /// What all keys begin with; may be empty.
    pub prefix: String,
    /// The service's address when it is not Amazon's.
    pub endpoint: Option<String>,
    /// The region.
    pub region: String,
    /// The public half of the credentials.
    pub access_key: String,
    /// The secret half.
    pub secret_key: SecretText,
}

/// A file could not be stored or read.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// No such file, or somebody else's.
    #[error("file {0} does not exist")]
    NotFound(FileKey),
    /// Not the bytes that were written.
    #[error("file {0} is damaged")]
    Damaged(FileKey),
    /// Written with another master key.
    #[error("file {0} was encrypted with another master key")]
    OtherKey(FileKey),
    /// More than a file can hold.
    #[error("file is too large")]
    TooLarge,
    /// The content could not be read from whoever sends it.
    #[error("content could not be received")]
    Source(#[source] std::io::Error),
    /// The folder for files cannot be made.
    #[error("folder for files {path} cannot be used")]
    Folder {
        /// Which one.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The folder or the service failed.
    #[error("file store failed")]
    Backend(#[source] object_store::Error),
}

impl Classify for FileError {
    fn kind(&self) -> Kind {
        match self {
            Self::NotFound(_) => Kind::NotFound,
            Self::TooLarge => Kind::TooMany,
            Self::Source(_) => Kind::Invalid,
            Self::Damaged(_) | Self::OtherKey(_) | Self::Folder { .. } | Self::Backend(_) => Kind::Internal,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotFound(_) => "not_found",
            Self::TooLarge => "file_too_large",
            Self::Source(_) => "body_not_received",
            Self::Damaged(_) | Self::OtherKey(_) => "file_damaged",
            Self::Folder { .. } | Self::Backend(_) => "file_store_failed",
        }
    }
}

/// A file that was stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredFile {
    /// Its name.
    pub key: FileKey,
    /// Length of the content.
    pub size: u64,
    /// Hash of the content.
    pub sha256: [u8; 32],
}

/// The store of files. Cheap to clone.
#[derive(Clone)]
pub struct FileStore {
    objects: Arc<dyn ObjectStore>,
    prefix: String,
    master: MasterKey,
}

impl FileStore {
    /// Opens the folder or prepares for the service; does not talk to the latter yet.
    pub fn open(config: &FilesConfig, folder: &DataFolder, master: MasterKey) -> Result<Self, FileError> {
        let local = |path: PathBuf| {
            std::fs::create_dir_all(&path).map_err(|source| FileError::Folder { path: path.clone(), source })?;
            let objects = LocalFileSystem::new_with_prefix(&path).map_err(FileError::Backend)?;
            Ok((Arc::new(objects.with_fsync(true).with_automatic_cleanup(true)) as Arc<dyn ObjectStore>, String::new()))
        };
        let (objects, prefix) = match config {
            FilesConfig::InDataFolder => local(folder.path().join("files"))?,
            FilesConfig::Folder(path) => local(path.clone())?,
            FilesConfig::S3(s3) => (Arc::new(connect(s3)?) as Arc<dyn ObjectStore>, s3.prefix.clone()),
        };
        Ok(Self { objects, prefix, master })
    }

    /// Stores content that is at hand. On return it is durable.
    pub async fn put(
        &self,
        tenant: Tenant,
        kind: FileKind,
        at: Timestamp,
        content: &[u8],
    ) -> Result<StoredFile, FileError> {
        self.put_as(FileKey::new(tenant, kind, at), tenant, content).await
    }

    /// The same under a name that the caller has noted before.
    pub async fn put_as(&self, key: FileKey, tenant: Tenant, content: &[u8]) -> Result<StoredFile, FileError> {
        let cipher = Cipher::new(&self.master, tenant, &key);
        let mut sealed = cipher.header().to_vec();
        let last = content.len().div_ceil(CHUNK).max(1) - 1;
        for number in 0..=last {
            let start = number * CHUNK;
            let chunk = content.get(start..content.len().min(start + CHUNK)).unwrap_or_default();
            let place = if number == last { Place::Last } else { Place::Inside };
            cipher.seal(u32::try_from(number).map_err(|_| FileError::TooLarge)?, place, chunk, &mut sealed);
        }
        self.objects.put(&self.path(&key), PutPayload::from(sealed)).await.map_err(FileError::Backend)?;
        Ok(StoredFile { key, size: content.len() as u64, sha256: Sha256::digest(content).into() })
    }

    /// Stores content as it arrives, at most `limit` bytes. On return it is durable; after an error nothing is left.
    pub async fn put_stream(
        &self,
        key: FileKey,
        tenant: Tenant,
        limit: u64,
        content: impl Stream<Item = std::io::Result<Bytes>> + Send,
    ) -> Result<StoredFile, FileError> {
        let path = self.path(&key);
        let upload = self.objects.put_multipart(&path).await.map_err(FileError::Backend)?;
        let mut out = WriteMultipart::new(upload);
        match self.pour(&key, tenant, limit, content, &mut out).await {
            Ok((size, sha256)) => {
                out.finish().await.map_err(FileError::Backend)?;
                Ok(StoredFile { key, size, sha256 })
            }
            Err(problem) => {
                if let Err(leftover) = out.abort().await {
                    tracing::warn!("parts of an unfinished file could not be removed: {leftover}");
                }
                Err(problem)
            }
        }
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "the second half of put_stream; a struct would be named after nothing"
    )]
    async fn pour(
        &self,
        key: &FileKey,
        tenant: Tenant,
        limit: u64,
        content: impl Stream<Item = std::io::Result<Bytes>> + Send,
        out: &mut WriteMultipart,
    ) -> Result<(u64, [u8; 32]), FileError> {
        let cipher = Cipher::new(&self.master, tenant, key);
        let (mut hash, mut size, mut number) = (Sha256::new(), 0_u64, 0_u32);
        let mut waiting = Vec::with_capacity(2 * CHUNK);
        let mut sealed = Vec::with_capacity(format::SEALED);
        out.write(cipher.header());
        let mut content = std::pin::pin!(content);
        while let Some(bytes) = content.next().await {
            let bytes = bytes.map_err(FileError::Source)?;
            hash.update(&bytes);
            size += bytes.len() as u64;
            if size > limit {
                return Err(FileError::TooLarge);
            }
            waiting.extend_from_slice(&bytes);
            // A full chunk waits until something follows it: only then it is known not to be the last.
            while waiting.len() > CHUNK {
                sealed.clear();
                cipher.seal(number, Place::Inside, waiting.get(..CHUNK).unwrap_or_default(), &mut sealed);
                waiting.drain(..CHUNK);
                number = number.checked_add(1).ok_or(FileError::TooLarge)?;
                out.wait_for_capacity(4).await.map_err(FileError::Backend)?;
                out.write(&sealed);
            }
        }
        sealed.clear();
        cipher.seal(number, Place::Last, &waiting, &mut sealed);
        out.write(&sealed);
        Ok((size, hash.finalize().into()))
    }

    /// Removes a file; one that is already gone is no error.
    pub async fn delete(&self, tenant: Tenant, key: &FileKey) -> Result<(), FileError> {
        self.own(tenant, key)?;
        match self.objects.delete(&self.path(key)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(problem) => Err(FileError::Backend(problem)),
        }
    }

    /// Removes all files of a tenant. Repeating it is harmless.
    pub async fn delete_all(&self, tenant: Tenant) -> Result<(), FileError> {
        let folder = self.object(&format!("org/{}", tenant.organization()));
        let mut found = self.objects.list(Some(&folder));
        while let Some(meta) = found.try_next().await.map_err(FileError::Backend)? {
            match self.objects.delete(&meta.location).await {
                Ok(()) | Err(object_store::Error::NotFound { .. }) => {}
                Err(problem) => return Err(FileError::Backend(problem)),
            }
        }
        Ok(())
    }

    /// All files of a kind on a UTC day, in the order of their keys.
    pub async fn list(&self, tenant: Tenant, kind: FileKind, day: Timestamp) -> Result<Vec<FileKey>, FileError> {
        let folder = self.object(&key::folder(tenant, kind, day));
        let found: Vec<_> = self.objects.list(Some(&folder)).try_collect().await.map_err(FileError::Backend)?;
        let skip = if self.prefix.is_empty() { 0 } else { self.prefix.len() + 1 };
        let mut keys: Vec<FileKey> =
            found.iter().filter_map(|meta| FileKey::parse(meta.location.as_ref().get(skip..)?)).collect();
        keys.sort();
        Ok(keys)
    }

    /// True when the file is there.
    pub async fn exists(&self, tenant: Tenant, key: &FileKey) -> Result<bool, FileError> {
        match self.size(tenant, key).await {
            Ok(_) => Ok(true),
            Err(FileError::NotFound(_)) => Ok(false),
            Err(problem) => Err(problem),
        }
    }

    fn own(&self, tenant: Tenant, key: &FileKey) -> Result<(), FileError> {
        if key.organization() == tenant.organization() { Ok(()) } else { Err(FileError::NotFound(key.clone())) }
    }

    fn path(&self, key: &FileKey) -> ObjectPath {
        self.object(key.as_str())
    }

    fn object(&self, key: &str) -> ObjectPath {
        if self.prefix.is_empty() { ObjectPath::from(key) } else { ObjectPath::from(format!("{}/{key}", self.prefix)) }
    }
}

fn connect(config: &S3Config) -> Result<impl ObjectStore, FileError> {
    let mut builder = AmazonS3Builder::new()
        .with_bucket_name(&config.bucket)
        .with_region(&config.region)
        .with_access_key_id(&config.access_key)
        .with_secret_access_key(config.secret_key.expose());
    if let Some(endpoint) = &config.endpoint {
        builder = builder.with_endpoint(endpoint).with_allow_http(endpoint.starts_with("http://"));
    }
    builder.build().map_err(FileError::Backend)
}
