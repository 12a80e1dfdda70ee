//! Parcels leave in their order and take no more room than they may.

use std::path::Path;

use bytes::Bytes;

use super::Head;
use super::ParcelError;
use super::Parcels;

fn open(folder: &Path) -> Parcels {
    Parcels::open(folder, 10_000).unwrap()
}

fn head(key: &str) -> Head {
    Head {
        path: "/v2/ingest/screenshots".to_owned(),
        content_type: "multipart/form-data; boundary=x".to_owned(),
        key: Some(key.to_owned()),
        source: "agent".to_owned(),
    }
}

async fn put(parcels: &Parcels, key: &str, bytes: usize) -> Result<(), ParcelError> {
    let wrapping = parcels.wrap(head(key)).await?;
    wrapping.write(Bytes::from(vec![7; bytes])).await?.finish().await
}

fn key(parcels: &Parcels) -> Option<(u64, String, usize)> {
    let (number, head, body) = parcels.oldest().unwrap()?;
    Some((number, head.key.unwrap(), body.len()))
}

#[tokio::test]
async fn parcels_leave_in_their_order_also_after_a_crash() {
    let folder = tempfile::tempdir().unwrap();
    let parcels = open(folder.path());
    put(&parcels, "a", 10).await.unwrap();
    put(&parcels, "b", 20).await.unwrap();
    drop(parcels.wrap(head("broken off")).await.unwrap());
    std::mem::forget(parcels.wrap(head("a power cut")).await.unwrap());
    let parcels = open(folder.path());
    let (number, first, bytes) = key(&parcels).unwrap();
    assert_eq!((first.as_str(), bytes), ("a", 10));
    parcels.left(number).unwrap();
    put(&parcels, "c", 1).await.unwrap();
    let (number, second, _) = key(&parcels).unwrap();
    assert_eq!(second, "b");
    parcels.set_aside(number).unwrap();
    let (number, third, _) = key(&parcels).unwrap();
    assert_eq!(third, "c");
    parcels.left(number).unwrap();
    assert_eq!(key(&parcels), None);
    let count = parcels.count();
    assert_eq!((count.waiting, count.bytes, count.sent, count.refused), (0, 0, 2, 1));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing but the refused one");
}

#[tokio::test]
async fn the_oldest_are_given_up_when_there_is_no_room() {
    let folder = tempfile::tempdir().unwrap();
    let parcels = open(folder.path());
    for key in ["a", "b", "c", "d"] {
        put(&parcels, key, 3_000).await.unwrap();
    }
    assert_eq!((parcels.count().waiting, parcels.count().evicted), (2, 2));
    assert_eq!(key(&parcels).unwrap().1, "c");
    assert!(matches!(put(&parcels, "e", 6_000).await, Err(ParcelError::Full)));
    assert_eq!(parcels.count().waiting, 2);
}

#[tokio::test]
async fn a_damaged_parcel_does_not_hold_up_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let parcels = open(folder.path());
    put(&parcels, "a", 3).await.unwrap();
    put(&parcels, "b", 3).await.unwrap();
    std::fs::write(folder.path().join(format!("{:020}.parcel", 1)), b"\xff\xff\xff\xff").unwrap();
    assert_eq!(key(&parcels).unwrap().1, "b");
}
