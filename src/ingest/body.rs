//! Reading a body within limits: first what came over the wire, then what it unpacks to.

use std::io::Read;

use axum::body::Body;
use axum::body::Bytes;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use http::header::CONTENT_ENCODING;
use http::header::CONTENT_LENGTH;
use sha2::Digest as _;
use sha2::Sha256;

use crate::ingest::Refusal;

/// The most bytes that a body may have on the wire.
pub const MAX_WIRE: usize = 5_000_000;
/// The most bytes that it may unpack to.
pub const MAX_UNPACKED: usize = 16_000_000;
/// A body that unpacks to more than this many times its size is not text but a bomb.
const MAX_RATIO: usize = 200;
/// Below this size the ratio says nothing.
const RATIO_FROM: usize = 1 << 20;
/// So much is unpacked between two looks at how large it is.
const PIECE: u64 = 64 << 10;
/// Memory that a zstd frame may ask for, as a power of two.
const ZSTD_WINDOW: u32 = 23;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Packing {
    None,
    Gzip,
    Zstd,
}

/// An unpacked body and its SHA-256.
#[derive(Debug)]
pub(super) struct Unpacked {
    pub(super) bytes: Bytes,
    pub(super) digest: [u8; 32],
}

/// Reads a body to its end, or refuses it as early as possible.
pub(super) async fn read(headers: &HeaderMap, body: Body) -> Result<Unpacked, Refusal> {
    let packing = packing(headers)?;
    let announced = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > MAX_WIRE as u64) {
        return Err(too_large());
    }
    let wire = axum::body::to_bytes(body, MAX_WIRE).await.map_err(|problem| {
        let limit = std::error::Error::source(&problem).is_some_and(|source| source.to_string().contains("limit"));
        if limit { too_large() } else { Refusal::unfinished(&problem) }
    })?;
    check_digest(headers, &wire)?;
    let bytes = match packing {
        Packing::None => wire,
        Packing::Gzip => {
            unpack(flate2::bufread::MultiGzDecoder::new(&*wire), wire.len(), |reader| reader.get_ref().len())?
        }
        Packing::Zstd => unpack(zstd_reader(&wire)?, wire.len(), |reader| reader.get_ref().len())?,
    };
    let digest = Sha256::digest(&bytes).into();
    Ok(Unpacked { bytes, digest })
}

fn packing(headers: &HeaderMap) -> Result<Packing, Refusal> {
    let mut found = headers.get_all(CONTENT_ENCODING).iter();
    let Some(value) = found.next() else { return Ok(Packing::None) };
    let text = value.to_str().unwrap_or("?").trim().to_ascii_lowercase();
    match (text.as_str(), found.next()) {
        ("" | "identity", None) => Ok(Packing::None),
        ("gzip", None) => Ok(Packing::Gzip),
        ("zstd", None) => Ok(Packing::Zstd),
        _ => Err(Refusal::bad("unsupported_encoding", "Content-Encoding must be gzip or zstd, once")),
    }
}

/// Compares `Content-Digest: sha-256=:...:` (RFC 9530) when it is sent.
fn check_digest(headers: &HeaderMap, wire: &[u8]) -> Result<(), Refusal> {
    let Some(value) = headers.get("content-digest") else { return Ok(()) };
    let claimed = value
        .to_str()
        .ok()
        .and_then(|text| text.split(',').find_map(|part| part.trim().strip_prefix("sha-256=:")?.strip_suffix(':')))
        .and_then(|text| STANDARD.decode(text).ok());
    match claimed {
        Some(claimed) if claimed == Sha256::digest(wire).as_slice() => Ok(()),
        _ => Err(Refusal::bad("digest_mismatch", "Content-Digest does not fit the body; send it again")),
    }
}

fn zstd_reader(wire: &[u8]) -> Result<zstd::stream::read::Decoder<'static, &[u8]>, Refusal> {
    let mut reader = zstd::stream::read::Decoder::with_buffer(wire).map_err(|_| broken())?;
    reader.window_log_max(ZSTD_WINDOW).map_err(|_| broken())?;
    Ok(reader)
}

