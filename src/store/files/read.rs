//! Reading: whole, as a stream, or a range.

use std::ops::Range;

use bytes::Bytes;
use futures_util::Stream;
use futures_util::StreamExt as _;
use futures_util::TryStreamExt as _;
use futures_util::stream::BoxStream;
use object_store::ObjectStoreExt as _;

use super::FileError;
use super::FileKey;
use super::FileStore;
use super::format::Broken;
use super::format::CHUNK;
use super::format::Cipher;
use super::format::HEADER;
use super::format::Place;
use super::format::SEALED;
use super::format::content_length;
use crate::kernel::Tenant;

impl FileStore {
    /// The whole content; for files that are known to be small.
    pub async fn read(&self, tenant: Tenant, key: &FileKey) -> Result<Vec<u8>, FileError> {
        let mut content = Vec::new();
        let mut stream = std::pin::pin!(self.get(tenant, key).await?);
        while let Some(bytes) = stream.try_next().await? {
            content.extend_from_slice(&bytes);
        }
        Ok(content)
    }

    /// The content as a stream of chunks; each was checked before it is given out.
    pub async fn get(
        &self,
        tenant: Tenant,
        key: &FileKey,
    ) -> Result<impl Stream<Item = Result<Bytes, FileError>> + Send + use<>, FileError> {
        self.own(tenant, key)?;
        let found = self.objects.get(&self.path(key)).await.map_err(|problem| missing(key, problem))?;
        let mut open = Sealed { source: found.into_stream(), buffer: Vec::new(), number: 0, key: key.clone() };
        open.fill(HEADER).await?;
        let header: Vec<u8> = open.buffer.drain(..HEADER.min(open.buffer.len())).collect();
        let cipher = Cipher::open(&self.master, tenant, key, &header).map_err(|broken| explain(key, broken))?;
        Ok(futures_util::stream::try_unfold(Some((open, cipher)), |state| async {
            let Some((mut open, cipher)) = state else { return Ok(None) };
            let (content, place) = open.next(&cipher).await?;
            let state = (place == Place::Inside).then_some((open, cipher));
            Ok(Some((Bytes::from(content), state)))
        }))
    }

    /// Length of the content.
    pub async fn size(&self, tenant: Tenant, key: &FileKey) -> Result<u64, FileError> {
        self.own(tenant, key)?;
        let meta = self.objects.head(&self.path(key)).await.map_err(|problem| missing(key, problem))?;
        content_length(meta.size).ok_or_else(|| FileError::Damaged(key.clone()))
    }

    /// A part of the content; what lies behind its end is left out.
    pub async fn range(&self, tenant: Tenant, key: &FileKey, wanted: Range<u64>) -> Result<Vec<u8>, FileError> {
        let size = self.size(tenant, key).await?;
        let (start, end) = (wanted.start.min(size), wanted.end.min(size));
        if start >= end {
            return Ok(Vec::new());
        }
        let path = self.path(key);
        let read = |range: Range<u64>| self.objects.get_range(&path, range);
        let header = read(0..HEADER as u64).await.map_err(|problem| missing(key, problem))?;
        let cipher = Cipher::open(&self.master, tenant, key, &header).map_err(|broken| explain(key, broken))?;
        let (chunk, sealed) = (CHUNK as u64, SEALED as u64);
        let (first, last, end_of_file) = (start / chunk, (end - 1) / chunk, (size - 1) / chunk);
        let bytes = read(HEADER as u64 + first * sealed..HEADER as u64 + (last + 1) * sealed)
            .await
            .map_err(|problem| missing(key, problem))?;
        let mut content = Vec::new();
        for (number, bytes) in (first..=last).zip(bytes.chunks(SEALED)) {
            let place = if number == end_of_file { Place::Last } else { Place::Inside };
            let number = u32::try_from(number).map_err(|_| FileError::TooLarge)?;
            let opened = cipher.unseal(number, place, bytes.to_vec()).map_err(|broken| explain(key, broken))?;
            content.extend_from_slice(&opened);
        }
        let skip = usize::try_from(start - first * chunk).map_err(|_| FileError::TooLarge)?;
        let take = usize::try_from(end - start).map_err(|_| FileError::TooLarge)?;
        content.get(skip..skip + take).map(<[u8]>::to_vec).ok_or_else(|| FileError::Damaged(key.clone()))
    }
}

/// An encrypted file on its way in.
struct Sealed {
    source: BoxStream<'static, object_store::Result<Bytes>>,
    buffer: Vec<u8>,
    number: u32,
    key: FileKey,
}

impl Sealed {
    /// Reads until the buffer holds that much, or the file is at its end.
    async fn fill(&mut self, wanted: usize) -> Result<(), FileError> {
        while self.buffer.len() < wanted {
            match self.source.next().await {
                Some(bytes) => self.buffer.extend_from_slice(&bytes.map_err(FileError::Backend)?),
                None => break,
            }
        }
        Ok(())
    }

    /// Opens the next chunk. One byte more than a chunk is read ahead, to know whether it is the last.
    async fn next(&mut self, cipher: &Cipher) -> Result<(Vec<u8>, Place), FileError> {
        self.fill(SEALED + 1).await?;
        let place = if self.buffer.len() > SEALED { Place::Inside } else { Place::Last };
        let sealed = self.buffer.drain(..SEALED.min(self.buffer.len())).collect();
        let content = cipher.unseal(self.number, place, sealed).map_err(|broken| explain(&self.key, broken))?;
        self.number = self.number.checked_add(1).ok_or(FileError::TooLarge)?;
        Ok((content, place))
    }
}

fn explain(key: &FileKey, broken: Broken) -> FileError {
    match broken {
        Broken::OtherKey => FileError::OtherKey(key.clone()),
        Broken::Damaged => FileError::Damaged(key.clone()),
    }
}

fn missing(key: &FileKey, problem: object_store::Error) -> FileError {
    match problem {
        object_store::Error::NotFound { .. } => FileError::NotFound(key.clone()),
        other => FileError::Backend(other),
    }
}
