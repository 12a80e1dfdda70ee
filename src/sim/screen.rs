//! Screenshots, really drawn: a desktop, a window in its application's colour, contents of the kind that stands there, a task bar.

mod canvas;
mod contents;

use std::sync::Arc;

use image::ExtendedColorType;
use image::ImageError;
use image::codecs::jpeg::JpegEncoder;

use crate::sim::catalogue::Looks;
use crate::sim::chance::Chance;
use crate::sim::day::Event;
use crate::sim::day::Fact;
use crate::sim::office::Office;
use canvas::Canvas;
use canvas::Colour;
use canvas::Rect;

pub(super) const WIDTH: i32 = 1280;
pub(super) const HEIGHT: i32 = 720;
const TASKBAR: i32 = 40;
const TITLE_BAR: i32 = 34;
const QUALITY: u8 = 24;

/// The moment at which an agent takes a picture, and what was in front then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shot {
    pub(super) account: usize,
    /// Milliseconds since 1970.
    pub(super) at_ms: i64,
    pub(super) app: &'static str,
    pub(super) title: Arc<str>,
    pub(super) url: Option<Arc<str>>,
}

/// Moments of a person's day, one for every 20 to 30 minutes with a window in front.
pub(super) fn shots(events: &[Event], mut chance: Chance) -> Vec<Shot> {
    let mut found = Vec::new();
    let mut left = chance.between(3, 12) * 60_000;
    for (index, event) in events.iter().enumerate() {
        let Fact::ActiveWindow { app, title } = &event.fact else { continue };
        left -= event.duration_ms;
        if left > 0 {
            continue;
        }
        left = chance.between(20, 30) * 60_000;
        let url =
            events[index..].iter().take_while(|next| next.end_ms() == event.end_ms()).find_map(|next| {
                match &next.fact {
                    Fact::VisitedSite { url, .. } if next.start_ms == event.start_ms => Some(url.clone()),
                    _ => None,
                }
            });
        let at_ms = event.start_ms + event.duration_ms / 2;
        found.push(Shot { account: event.account, at_ms, app, title: title.clone(), url });
    }
    found
}

/// The picture as a JPEG.
pub(super) fn draw(office: &Office, shot: &Shot) -> Result<Vec<u8>, ImageError> {
    let mut chance = Chance::of(&[office.seed, 40, shot.account as u64, shot.at_ms.unsigned_abs()]);
    let mut canvas = Canvas::new(WIDTH, HEIGHT);
    wallpaper(&mut canvas, office, shot.account);
    let window = window(&mut chance);
    canvas.fill(window.grow(1), Colour::grey(150));
    canvas.fill(window, Colour::grey(250));
    let (bar, body) = window.split_top(TITLE_BAR);
    match browser(office, shot) {
        Some(tab) => {
            let page = browser_frame(&mut canvas, bar, body, &tab);
            contents::draw(&mut canvas, page, tab.looks, (office, &mut chance));
        }
        None => {
            let app = office.catalogue.find_app(shot.app);
            let colour = app.map_or(Colour::grey(90), |app| Colour::parse(&app.colour));
            title_bar(&mut canvas, bar, colour, &shot.title);
            contents::draw(&mut canvas, body, app.map_or(Looks::Text, |app| app.looks), (office, &mut chance));
        }
    }
    task_bar(&mut canvas, office, shot);
    let mut jpeg = Vec::with_capacity(60_000);
    let (width, height) = (WIDTH.unsigned_abs(), HEIGHT.unsigned_abs());
    JpegEncoder::new_with_quality(&mut jpeg, QUALITY).encode(
        canvas.pixels(),
        width,
        height,
        ExtendedColorType::Rgb8,
    )?;
    Ok(jpeg)
}

struct Tab<'shot> {
    browser: Colour,
    site: Colour,
    looks: Looks,
    title: &'shot str,
    url: &'shot str,
}

