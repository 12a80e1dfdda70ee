//! What a device asks for.

/// What stands behind the question mark.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query(Vec<(String, String)>);

impl Query {
    /// Reads it. What is written as `%41` is read.
    pub fn parse(text: &str) -> Self {
        let pairs = text.split('&').filter(|pair| !pair.is_empty()).take(100);
        Self(
            pairs
                .map(|pair| {
                    let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
                    (decoded(key), decoded(value))
                })
                .collect(),
        )
    }

    /// A value, empty if it is not there.
    pub fn get(&self, key: &str) -> &str {
        let found = self.0.iter().find(|(name, _)| name.eq_ignore_ascii_case(key));
        found.map(|(_, value)| value.as_str()).unwrap_or_default()
    }

    /// Whether it is there.
    pub fn has(&self, key: &str) -> bool {
        self.0.iter().any(|(name, _)| name.eq_ignore_ascii_case(key))
    }
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let ahead = rest.clone();
                let hex: String = ahead.take(2).map(char::from).collect();
                match u8::from_str_radix(&hex, 16) {
                    Ok(decoded) if hex.len() == 2 && hex.is_ascii() => {
                        bytes.push(decoded);
                        rest.next();
                        rest.next();
                    }
                    _ => bytes.push(byte),
                }
            }
            other => bytes.push(other),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Where a request goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Call {
    /// The first one: how shall I behave?
    Start,
    /// Does somebody by this number exist?
    AskPerson,
    /// Records of a table.
    Upload(Table),
    /// Here I am, as an access terminal.
    Registry,
    /// How shall I behave, as an access terminal?
    Push,
    /// Is there something to do?
    Poll,
    /// What came of something.
    Result,
    /// An answer to a question of ours.
    Queried,
    /// I am busy, but there.
    Ping,
    /// What time is it?
    Time,
    /// A file, a picture; not taken.
    File,
    /// Encryption; not known.
    Exchange,
    /// Nobody knows.
    Unknown,
}

/// Whose records come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Table {
    /// Who passed, attendance.
    AttLog,
    /// Operations, people, templates.
    OperLog,
    /// Who passed, and what the doors did.
    RtLog,
    /// State of doors.
    RtState,
    /// Settings.
    Options,
    /// A table by its name.
    Data(String),
    /// Pictures; not taken.
    Pictures,
    /// Others; not taken.
    Other(String),
}

impl Call {
    /// Reads method, path and query.
    pub fn read(method: &str, path: &str, query: &Query) -> Self {
        let name = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
        // Some firmware asks for `cdata.aspx`.
        let name = name.trim_end_matches(".aspx");
        let upload = method.eq_ignore_ascii_case("POST") || method.eq_ignore_ascii_case("PUT");
        match (name, upload) {
            ("cdata", false) if query.has("table") && !query.has("options") => Self::AskPerson,
            ("cdata", false) => Self::Start,
            ("cdata", true) if query.has("table") => Self::Upload(Table::read(query)),
            ("cdata", true) => Self::Upload(Table::Other(String::new())),
            ("registry", _) => Self::Registry,
            ("push", _) => Self::Push,
            ("getrequest", _) => Self::Poll,
            ("devicecmd", true) => Self::Result,
            ("querydata", true) => Self::Queried,
            ("ping", _) => Self::Ping,
            ("rtdata", false) => Self::Time,
            ("fdata" | "file", true) => Self::File,
            ("exchange", _) => Self::Exchange,
            _ => Self::Unknown,
        }
    }

    /// Whether something would be lost if it were answered without being kept.
    pub fn brings(&self) -> bool {
        matches!(self, Self::Upload(_) | Self::Queried | Self::File | Self::Result)
    }
}

impl Table {
    fn read(query: &Query) -> Self {
        let name = query.get("table").to_ascii_lowercase();
        match name.as_str() {
            "attlog" => Self::AttLog,
            "operlog" => Self::OperLog,
            "rtlog" => Self::RtLog,
            "rtstate" => Self::RtState,
            "options" => Self::Options,
            "tabledata" => Self::Data(super::plain(query.get("tablename"))),
            "attphoto" => Self::Pictures,
            _ => Self::Other(name),
        }
    }
}
