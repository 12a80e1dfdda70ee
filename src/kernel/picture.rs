//! Pictures of screens: checked by really decoding them, made small, and made unreadable.

use std::io::Cursor;

use image::DynamicImage;
use image::ImageDecoder;
use image::ImageError;
use image::ImageFormat;
use image::ImageReader;
use image::Limits;
use image::codecs::jpeg::JpegEncoder;

/// The most pixels that a picture may have.
const MAX_PIXELS: u64 = 40_000_000;
/// The most memory that one decoding may take.
const MAX_MEMORY: u64 = 256 << 20;
/// A thumbnail is this wide, and never higher than the second number.
const THUMBNAIL: (u32, u32) = (320, 1_600);
/// A preview in which nothing can be read.
const PREVIEW: (u32, u32) = (32, 160);
const THUMBNAIL_QUALITY: u8 = 78;
const PREVIEW_QUALITY: u8 = 60;

/// A picture that was decoded to its last pixel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// `jpeg`, `png` or `webp`.
    pub format: &'static str,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// A small JPEG of it, 320 pixels wide or less.
    pub thumbnail: Vec<u8>,
}

/// The bytes are no picture that is taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PictureError {
    /// Another kind of file.
    #[error("image is not JPEG, PNG or WebP")]
    Unsupported,
    /// Begins like a picture and does not go on like one.
    #[error("image cannot be decoded: {0}")]
    Broken(String),
    /// More pixels or memory than one picture gets.
    #[error("image has more than 40 megapixels, or needs more than 256 MB of memory")]
    TooLarge,
}

impl Picture {
    /// Decodes a picture, whatever its name says, and makes its thumbnail. Takes a while: not for an async thread.
    pub fn examine(bytes: &[u8]) -> Result<Self, PictureError> {
        let (format, image) = decode(bytes)?;
        let thumbnail = jpeg(&within(&image, THUMBNAIL), THUMBNAIL_QUALITY)?;
        Ok(Self { format, width: image.width(), height: image.height(), thumbnail })
    }
}

/// A JPEG, 32 pixels wide, in which the colours of a thumbnail can be seen and nothing can be read. Pages show it,
/// scaled up, until somebody gives a reason to see more.
pub fn blurred_preview(thumbnail: &[u8]) -> Result<Vec<u8>, PictureError> {
    let (_, image) = decode(thumbnail)?;
    jpeg(&within(&image, PREVIEW), PREVIEW_QUALITY)
}

fn decode(bytes: &[u8]) -> Result<(&'static str, DynamicImage), PictureError> {
    let (name, decoder) = decoder(bytes)?;
    Ok((name, DynamicImage::from_decoder(decoder)?))
}

/// A decoder that has read no more than the head of a picture, and whose picture is not too large to be decoded.
pub(super) fn decoder(bytes: &[u8]) -> Result<(&'static str, impl ImageDecoder), PictureError> {
    let format = image::guess_format(bytes).map_err(|_| PictureError::Unsupported)?;
    let name = match format {
        ImageFormat::Jpeg => "jpeg",
        ImageFormat::Png => "png",
        ImageFormat::WebP => "webp",
        _ => return Err(PictureError::Unsupported),
    };
    let mut limits = Limits::default();
    limits.max_alloc = Some(MAX_MEMORY);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits.clone());
    let mut decoder = reader.into_decoder()?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(PictureError::TooLarge);
    }
    limits.reserve(decoder.total_bytes())?;
    decoder.set_limits(limits)?;
    Ok((name, decoder))
}

impl From<ImageError> for PictureError {
    fn from(problem: ImageError) -> Self {
        match problem {
            ImageError::Limits(_) => Self::TooLarge,
            other => Self::Broken(other.to_string()),
        }
    }
}

/// The picture in a box; one that fits stays as it is.
fn within(image: &DynamicImage, (width, height): (u32, u32)) -> DynamicImage {
    if image.width() <= width && image.height() <= height { image.clone() } else { image.thumbnail(width, height) }
}

pub(super) fn jpeg(image: &DynamicImage, quality: u8) -> Result<Vec<u8>, PictureError> {
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, quality).encode_image(&image.to_rgb8())?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use image::DynamicImage;
    use image::ImageFormat;

    use super::Picture;
    use super::PictureError;
    use super::blurred_preview;

    fn picture(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        DynamicImage::new_rgb8(width, height).write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    #[test]
    fn three_formats_are_known_by_their_content() {
        for (format, name) in [(ImageFormat::Jpeg, "jpeg"), (ImageFormat::Png, "png"), (ImageFormat::WebP, "webp")] {
            let found = Picture::examine(&picture(1_280, 720, format)).unwrap();
            assert_eq!((found.format, found.width, found.height), (name, 1_280, 720));
            let small = Picture::examine(&found.thumbnail).unwrap();
            assert_eq!((small.format, small.width, small.height), ("jpeg", 320, 180));
        }
        assert_eq!(Picture::examine(b"GIF89a\x01\x00\x01\x00"), Err(PictureError::Unsupported));
        assert_eq!(Picture::examine(b"<svg/>"), Err(PictureError::Unsupported));
        assert_eq!(Picture::examine(b""), Err(PictureError::Unsupported));
    }

    #[test]
    fn a_picture_that_breaks_off_is_broken() {
        for format in [ImageFormat::Png, ImageFormat::WebP] {
            let bytes = picture(200, 200, format);
            let cut = Picture::examine(&bytes[..bytes.len() / 2]);
            assert!(matches!(cut, Err(PictureError::Broken(_))), "{format:?}: {cut:?}");
        }
        assert!(matches!(Picture::examine(b"\xff\xd8\xff\xe0nothing"), Err(PictureError::Broken(_))));
    }

    #[test]
    fn a_small_file_of_many_pixels_is_refused_before_it_unfolds() {
        assert_eq!(Picture::examine(&picture(8_000, 5_001, ImageFormat::Png)), Err(PictureError::TooLarge));
        // A header that promises 60,000 x 60,000 pixels and brings none.
        let mut huge = picture(2, 2, ImageFormat::Png);
        huge.splice(16..24, [0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60]);
        let crc = {
            let mut crc = flate2::Crc::new();
            crc.update(&huge[12..29]);
            crc.sum().to_be_bytes()
        };
        huge.splice(29..33, crc);
        assert_eq!(Picture::examine(&huge), Err(PictureError::TooLarge));
    }

    #[test]
    fn very_long_and_very_small_pictures_get_a_thumbnail_too() {
        for (width, height) in [(1, 1), (1, 30_000), (30_000, 1), (320, 1_600), (321, 2)] {
            let found = Picture::examine(&picture(width, height, ImageFormat::Png)).unwrap();
            let small = Picture::examine(&found.thumbnail).unwrap();
            assert!(small.width <= 320 && small.height <= 1_600, "{width} x {height}");
        }
    }

    #[test]
    fn a_preview_has_no_more_than_32_by_160_pixels() {
        let thumbnail = Picture::examine(&picture(1_920, 1_080, ImageFormat::Jpeg)).unwrap().thumbnail;
        let preview = Picture::examine(&blurred_preview(&thumbnail).unwrap()).unwrap();
        assert_eq!((preview.width, preview.height), (32, 18));
        assert!(blurred_preview(b"no picture").is_err());
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_it_panic(head in 0_usize..3, tail: Vec<u8>) {
            let heads: [&[u8]; 3] = [b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF\x10\0\0\0WEBPVP8L"];
            drop(Picture::examine(&[heads[head], &tail].concat()));
        }
    }
}