fn browser<'shot>(office: &Office, shot: &'shot Shot) -> Option<Tab<'shot>> {
    let url = shot.url.as_deref()?;
    let browser = office.catalogue.find_browser(shot.app)?;
    let address = url.trim_start_matches("https://");
    let site = office.catalogue.sites.iter().find(|site| address.starts_with(site.host.as_str()))?;
    let title = shot.title.trim_end_matches(browser.suffix.as_str());
    Some(Tab {
        browser: Colour::parse(&browser.colour),
        site: Colour::parse(&site.colour),
        looks: site.looks,
        title,
        url: address,
    })
}

/// Maximized mostly; otherwise somewhere over the wallpaper.
fn window(chance: &mut Chance) -> Rect {
    if chance.happens(700) {
        return Rect { x: 0, y: 0, width: WIDTH, height: HEIGHT - TASKBAR };
    }
    let mut place = |low, high| i32::try_from(chance.between(low, high)).unwrap_or(0);
    let (x, y) = (place(110, 220), place(20, 60));
    Rect { x, y, width: place(940, 1020), height: HEIGHT - TASKBAR - y - place(20, 50) }
}

fn wallpaper(canvas: &mut Canvas, office: &Office, account: usize) {
    let mut chance = Chance::of(&[office.seed, 41, account as u64]);
    let tints = ["1F3B7D", "0B6F70", "33404F", "4A5D23", "5B3A64"];
    let base = Colour::parse(tints[chance.below(tints.len())]);
    for band in 0..HEIGHT / 8 {
        canvas.fill(Rect { x: 0, y: band * 8, width: WIDTH, height: 8 }, base.lighter(band / 3));
    }
    for icon in 0..7 {
        let top = 24 + icon * 88;
        let colour = Colour::hue(chance.next());
        canvas.fill(Rect { x: 32, y: top, width: 40, height: 40 }, colour);
        canvas.fill(Rect { x: 38, y: top + 8, width: 28, height: 6 }, colour.lighter(60));
        canvas.text(
            (22, top + 48),
            2,
            Colour::WHITE,
            &office.catalogue.files[chance.below(office.catalogue.files.len())],
        );
    }
}

fn title_bar(canvas: &mut Canvas, bar: Rect, colour: Colour, title: &str) {
    canvas.fill(bar, colour);
    let ink = colour.ink();
    canvas.fill(Rect { x: bar.x + 10, y: bar.y + 9, width: 16, height: 16 }, ink);
    canvas.fill(Rect { x: bar.x + 13, y: bar.y + 12, width: 10, height: 10 }, colour);
    canvas.text_within((bar.x + 38, bar.y + 12), 2, ink, (title, bar.width - 200));
    buttons(canvas, bar, ink);
}

/// Minimize, maximize, close.
fn buttons(canvas: &mut Canvas, bar: Rect, ink: Colour) {
    let right = bar.x + bar.width;
    canvas.fill(Rect { x: right - 116, y: bar.y + 17, width: 11, height: 1 }, ink);
    canvas.frame(Rect { x: right - 72, y: bar.y + 12, width: 11, height: 11 }, ink);
    for step in 0..11 {
        canvas.fill(Rect { x: right - 28 + step, y: bar.y + 12 + step, width: 1, height: 1 }, ink);
        canvas.fill(Rect { x: right - 18 - step, y: bar.y + 12 + step, width: 1, height: 1 }, ink);
    }
}

