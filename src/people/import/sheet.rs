//! From bytes to rows of cells: encoding, separator, headings, limits.

use crate::people::ImportError;
use crate::people::import::columns::Column;

/// The largest file that is read.
const BYTES_MAX: usize = 5_000_000;
/// The most rows that are read.
const ROWS_MAX: usize = 20_000;

/// A list that could be read.
#[derive(Debug)]
pub(super) struct Sheet {
    columns: Vec<Option<Column>>,
    /// Headings that say nothing to us.
    pub(super) ignored: Vec<String>,
    pub(super) rows: Vec<Row>,
}

/// One row below the headings.
#[derive(Debug)]
pub(super) struct Row {
    /// As counted by an editor, from 1.
    pub(super) line: u64,
    cells: Vec<String>,
}

impl Sheet {
    pub(super) fn read(bytes: &[u8]) -> Result<Self, ImportError> {
        let mut rows = rows(bytes)?;
        if rows.len() < 2 {
            return Err(ImportError::Empty);
        }
        let headings = rows.remove(0).cells;
        let columns: Vec<_> = headings.iter().map(|heading| Column::parse(heading)).collect();
        for (at, column) in columns.iter().enumerate() {
            if let Some(column) = column
                && columns.iter().skip(at + 1).any(|other| other.as_ref() == Some(column))
            {
                return Err(ImportError::ColumnRepeated(column.name()));
            }
        }
        let unknown = headings.iter().zip(&columns).filter(|(heading, column)| column.is_none() && !heading.is_empty());
        let ignored = unknown.map(|(heading, _)| heading.clone()).collect();
        Ok(Self { columns, ignored, rows })
    }

    /// True when the list has this column.
    pub(super) fn has(&self, column: Column) -> bool {
        self.columns.contains(&Some(column))
    }

    /// What a row says in a column; nothing when the column or the cell is empty.
    pub(super) fn cell<'a>(&self, row: &'a Row, column: Column) -> Option<&'a str> {
        let at = self.columns.iter().position(|other| *other == Some(column))?;
        row.cells.get(at).map(String::as_str).filter(|cell| !cell.is_empty())
    }

    /// True when a row goes on where no heading is.
    pub(super) fn is_too_wide(&self, row: &Row) -> bool {
        row.cells.iter().skip(self.columns.len()).any(|cell| !cell.is_empty())
    }
}

/// All rows that hold something, the headings too.
fn rows(bytes: &[u8]) -> Result<Vec<Row>, ImportError> {
    if bytes.len() > BYTES_MAX {
        return Err(ImportError::TooLarge { max: BYTES_MAX });
    }
    let text = decode(bytes)?;
    let (separator, text, skipped) = separator(&text);
    let mut options = csv::ReaderBuilder::new();
    let mut reader = options.has_headers(false).flexible(true).delimiter(separator).from_reader(text.as_bytes());
    let mut lines = Lines { rest: text.as_bytes(), at: 0, line: 1 };
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|_| ImportError::NotText)?;
        let cells: Vec<_> = record.iter().map(cell).collect();
        if cells.iter().all(String::is_empty) {
            continue;
        }
        if rows.len() > ROWS_MAX {
            return Err(ImportError::TooManyRows { max: ROWS_MAX });
        }
        // The reader counts a line end of two bytes late, so the lines are counted here.
        lines.go_to(record.position().map_or(0, csv::Position::byte));
        rows.push(Row { line: lines.line + skipped, cells });
    }
    Ok(rows)
}

/// Which line of a text a place is on.
struct Lines<'a> {
    rest: &'a [u8],
    at: u64,
    line: u64,
}

impl Lines<'_> {
    /// Goes on to a place, and from there over line ends to the next text.
    fn go_to(&mut self, place: u64) {
        while let [byte, rest @ ..] = self.rest
            && (self.at < place || matches!(byte, b'\r' | b'\n'))
        {
            self.line += u64::from(*byte == b'\n');
            self.at += 1;
            self.rest = rest;
        }
    }
}

/// Takes back the apostrophe that an export puts before a formula.
fn cell(raw: &str) -> String {
    let trimmed = raw.trim();
    let bare = trimmed.strip_prefix('\'').filter(|rest| rest.starts_with(['=', '+', '-', '@']));
    bare.unwrap_or(trimmed).to_owned()
}

/// The separator that the first line uses most, the text below a `sep=` line, and how many lines that was.
fn separator(text: &str) -> (u8, &str, u64) {
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    if let Some(said) = first.strip_prefix("sep=").and_then(|said| said.bytes().next())
        && let Some((_, rest)) = text.split_once('\n')
    {
        return (said, rest, 1);
    }
    let mut quoted = false;
    let mut counts = [(b';', 0), (b'\t', 0), (b',', 0)];
    for byte in first.bytes() {
        quoted ^= byte == b'"';
        if let Some((_, count)) = counts.iter_mut().find(|(separator, _)| !quoted && *separator == byte) {
            *count += 1;
        }
    }
    let most = counts.iter().map(|(_, count)| *count).max().unwrap_or(0);
    let best = counts.iter().find(|(_, count)| *count == most && most > 0);
    (best.map_or(b',', |(separator, _)| *separator), text, 0)
}

