//! What tests of several modules share.

pub(crate) mod agent;
pub(crate) mod app;
pub(crate) mod appliance;
pub(crate) mod office;
pub(crate) mod programs;
pub(crate) mod services;
pub(crate) mod tools;

/// A plain PNG picture.
pub(crate) fn picture(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    image::DynamicImage::new_rgb8(width, height).write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}
