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