/// Unpacks piece by piece, so that a bomb is known by its first mebibyte and not only when all of it is there. `left`
/// tells how many bytes were not read yet.
fn unpack<R: Read>(mut reader: R, wire: usize, left: impl Fn(&R) -> usize) -> Result<Bytes, Refusal> {
    let mut bytes = Vec::with_capacity((wire * 6).min(RATIO_FROM));
    loop {
        let before = bytes.len();
        reader.by_ref().take(PIECE).read_to_end(&mut bytes).map_err(|_| broken())?;
        if bytes.len() == before {
            return Ok(bytes.into());
        }
        let limit = MAX_UNPACKED.min(((wire - left(&reader)) * MAX_RATIO).max(RATIO_FROM));
        if bytes.len() > limit {
            let detail = format!(
                "the body unpacks to more than {MAX_UNPACKED} bytes or {MAX_RATIO} times; send smaller batches"
            );
            return Err(Refusal::too_large("unpacked_too_large", detail));
        }
    }
}

fn too_large() -> Refusal {
    Refusal::too_large("body_too_large", format!("the body has more than {MAX_WIRE} bytes; send smaller batches"))
}

fn broken() -> Refusal {
    Refusal::bad("broken_encoding", "the body cannot be unpacked as its Content-Encoding says")
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use axum::body::Body;
    use http::HeaderMap;
    use http::HeaderValue;

    use super::MAX_WIRE;
    use super::read;
    use crate::ingest::Refusal;

    async fn outcome(encoding: &'static str, body: Vec<u8>) -> Result<usize, Refusal> {
        let mut headers = HeaderMap::new();
        if !encoding.is_empty() {
            headers.insert("content-encoding", HeaderValue::from_static(encoding));
        }
        read(&headers, Body::from(body)).await.map(|unpacked| unpacked.bytes.len())
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[tokio::test]
    async fn one_byte_more_than_allowed_is_refused() {
        assert_eq!(outcome("", vec![b' '; MAX_WIRE]).await.unwrap(), MAX_WIRE);
        assert!(format!("{:?}", outcome("", vec![b' '; MAX_WIRE + 1]).await.unwrap_err()).contains("body_too_large"));
    }

    #[tokio::test]
    async fn packed_bodies_are_unpacked() {
        let text = b"{\"events\":[]}".repeat(1000);
        assert_eq!(outcome("gzip", gzip(&text)).await.unwrap(), text.len());
        assert_eq!(outcome("zstd", zstd::encode_all(&*text, 3).unwrap()).await.unwrap(), text.len());
    }

    #[tokio::test]
    async fn bombs_are_refused_before_they_unfold() {
        let zeros = vec![0; 64 << 20];
        let mebibyte = vec![0; 1 << 20];
        let bombs = [
            ("gzip", gzip(&zeros)),
            ("gzip", gzip(&mebibyte).repeat(512)),
            ("zstd", zstd::encode_all(&*zeros, 19).unwrap()),
            ("zstd", zstd::encode_all(&*mebibyte, 19).unwrap().repeat(512)),
        ];
        for (encoding, bomb) in bombs {
            let refused = format!("{:?}", outcome(encoding, bomb).await.unwrap_err());
            assert!(refused.contains("unpacked_too_large"), "{encoding}: {refused}");
        }
    }

    #[tokio::test]
    async fn stacked_and_broken_encodings_are_named() {
        assert!(format!("{:?}", outcome("gzip, gzip", Vec::new()).await.unwrap_err()).contains("unsupported_encoding"));
        assert!(format!("{:?}", outcome("br", Vec::new()).await.unwrap_err()).contains("unsupported_encoding"));
        assert!(format!("{:?}", outcome("gzip", b"no".to_vec()).await.unwrap_err()).contains("broken_encoding"));
    }
}
