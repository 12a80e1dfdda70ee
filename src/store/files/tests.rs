//! What the file store promises, on a folder.

use bytes::Bytes;
use futures_util::stream;

use super::FileError;
use super::FileKey;
use super::FileKind;
use super::FileStore;
use super::FilesConfig;
use crate::kernel::Actor;
use crate::kernel::OrganizationId;
use crate::kernel::Tenant;
use crate::kernel::Timestamp;
use crate::store::DataFolder;
use crate::store::MasterKey;

struct Place {
    dir: tempfile::TempDir,
    folder: DataFolder,
    files: FileStore,
}

fn place() -> Place {
    let dir = tempfile::tempdir().unwrap();
    let folder = DataFolder::lock(dir.path()).unwrap();
    let master = MasterKey::open(&folder).unwrap();
    let files = FileStore::open(&FilesConfig::InDataFolder, &folder, master).unwrap();
    Place { dir, folder, files }
}

fn tenant(number: u32) -> Tenant {
    Actor::system().tenant(OrganizationId::new(number)).unwrap()
}

fn at() -> Timestamp {
    "2026-11-23T08:49:21Z".parse().unwrap()
}

fn content(length: usize) -> Vec<u8> {
    (0..length).map(|index| (index * 31 % 251) as u8).collect()
}

impl Place {
    async fn put(&self, content: &[u8]) -> FileKey {
        self.files.put(tenant(1), FileKind::Screenshot, at(), content).await.unwrap().key
    }

    fn change(&self, key: &FileKey, change: impl FnOnce(&mut Vec<u8>)) {
        let path = self.dir.path().join("files").join(key.as_str());
        let mut bytes = std::fs::read(&path).unwrap();
        change(&mut bytes);
        std::fs::write(&path, bytes).unwrap();
    }
}

#[tokio::test]
async fn content_comes_back_as_it_was_put() {
    let place = place();
    for length in [0, 1, 65_535, 65_536, 65_537, 200_000] {
        let key = place.put(&content(length)).await;
        assert_eq!(place.files.read(tenant(1), &key).await.unwrap(), content(length));
        assert_eq!(place.files.size(tenant(1), &key).await.unwrap(), length as u64);
    }
}

#[tokio::test]
async fn a_stream_is_stored_like_bytes() {
    let place = place();
    for length in [0, 65_536, 131_072, 150_001] {
        let parts: Vec<_> = content(length).chunks(9_999).map(|part| Ok(Bytes::copy_from_slice(part))).collect();
        let key = FileKey::new(tenant(1), FileKind::Screenshot, at());
        let stored = place.files.put_stream(key, tenant(1), 1 << 20, stream::iter(parts)).await.unwrap();
        assert_eq!(stored.size, length as u64);
        assert_eq!(place.files.read(tenant(1), &stored.key).await.unwrap(), content(length));
    }
}

#[tokio::test]
async fn a_stream_beyond_its_limit_leaves_nothing() {
    let place = place();
    let parts = (0..11).map(|_| Ok(Bytes::from(content(1_000))));
    let key = FileKey::new(tenant(1), FileKind::Screenshot, at());
    let refused = place.files.put_stream(key.clone(), tenant(1), 10_000, stream::iter(parts)).await;
    assert!(matches!(refused, Err(FileError::TooLarge)));
    assert!(!place.files.exists(tenant(1), &key).await.unwrap());
    assert_eq!(place.files.list(tenant(1), FileKind::Screenshot, at()).await.unwrap(), []);
}

#[tokio::test]
async fn a_range_is_the_same_part_of_the_content() {
    let place = place();
    let whole = content(200_000);
    let key = place.put(&whole).await;
    for range in [0..1, 65_535..65_537, 70_000..199_999, 131_072..200_000, 0..200_000] {
        let expected = &whole[range.clone()];
        let range = range.start as u64..range.end as u64;
        assert_eq!(place.files.range(tenant(1), &key, range).await.unwrap(), expected);
    }
    assert_eq!(place.files.range(tenant(1), &key, 199_999..900_000).await.unwrap().len(), 1);
    assert!(place.files.range(tenant(1), &key, 200_000..200_001).await.unwrap().is_empty());
}

#[tokio::test]
async fn every_changed_byte_is_noticed() {
    let place = place();
    let key = place.put(&content(100)).await;
    for index in 0..148 {
        place.change(&key, |bytes| bytes[index] ^= 1);
        assert!(place.files.read(tenant(1), &key).await.is_err(), "byte {index}");
        place.change(&key, |bytes| bytes[index] ^= 1);
    }
    assert!(place.files.read(tenant(1), &key).await.is_ok());
}

#[tokio::test]
async fn a_cut_file_is_noticed_wherever_it_is_cut() {
    let place = place();
    let key = place.put(&content(140_000)).await;
    // Also right between two chunks, where what is left looks like a whole file.
    for length in [0, 31, 32, 33, 48, 32 + 65_552, 32 + 2 * 65_552, 32 + 2 * 65_552 + 16, 100_000] {
        let mut rest = Vec::new();
        place.change(&key, |bytes| rest = bytes.split_off(length));
        assert!(place.files.read(tenant(1), &key).await.is_err(), "cut at {length}");
        place.change(&key, |bytes| bytes.append(&mut rest));
    }
    assert!(place.files.read(tenant(1), &key).await.is_ok());
}

#[tokio::test]
async fn a_file_of_another_organization_does_not_exist() {
    let place = place();
    let key = place.put(b"mine").await;
    assert!(matches!(place.files.read(tenant(2), &key).await, Err(FileError::NotFound(_))));
    assert!(matches!(place.files.range(tenant(2), &key, 0..1).await, Err(FileError::NotFound(_))));
    assert!(matches!(place.files.delete(tenant(2), &key).await, Err(FileError::NotFound(_))));
    assert!(place.files.exists(tenant(1), &key).await.unwrap());
}

#[tokio::test]
async fn a_file_put_under_another_name_or_organization_does_not_open() {
    let place = place();
    let key = place.put(b"mine").await;
    let other = place.files.put(tenant(2), FileKind::Screenshot, at(), b"other").await.unwrap().key;
    let root = place.dir.path().join("files");
    std::fs::copy(root.join(key.as_str()), root.join(other.as_str())).unwrap();
    assert!(matches!(place.files.read(tenant(2), &other).await, Err(FileError::Damaged(_))));
}

#[tokio::test]
async fn another_master_key_is_named_as_the_reason() {
    let place = place();
    let key = place.put(b"mine").await;
    let files = FileStore::open(&FilesConfig::InDataFolder, &place.folder, MasterKey::from_bytes(&[1; 32])).unwrap();
    assert!(matches!(files.read(tenant(1), &key).await, Err(FileError::OtherKey(_))));
}

#[tokio::test]
async fn a_day_lists_its_files_and_loses_the_deleted() {
    let place = place();
    let (first, second) = (place.put(b"1").await, place.put(b"2").await);
    let mut both = vec![first.clone(), second.clone()];
    both.sort();
    assert_eq!(place.files.list(tenant(1), FileKind::Screenshot, at()).await.unwrap(), both);
    assert!(place.files.list(tenant(1), FileKind::Thumbnail, at()).await.unwrap().is_empty());
    place.files.delete(tenant(1), &first).await.unwrap();
    place.files.delete(tenant(1), &first).await.unwrap();
    assert_eq!(place.files.list(tenant(1), FileKind::Screenshot, at()).await.unwrap(), [second]);
}
