//! What fills a window: one drawing for each look of the catalogue.

use super::canvas::Canvas;
use super::canvas::Colour;
use super::canvas::Rect;
use crate::sim::catalogue::Looks;
use crate::sim::chance::Chance;
use crate::sim::office::Office;

pub(super) fn draw(canvas: &mut Canvas, area: Rect, looks: Looks, (office, chance): (&Office, &mut Chance)) {
    let mut scene = Scene { canvas, office, chance };
    match looks {
        Looks::Form => scene.form(area),
        Looks::Table => scene.table(area),
        Looks::Text => scene.text(area),
        Looks::Slide => scene.slide(area),
        Looks::Mail => scene.mail(area),
        Looks::Chat => scene.chat(area),
        Looks::Files => scene.files(area),
        Looks::Canvas => scene.pictures(area),
        Looks::Code => scene.code(area),
    }
}

struct Scene<'scene> {
    canvas: &'scene mut Canvas,
    office: &'scene Office,
    chance: &'scene mut Chance,
}

impl Scene<'_> {
    /// Fields in two columns over a short table, as in bookkeeping.
    fn form(&mut self, area: Rect) {
        self.canvas.fill(area, Colour::parse("FBF8EC"));
        let (tools, body) = area.split_top(40);
        self.tools(tools, Colour::parse("F5EBC4"));
        let (menu, body) = body.split_left(190);
        self.list(menu, Colour::parse("F3ECD2"), 12);
        let (fields, rows) = body.split_top(190);
        for field in 0..8 {
            let (x, y) = (fields.x + 24 + (field % 2) * (fields.width / 2), fields.y + 20 + (field / 2) * 42);
            self.canvas.fill(Rect { x, y: y + 4, width: 64 + field * 4, height: 5 }, Colour::grey(120));
            let value = Rect { x: x + 130, y: y - 6, width: fields.width / 2 - 190, height: 26 };
            self.canvas.fill(value, Colour::WHITE);
            self.canvas.frame(value, Colour::parse("B9AE85"));
            let text = if field % 3 == 0 { self.client() } else { self.amount() };
            self.canvas.text_within((value.x + 8, value.y + 8), 2, Colour::grey(40), (&text, value.width - 16));
        }
        self.grid(Rect { x: rows.x + 24, width: rows.width - 48, height: rows.height - 20, ..rows }, (30, 5));
    }

    fn table(&mut self, area: Rect) {
        self.canvas.fill(area, Colour::WHITE);
        let (tools, body) = area.split_top(52);
        self.tools(tools, Colour::grey(243));
        self.grid(body, (24, 8));
    }

    /// A page of paragraphs on grey.
    fn text(&mut self, area: Rect) {
        self.canvas.fill(area, Colour::grey(230));
        let page =
            Rect { x: area.x + area.width / 5, y: area.y + 24, width: area.width * 3 / 5, height: area.height - 24 };
        self.canvas.fill(page, Colour::WHITE);
        let heading = self.client();
        self.canvas.text_within((page.x + 60, page.y + 40), 3, Colour::grey(30), (&heading, page.width - 120));
        let mut y = page.y + 84;
        while y < page.y + page.height - 20 {
            let lines = self.chance.between(2, 6);
            for line in 0..lines {
                let full = page.width - 120;
                let width = if line + 1 == lines { full / 2 } else { full };
                self.words((page.x + 60, y), width, Colour::grey(105));
                y += 18;
            }
            y += 16;
        }
    }

    fn slide(&mut self, area: Rect) {
        self.canvas.fill(area, Colour::grey(60));
        let (thumbs, stage) = area.split_left(170);
        for thumb in 0..5 {
            let rect = Rect { x: thumbs.x + 20, y: thumbs.y + 20 + thumb * 96, width: 130, height: 76 };
            self.canvas.fill(rect, Colour::WHITE);
            self.canvas.fill(Rect { x: rect.x + 10, y: rect.y + 10, width: 70, height: 6 }, Colour::grey(120));
        }
        let slide = Rect { x: stage.x + 30, y: stage.y + 30, width: stage.width - 60, height: stage.height - 60 };
        self.canvas.fill(slide, Colour::WHITE);
        let title = self.client();
        self.canvas.text_within((slide.x + 40, slide.y + 36), 5, Colour::parse("1F3B7D"), (&title, slide.width - 80));
        let colour = Colour::hue(self.chance.next());
        for bar in 0..9 {
            let height = i32::try_from(self.chance.between(40, 260)).unwrap_or(40).min(slide.height - 140);
            let x = slide.x + 50 + bar * (slide.width - 100) / 9;
            self.canvas
                .fill(Rect { x, y: slide.y + slide.height - 40 - height, width: 50, height }, colour.lighter(bar * 6));
        }
    }

    fn mail(&mut self, area: Rect) {
        self.canvas.fill(area, Colour::WHITE);
        let (folders, rest) = area.split_left(170);
        self.list(folders, Colour::grey(240), 9);
        let (letters, letter) = rest.split_left(330);
        for row in 0..letters.height / 58 {
            let y = letters.y + row * 58;
            if row == 2 {
                self.canvas.fill(Rect { y, height: 58, ..letters }, Colour::parse("DCE8F7"));
            }
            let sender = self.colleague();
            self.canvas.text_within((letters.x + 16, y + 12), 2, Colour::grey(30), (&sender, 240));
            self.words((letters.x + 16, y + 34), 260, Colour::grey(150));
            self.canvas.fill(Rect { y: y + 57, height: 1, ..letters }, Colour::grey(225));
        }
        self.canvas.fill(Rect { width: 1, ..letter }, Colour::grey(215));
        let subject = self.client();
        self.canvas.text_within((letter.x + 28, letter.y + 28), 3, Colour::grey(25), (&subject, letter.width - 60));
        for line in 0..14 {
            let width = if line % 5 == 4 { letter.width / 3 } else { letter.width - 80 };
            self.words((letter.x + 28, letter.y + 80 + line * 22), width, Colour::grey(110));
        }
    }

    fn chat(&mut self, area: Rect) {
        let (people, talk) = area.split_left(280);
        self.canvas.fill(people, Colour::WHITE);
        for row in 0..people.height / 62 {
            let y = people.y + row * 62;
            let avatar = Colour::hue(self.chance.next());
            self.canvas.fill(Rect { x: people.x + 14, y: y + 12, width: 38, height: 38 }, avatar);
            let name = self.colleague();
            self.canvas.text_within((people.x + 66, y + 16), 2, Colour::grey(40), (&name, 200));
            self.words((people.x + 66, y + 36), 170, Colour::grey(160));
        }
        self.canvas.fill(talk, Colour::parse("C9DDC0"));
        let mut y = talk.y + 24;
        while y < talk.y + talk.height - 70 {
            let mine = self.chance.happens(450);
            let lines = i32::try_from(self.chance.between(1, 3)).unwrap_or(1);
            let width = i32::try_from(self.chance.between(160, 420)).unwrap_or(160).min(talk.width - 80);
            let x = if mine { talk.x + talk.width - width - 24 } else { talk.x + 24 };
            let bubble = Rect { x, y, width, height: 20 + lines * 18 };
            self.canvas.fill(bubble, if mine { Colour::parse("E6FAD3") } else { Colour::WHITE });
            for line in 0..lines {
                self.words((x + 14, y + 14 + line * 18), width - 28, Colour::grey(90));
            }
            y += bubble.height + 14;
        }
    }

    fn files(&mut self, area: Rect) {
        self.canvas.fill(area, Colour::WHITE);
        let (tree, body) = area.split_left(210);
        self.list(tree, Colour::grey(246), 11);
        for place in 0..24 {
            let (x, y) = (body.x + 36 + (place % 6) * 138, body.y + 30 + (place / 6) * 138);
            if x + 100 > body.x + body.width || y + 100 > body.y + body.height {
                continue;
            }
            let folder = self.chance.happens(600);
            let colour = if folder { Colour::parse("F4CB58") } else { Colour::grey(225) };
            self.canvas.fill(Rect { x: x + 10, y: y + 6, width: 24, height: 8 }, colour);
            self.canvas.fill(Rect { x: x + 10, y: y + 12, width: 60, height: 46 }, colour);
            let name = self.office.catalogue.files[self.chance.below(self.office.catalogue.files.len())].as_str();
            self.canvas.text_within((x + 4, y + 74), 2, Colour::grey(60), (name, 104));
        }
    }

    /// Cards with a picture and a line below, as in shops and video lists.
    fn pictures(&mut self, area: Rect) {
        self.canvas.fill(area, Colour::grey(245));
        let columns = (area.width - 40) / 230;
        for place in 0..columns * 4 {
            let (x, y) = (area.x + 28 + (place % columns) * 230, area.y + 24 + (place / columns) * 190);
            let colour = Colour::hue(self.chance.next());
            for band in 0..5 {
                self.canvas.fill(Rect { x, y: y + band * 24, width: 206, height: 24 }, colour.lighter(band * 14));
            }
            let left = i32::try_from(self.chance.between(10, 120)).unwrap_or(10);
            self.canvas.fill(Rect { x: x + left, y: y + 40, width: 60, height: 56 }, colour.lighter(90));
            self.words((x, y + 132), 190, Colour::grey(80));
            self.words((x, y + 150), 110, Colour::grey(150));
        }
    }

    fn code(&mut self, area: Rect) {
        self.canvas.fill(area, Colour::parse("1B1F27"));
        let colours = ["8FB7E8", "C9A26D", "9BC28A", "C4C9D2", "B58AC9"];
        let mut indent = 0;
        for row in 0..area.height / 17 {
            let y = area.y + 12 + row * 17;
            self.canvas.text((area.x + 12, y), 2, Colour::grey(85), &format!("{:>3}", row + 1));
            indent = (indent + i32::try_from(self.chance.between(-1, 1)).unwrap_or(0)).clamp(0, 6);
            if self.chance.happens(120) {
                continue;
            }
            let mut x = area.x + 64 + indent * 26;
            for _ in 0..self.chance.between(1, 5) {
                let width = i32::try_from(self.chance.between(20, 110)).unwrap_or(20);
                let colour = Colour::parse(colours[self.chance.below(colours.len())]);
                self.words((x, y), width.min(area.x + area.width - x), colour);
                x += width + 12;
            }
        }
    }

    /// A row of buttons.
    fn tools(&mut self, area: Rect, colour: Colour) {
        self.canvas.fill(area, colour);
        for button in 0..12 {
            let rect = Rect { x: area.x + 16 + button * 62, y: area.y + area.height / 2 - 8, width: 16, height: 16 };
            self.canvas.fill(rect, Colour::hue(self.chance.next()));
            self.canvas.fill(Rect { x: rect.x + 22, y: rect.y + 6, width: 26, height: 4 }, Colour::grey(140));
        }
    }

    fn list(&mut self, area: Rect, colour: Colour, rows: i32) {
        self.canvas.fill(area, colour);
        for row in 0..rows {
            let y = area.y + 20 + row * 34;
            self.canvas.fill(Rect { x: area.x + 14, y, width: 12, height: 12 }, Colour::hue(self.chance.next()));
            self.words((area.x + 36, y + 2), area.width - 70, Colour::grey(110));
        }
    }

    /// A table: names in the first column, numbers in the others.
    fn grid(&mut self, area: Rect, (row_height, columns): (i32, i32)) {
        self.canvas.fill(area, Colour::WHITE);
        self.canvas.fill(Rect { height: row_height, ..area }, Colour::grey(236));
        let first = area.width / 4;
        let step = (area.width - first) / (columns - 1).max(1);
        for row in 0..area.height / row_height {
            let y = area.y + row * row_height;
            self.canvas.fill(Rect { y: y + row_height - 1, height: 1, ..area }, Colour::grey(222));
            if row == 0 {
                for column in 0..columns {
                    let x = area.x + 10 + if column == 0 { 0 } else { first + (column - 1) * step };
                    self.canvas
                        .fill(Rect { x, y: y + row_height / 2 - 3, width: step / 2, height: 6 }, Colour::grey(150));
                }
                continue;
            }
            let name = self.client();
            let ink = Colour::grey(90);
            self.canvas.text_within((area.x + 10, y + row_height / 2 - 5), 2, ink, (&name, first - 20));
            for column in 0..columns - 1 {
                // Tables have holes, and small pictures stay small.
                if self.chance.happens(420) {
                    let amount = self.amount();
                    let x = area.x + first + column * step + 10;
                    self.canvas.text_within((x, y + row_height / 2 - 5), 2, ink, (&amount, step - 14));
                }
            }
        }
        for column in 0..columns {
            let x = area.x + if column == 0 { 0 } else { first + (column - 1) * step };
            self.canvas.fill(Rect { x, width: 1, ..area }, Colour::grey(215));
        }
    }

    /// A line of words as bars.
    fn words(&mut self, (x, y): (i32, i32), width: i32, colour: Colour) {
        let mut pen = 0;
        loop {
            let word = i32::try_from(self.chance.between(14, 58)).unwrap_or(14);
            if pen + word > width {
                return;
            }
            self.canvas.fill(Rect { x: x + pen, y, width: word, height: 7 }, colour);
            pen += word + 8;
        }
    }

    fn client(&mut self) -> String {
        let clients = &self.office.catalogue.clients;
        clients[self.chance.below(clients.len())].clone()
    }

    fn colleague(&mut self) -> String {
        let people = &self.office.people;
        people[self.chance.below(people.len())].employee.full_name()
    }

    fn amount(&mut self) -> String {
        let thousands = self.chance.between(12, 98_400);
        if thousands > 999 {
            format!("{} {:03} 000", thousands / 1000, thousands % 1000)
        } else {
            format!("{thousands} 000")
        }
    }
}