/// Tabs, address and the head of the page; what remains is the page.
fn browser_frame(canvas: &mut Canvas, bar: Rect, body: Rect, tab: &Tab<'_>) -> Rect {
    canvas.fill(bar, tab.browser);
    buttons(canvas, bar, Colour::grey(60));
    let front = Rect { x: bar.x + 10, y: bar.y + 6, width: 260, height: bar.height - 6 };
    canvas.fill(front, Colour::WHITE);
    canvas.fill(Rect { x: front.x + 10, y: front.y + 8, width: 12, height: 12 }, tab.site);
    canvas.text_within((front.x + 30, front.y + 9), 2, Colour::grey(50), (tab.title, 215));
    for other in 1..3 {
        let x = front.x + other * 170 + 110;
        canvas.fill(
            Rect { x, y: front.y + 9, width: 12, height: 10 },
            Colour::grey(140 + other.unsigned_abs().to_le_bytes()[0] * 20),
        );
        canvas.fill(Rect { x: x + 20, y: front.y + 12, width: 100, height: 4 }, Colour::grey(150));
    }
    let (address, page) = body.split_top(36);
    canvas.fill(address, Colour::WHITE);
    canvas
        .fill(Rect { x: address.x + 90, y: address.y + 5, width: address.width - 180, height: 26 }, Colour::grey(238));
    canvas.text_within((address.x + 104, address.y + 13), 2, Colour::grey(70), (tab.url, address.width - 220));
    let (head, page) = page.split_top(48);
    canvas.fill(head, tab.site);
    let host = tab.url.split('/').next().unwrap_or(tab.url);
    canvas.text((head.x + 32, head.y + 16), 3, tab.site.ink(), host);
    page
}

fn task_bar(canvas: &mut Canvas, office: &Office, shot: &Shot) {
    let bar = Rect { x: 0, y: HEIGHT - TASKBAR, width: WIDTH, height: TASKBAR };
    canvas.fill(bar, Colour::parse("1B2430"));
    for (column, row) in [(0, 0), (1, 0), (0, 1), (1, 1)] {
        canvas
            .fill(Rect { x: 16 + column * 10, y: bar.y + 11 + row * 10, width: 8, height: 8 }, Colour::parse("6FA8F0"));
    }
    for (place, app) in (0..8).zip(&office.catalogue.apps) {
        let x = 64 + place * 46;
        canvas.fill(Rect { x, y: bar.y + 10, width: 20, height: 20 }, Colour::parse(&app.colour));
        if app.name == shot.app {
            canvas.fill(Rect { x: x - 4, y: bar.y + 36, width: 28, height: 3 }, Colour::WHITE);
        }
    }
    let computer = &office.computers[office.accounts[shot.account].computer].name;
    canvas.text((WIDTH - 240, bar.y + 16), 2, Colour::grey(200), computer);
    canvas.text((WIDTH - 110, bar.y + 16), 2, Colour::WHITE, "UZ");
    let minutes = shot.at_ms / 60_000;
    for (place, width) in [(0, 26), (1, 40)] {
        // The clock is not readable on purpose: the time of a screenshot is what its event says.
        let y = bar.y + 12 + place * 10;
        canvas.fill(
            Rect { x: WIDTH - 64, y, width: width - i32::try_from(minutes % 3).unwrap_or(0), height: 5 },
            Colour::grey(180),
        );
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::draw;
    use super::shots;
    use crate::kernel::Zone;
    use crate::sim::chance::Chance;
    use crate::sim::day::events;
    use crate::sim::office::Office;

    #[test]
    fn a_day_gives_a_picture_every_twenty_to_thirty_minutes_and_each_is_a_small_jpeg() {
        let office = Office::build(1, 60);
        let (mut drawn, mut bytes) = (0, 0);
        for person in [0, 12, 25, 40, 50, 53] {
            let events = events(&office, &office.people[person], date(2026, 11, 18), &Zone::default());
            let shots = shots(&events, Chance::of(&[1]));
            assert!(events.len() < 500 || (8..30).contains(&shots.len()), "{} shots", shots.len());
            for shot in shots.iter().step_by(8) {
                let jpeg = draw(&office, shot).unwrap();
                let picture = image::load_from_memory(&jpeg).unwrap();
                assert_eq!((picture.width(), picture.height()), (1280, 720));
                assert_eq!(jpeg, draw(&office, shot).unwrap(), "the same shot is drawn the same");
                bytes += jpeg.len();
                drawn += 1;
            }
        }
        assert!(drawn > 8 && bytes / drawn < 66_000, "{drawn} pictures of {} bytes on average", bytes / drawn);
    }
}
