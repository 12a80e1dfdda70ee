//! A text as a square that a phone reads.

use qrcode::Color;
use qrcode::EcLevel;
use qrcode::QrCode;

/// Light modules around the square, without which many readers find nothing.
const QUIET: usize = 4;

/// The square as one path of an SVG. It is drawn dark on light in every theme: few readers take the opposite.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Qr {
    /// Modules on a side, with the quiet zone.
    pub(super) size: usize,
    pub(super) path: String,
}

impl Qr {
    /// None when the text is too long. A screen is read without dirt on it, so large modules help more than repair.
    pub(super) fn of(text: &str) -> Option<Self> {
        let code = QrCode::with_error_correction_level(text, EcLevel::L).ok()?;
        let mut path = String::new();
        for (y, line) in code.to_colors().chunks(code.width()).enumerate() {
            let mut x = 0;
            for run in line.chunk_by(|one, next| one == next) {
                let long = run.len();
                if run.first() == Some(&Color::Dark) {
                    path.push_str(&format!("M{} {}h{long}v1h-{long}z", x + QUIET, y + QUIET));
                }
                x += long;
            }
        }
        Some(Self { size: code.width() + 2 * QUIET, path })
    }
}

#[cfg(test)]
mod tests {
    use super::QUIET;
    use super::Qr;

    #[test]
    fn a_token_fits_and_has_room_around_it() {
        let token = format!("nzj_{}", "a".repeat(266));
        let qr = Qr::of(&token).unwrap();
        assert_eq!(qr.size, 57 + 2 * QUIET);
        // The corner at the top left: seven dark modules, and nothing before them.
        assert!(qr.path.starts_with("M4 4h7v1h-7z"), "{}", &qr.path[..40]);
        assert!(Qr::of(&"a".repeat(3_000)).is_none());
    }
}
