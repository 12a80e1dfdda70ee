//! Pictures of faces: checked by really decoding them, turned upright, made small, and without anything else in them.

use image::DynamicImage;
use image::ImageDecoder as _;
use image::RgbImage;
use image::Rgba;

use super::picture::PictureError;
use super::picture::decoder;
use super::picture::jpeg;

/// The longest file that a terminal takes.
const MOST_BYTES: usize = 200_000;
/// Less does not show a face.
const LEAST: u32 = 240;
/// More than this is of no use to a terminal.
const LONG: u32 = 960;
const SHORT: u32 = 720;
/// From good to bearable.
const QUALITIES: [u8; 5] = [90, 82, 74, 66, 58];
const JPEG: &[u8] = b"\xff\xd8\xff";
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";

/// A picture of a face as terminals take it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Portrait {
    /// A JPEG of at most 200 KB, upright, without metadata.
    pub jpeg: Vec<u8>,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
}

/// The bytes are no picture of a face.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PortraitError {
    /// Another kind of file.
    #[error("the file is no JPEG or PNG picture")]
    Unsupported,
    /// Begins like a picture and does not go on like one.
    #[error("the picture cannot be decoded: {0}")]
    Broken(String),
    /// More pixels or memory than one picture gets.
    #[error("the picture has more than 40 megapixels; make it smaller first")]
    TooManyPixels,
    /// A face cannot be seen.
    #[error("the picture has {width} x {height} pixels; a face needs at least 240 x 240")]
    TooSmall {
        /// Pixels.
        width: u32,
        /// Pixels.
        height: u32,
    },
    /// A strip and no portrait.
    #[error("the picture has {width} x {height} pixels; one side may be at most three times the other")]
    TooLong {
        /// Pixels.
        width: u32,
        /// Pixels.
        height: u32,
    },
}

impl From<PictureError> for PortraitError {
    fn from(problem: PictureError) -> Self {
        match problem {
            PictureError::Unsupported => Self::Unsupported,
            PictureError::Broken(why) => Self::Broken(why),
            PictureError::TooLarge => Self::TooManyPixels,
        }
    }
}

impl Portrait {
    /// Makes a portrait of a JPEG or PNG picture, whatever its name says. Takes a while: not for an async thread.
    pub fn develop(bytes: &[u8]) -> Result<Self, PortraitError> {
        if !bytes.starts_with(JPEG) && !bytes.starts_with(PNG) {
            return Err(PortraitError::Unsupported);
        }
        let (_, mut decoder) = decoder(bytes)?;
        let (width, height) = decoder.dimensions();
        // A side stays a side when the picture is turned, so that this is known before anything is decoded.
        if width.min(height) < LEAST {
            return Err(PortraitError::TooSmall { width, height });
        }
        if u64::from(width.max(height)) > 3 * u64::from(width.min(height)) {
            return Err(PortraitError::TooLong { width, height });
        }
        let broken = |problem: image::ImageError| PortraitError::from(PictureError::from(problem));
        // A camera that lies on its side says so beside the picture, which goes with everything else that stands there.
        let orientation = decoder.orientation().map_err(broken)?;
        let mut image = DynamicImage::from_decoder(decoder).map_err(broken)?;
        let (wide, high) = if width > height { (LONG, SHORT) } else { (SHORT, LONG) };
        if width > wide || height > high {
            image = image.thumbnail(wide, high);
        }
        image.apply_orientation(orientation);
        let mut image = on_white(image);
        loop {
            for quality in QUALITIES {
                let jpeg = jpeg(&image, quality)?;
                if jpeg.len() <= MOST_BYTES {
                    return Ok(Self { jpeg, width: image.width(), height: image.height() });
                }
            }
            image = image.thumbnail(image.width() * 4 / 5, image.height() * 4 / 5);
        }
    }
}