/// UTF-8, or else Windows-1251, which spreadsheets still write in this part of the world.
fn decode(bytes: &[u8]) -> Result<String, ImportError> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if bytes.contains(&0) {
        return Err(ImportError::NotText);
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text.to_owned()),
        Err(_) => bytes.iter().map(|byte| windows_1251(*byte)).collect::<Option<_>>().ok_or(ImportError::NotText),
    }
}

/// 0x80 to 0xbf; one place is empty.
const UPPER: [u16; 64] = [
    0x402, 0x403, 0x201a, 0x453, 0x201e, 0x2026, 0x2020, 0x2021, 0x20ac, 0x2030, 0x409, 0x2039, 0x40a, 0x40c, 0x40b,
    0x40f, 0x452, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0, 0x2122, 0x459, 0x203a, 0x45a, 0x45c,
    0x45b, 0x45f, 0xa0, 0x40e, 0x45e, 0x408, 0xa4, 0x490, 0xa6, 0xa7, 0x401, 0xa9, 0x404, 0xab, 0xac, 0xad, 0xae,
    0x407, 0xb0, 0xb1, 0x406, 0x456, 0x491, 0xb5, 0xb6, 0xb7, 0x451, 0x2116, 0x454, 0xbb, 0x458, 0x405, 0x455, 0x457,
];

fn windows_1251(byte: u8) -> Option<char> {
    match byte {
        0..0x80 => Some(char::from(byte)),
        0x80..0xc0 => char::from_u32(u32::from(*UPPER.get(usize::from(byte - 0x80))?)).filter(|letter| *letter != '\0'),
        0xc0.. => char::from_u32(0x410 + u32::from(byte - 0xc0)),
    }
}

#[cfg(test)]
mod tests {
    use super::Column;
    use super::Sheet;
    use crate::kernel::Classify as _;

    #[track_caller]
    fn check(bytes: &[u8], expected: Result<(u64, &str, &str), &str>) {
        let read = Sheet::read(bytes);
        let found = read.as_ref().map(|sheet| {
            let row = sheet.rows.last().unwrap();
            let cell = |column| sheet.cell(row, column).unwrap_or_default();
            (row.line, cell(Column::Surname), cell(Column::Position))
        });
        assert_eq!(found.map_err(|error| error.code()), expected);
    }

    #[test]
    fn the_separator_is_found() {
        check(b"Surname,Position\nAliyev,Driver\n", Ok((2, "Aliyev", "Driver")));
        check(b"\xef\xbb\xbfSurname;Position\r\n\r\nAliyev;\"Driver; cook\"\r\n", Ok((3, "Aliyev", "Driver; cook")));
        check(b"Familiya\tLavozim\nAliyev\t\n", Ok((2, "Aliyev", "")));
        check(b"sep=;\nSurname;Position\nAliyev;Driver, cook", Ok((3, "Aliyev", "Driver, cook")));
        check(b"\"a, b\";Surname;Position\n1;Aliyev;Driver", Ok((2, "Aliyev", "Driver")));
        check(b"Surname\nAliyev", Ok((2, "Aliyev", "")));
    }

    #[test]
    fn windows_1251_is_read() {
        // The headings for surname and position in Russian, then a name.
        let text = b"\xd4\xe0\xec\xe8\xeb\xe8\xff;\xc4\xee\xeb\xe6\xed\xee\xf1\xf2\xfc\r\n\xb8\xe6;1";
        check(text, Ok((2, "\u{451}\u{436}", "1")));
    }

    #[test]
    fn what_is_no_list_is_refused() {
        check(b"", Err("import_empty"));
        check(b"Surname,Position\n,\n", Err("import_empty"));
        check(b"PK\x03\x04\x00\x00", Err("import_not_text"));
        check(b"Surname,Familiya\nA,B", Err("import_column_repeated"));
        check(&vec![b'a'; 5_000_001], Err("import_too_large"));
        let many = format!("Surname\n{}", "A\n".repeat(20_001));
        check(many.as_bytes(), Err("import_too_many_rows"));
        let most = format!("Surname\n{}", "A\n".repeat(20_000));
        check(most.as_bytes(), Ok((20_001, "A", "")));
    }

    #[test]
    fn an_escaped_formula_comes_back() {
        check(b"Surname,Position\n'=A1,'+998", Ok((2, "=A1", "+998")));
        check(b"Surname,Position\n'quoted,x", Ok((2, "'quoted", "x")));
    }
}
