//! Rectangles and a 3 by 5 letter set: all that a believable screenshot needs.

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rect {
    pub(super) x: i32,
    pub(super) y: i32,
    pub(super) width: i32,
    pub(super) height: i32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Colour([u8; 3]);

pub(super) struct Canvas {
    width: i32,
    height: i32,
    pixels: Vec<u8>,
}

impl Rect {
    pub(super) fn split_top(self, height: i32) -> (Self, Self) {
        let below = Self { y: self.y + height, height: self.height - height, ..self };
        (Self { height, ..self }, below)
    }

    pub(super) fn split_left(self, width: i32) -> (Self, Self) {
        let right = Self { x: self.x + width, width: self.width - width, ..self };
        (Self { width, ..self }, right)
    }

    pub(super) fn grow(self, by: i32) -> Self {
        Self { x: self.x - by, y: self.y - by, width: self.width + 2 * by, height: self.height + 2 * by }
    }
}

impl Colour {
    pub(super) const WHITE: Self = Self([255; 3]);

    pub(super) fn grey(level: u8) -> Self {
        Self([level; 3])
    }

    /// Six hexadecimal digits; anything else is grey.
    pub(super) fn parse(text: &str) -> Self {
        let bits = u32::from_str_radix(text, 16).unwrap_or(0x80_80_80);
        let [_, red, green, blue] = bits.to_be_bytes();
        Self([red, green, blue])
    }

    /// A muted colour out of chance.
    pub(super) fn hue(bits: u64) -> Self {
        let [red, green, blue, ..] = bits.to_le_bytes();
        Self([red / 2 + 70, green / 2 + 70, blue / 2 + 70])
    }

    pub(super) fn lighter(self, by: i32) -> Self {
        let by = u8::try_from(by.clamp(0, 255)).unwrap_or(0);
        Self(self.0.map(|level| level.saturating_add(by)))
    }

    /// Black or white, whichever reads better on this colour.
    pub(super) fn ink(self) -> Self {
        let [red, green, blue] = self.0.map(u32::from);
        if red * 3 + green * 6 + blue > 1500 { Self::grey(25) } else { Self::WHITE }
    }
}

impl Canvas {
    pub(super) fn new(width: i32, height: i32) -> Self {
        let size = usize::try_from(width * height * 3).unwrap_or(0);
        Self { width, height, pixels: vec![0; size] }
    }

    pub(super) fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// Fills what of the rectangle lies on the canvas.
    pub(super) fn fill(&mut self, rect: Rect, colour: Colour) {
        let (left, right) = (rect.x.clamp(0, self.width), (rect.x + rect.width).clamp(0, self.width));
        let (top, bottom) = (rect.y.clamp(0, self.height), (rect.y + rect.height).clamp(0, self.height));
        for row in top..bottom {
            let at = |column: i32| usize::try_from((row * self.width + column) * 3).unwrap_or(0);
            let (from, to) = (at(left), at(right.max(left)));
            for pixel in self.pixels[from..to].chunks_exact_mut(3) {
                pixel.copy_from_slice(&colour.0);
            }
        }
    }

    pub(super) fn frame(&mut self, rect: Rect, colour: Colour) {
        let Rect { x, y, width, height } = rect;
        for (x, y, width, height) in
            [(x, y, width, 1), (x, y + height - 1, width, 1), (x, y, 1, height), (x + width - 1, y, 1, height)]
        {
            self.fill(Rect { x, y, width, height }, colour);
        }
    }

    pub(super) fn text(&mut self, at: (i32, i32), scale: i32, colour: Colour, text: &str) {
        self.text_within(at, scale, colour, (text, i32::MAX));
    }

    /// As much of the text as fits the width.
    pub(super) fn text_within(&mut self, (x, y): (i32, i32), scale: i32, colour: Colour, (text, width): (&str, i32)) {
        let mut pen = 0;
        for letter in text.chars() {
            if pen + 3 * scale > width {
                break;
            }
            let rows = glyph(letter);
            for row in 0..5 {
                let bits = rows >> (3 * (4 - row)) & 0o7;
                for column in (0..3).filter(|column| bits & (0o4 >> column) != 0) {
                    let cell = Rect { x: x + pen + column * scale, y: y + row * scale, width: scale, height: scale };
                    self.fill(cell, colour);
                }
            }
            pen += 4 * scale;
        }
    }
}

/// Five rows of three bits, the top row first: one octal digit each.
fn glyph(letter: char) -> u32 {
    const LATIN: [u32; 26] = [
        0o25755, 0o65656, 0o34443, 0o65556, 0o74647, 0o74644, 0o34553, 0o55755, 0o72227, 0o11152, 0o55655, 0o44447,
        0o57755, 0o65555, 0o25552, 0o65644, 0o25563, 0o65655, 0o34216, 0o72222, 0o55557, 0o55552, 0o55775, 0o55255,
        0o55222, 0o71247,
    ];
    const SOUNDS: &[u8; 32] = b"ABVGDEJZIYKLMNOPRSTUFHCCSSYYYEUA";
    const DIGITS: [u32; 10] =
        [0o75557, 0o26227, 0o61247, 0o61216, 0o55711, 0o74616, 0o34757, 0o71222, 0o75757, 0o75716];
    let offset = |first: u8| {
        usize::try_from(u32::from(letter.to_ascii_uppercase()).wrapping_sub(u32::from(first))).unwrap_or(usize::MAX)
    };
    match letter {
        'a'..='z' | 'A'..='Z' => LATIN[offset(b'A')],
        '0'..='9' => DIGITS[offset(b'0')],
        '-' | '_' => 0o00700,
        '.' | ',' => 0o00002,
        ':' => 0o02020,
        '/' | '\\' => 0o11244,
        '(' => 0o12221,
        ')' => 0o42224,
        '\u{02BB}' | '\u{02BC}' => 0o22000,
        '\u{2116}' => LATIN[13],
        ' ' => 0,
        // Cyrillic in its Latin sound.
        '\u{0410}'..='\u{044F}' => glyph(char::from(SOUNDS[(u32::from(letter) - 0x410) as usize % 32])),
        _ => 0o05250,
    }
}