/// What shines through is white: a JPEG knows no transparency, and black behind a face is no background.
fn on_white(image: DynamicImage) -> DynamicImage {
    if !image.color().has_alpha() {
        return image;
    }
    let image = image.to_rgba8();
    let mut opaque = RgbImage::new(image.width(), image.height());
    for (pixel, Rgba([red, green, blue, alpha])) in opaque.pixels_mut().zip(image.pixels()) {
        let over = |colour: &u8| {
            let mixed = u32::from(*colour) * u32::from(*alpha) + 255 * (255 - u32::from(*alpha));
            u8::try_from(mixed / 255).unwrap_or(u8::MAX)
        };
        pixel.0 = [over(red), over(green), over(blue)];
    }
    DynamicImage::ImageRgb8(opaque)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use image::DynamicImage;
    use image::ImageFormat;
    use image::Rgb;
    use image::RgbImage;
    use image::RgbaImage;

    use super::MOST_BYTES;
    use super::Portrait;
    use super::PortraitError;

    fn file(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        image.write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    fn plain(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
        file(&DynamicImage::new_rgb8(width, height), format)
    }

    fn decoded(portrait: &Portrait) -> RgbImage {
        let image = image::load_from_memory_with_format(&portrait.jpeg, ImageFormat::Jpeg).unwrap().to_rgb8();
        assert_eq!((image.width(), image.height()), (portrait.width, portrait.height));
        image
    }

    /// A picture whose upper left quarter is white, taken by a camera that lay on its side.
    fn lying() -> Vec<u8> {
        let white = |x, y| if x < 320 && y < 240 { Rgb([255, 255, 255]) } else { Rgb([0, 0, 0]) };
        let bytes = file(&RgbImage::from_fn(640, 480, white).into(), ImageFormat::Jpeg);
        // Tag 0x0112 is 6: to be turned to the right.
        let exif = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0";
        let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
        [&bytes[..2], b"\xff\xe1", &length, exif, &bytes[2..]].concat()
    }

    #[test]
    fn a_portrait_is_a_small_jpeg_whatever_it_was() {
        for format in [ImageFormat::Jpeg, ImageFormat::Png] {
            for (size, fits) in [
                ((480, 640), (480, 640)),
                ((3_000, 4_000), (720, 960)),
                ((4_000, 3_000), (960, 720)),
                ((2_000, 2_000), (720, 720)),
                ((240, 720), (240, 720)),
                ((3_000, 1_000), (960, 320)),
            ] {
                let portrait = Portrait::develop(&plain(size.0, size.1, format)).unwrap();
                assert_eq!((portrait.width, portrait.height), fits, "{format:?} {size:?}");
                assert!(portrait.jpeg.len() <= MOST_BYTES);
                decoded(&portrait);
            }
        }
    }

    #[test]
    fn the_worst_picture_fits_as_well() {
        let mut chance = 1_u32;
        let noise = RgbImage::from_fn(1_440, 1_920, |_, _| {
            let mut next = || {
                chance ^= chance << 13;
                chance ^= chance >> 17;
                chance ^= chance << 5;
                chance.to_le_bytes()[0]
            };
            Rgb([next(), next(), next()])
        });
        let large = image::imageops::resize(&noise, 720, 960, image::imageops::FilterType::Nearest);
        let portrait = Portrait::develop(&file(&large.into(), ImageFormat::Png)).unwrap();
        assert!(portrait.jpeg.len() <= MOST_BYTES, "{}", portrait.jpeg.len());
        assert!(portrait.width >= 240 && portrait.height >= 240);
    }

    #[test]
    fn a_lying_camera_is_turned_upright_and_says_nothing_more() {
        let portrait = Portrait::develop(&lying()).unwrap();
        assert_eq!((portrait.width, portrait.height), (480, 640));
        let image = decoded(&portrait);
        assert!(image.get_pixel(400, 100).0[0] > 200 && image.get_pixel(100, 100).0[0] < 50);
        assert!(!portrait.jpeg.windows(4).any(|four| four == b"Exif"));
    }

    #[test]
    fn nothing_shines_through() {
        let clear = file(&RgbaImage::new(300, 300).into(), ImageFormat::Png);
        let image = decoded(&Portrait::develop(&clear).unwrap());
        assert!(image.pixels().all(|pixel| pixel.0.iter().all(|colour| *colour > 250)));
    }

    #[track_caller]
    fn check(bytes: &[u8], refused: PortraitError) {
        assert_eq!(Portrait::develop(bytes), Err(refused));
    }

    #[test]
    fn what_shows_no_face_is_told_apart() {
        check(b"", PortraitError::Unsupported);
        check(b"GIF89a\x01\x00\x01\x00", PortraitError::Unsupported);
        check(&plain(300, 300, ImageFormat::WebP), PortraitError::Unsupported);
        check(&plain(239, 640, ImageFormat::Png), PortraitError::TooSmall { width: 239, height: 640 });
        check(&plain(640, 239, ImageFormat::Jpeg), PortraitError::TooSmall { width: 640, height: 239 });
        check(&plain(240, 721, ImageFormat::Png), PortraitError::TooLong { width: 240, height: 721 });
        check(&plain(8_000, 5_001, ImageFormat::Png), PortraitError::TooManyPixels);
        let whole = plain(300, 300, ImageFormat::Png);
        assert!(matches!(Portrait::develop(&whole[..whole.len() / 2]), Err(PortraitError::Broken(_))));
        assert!(matches!(Portrait::develop(b"\xff\xd8\xff\xe0nothing"), Err(PortraitError::Broken(_))));
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_it_panic(png: bool, tail: Vec<u8>) {
            let head: &[u8] = if png { super::PNG } else { super::JPEG };
            drop(Portrait::develop(&[head, &tail].concat()));
        }
    }
}
