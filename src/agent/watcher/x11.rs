//! What X11 says of the window in front (EWMH) and of the last input (MIT-SCREEN-SAVER). Blocks.

use std::time::Duration;

use x11rb::connection::Connection as _;
use x11rb::protocol::screensaver::ConnectionExt as _;
use x11rb::protocol::xproto::Atom;
use x11rb::protocol::xproto::AtomEnum;
use x11rb::protocol::xproto::ConnectionExt as _;
use x11rb::protocol::xproto::Window as WindowId;
use x11rb::rust_connection::ReplyError;
use x11rb::rust_connection::RustConnection;

use super::Look;
use super::Looking;
use super::Window;

/// The longest name that is read, in units of four bytes.
const MOST: u32 = 1_024;

/// A connection to the desktop that `DISPLAY` names.
pub(super) struct Desktop {
    connection: RustConnection,
    root: WindowId,
    active: Atom,
    name: Atom,
    utf8: Atom,
}

impl Desktop {
    /// Connects, or tells why not.
    pub(super) fn open() -> Result<Self, String> {
        let (connection, screen) = x11rb::connect(None).map_err(|problem| problem.to_string())?;
        let root = connection.setup().roots.get(screen).ok_or("the display has no screen")?.root;
        let atom = |name: &[u8]| -> Result<Atom, String> {
            let asked = connection.intern_atom(false, name).map_err(|problem| problem.to_string())?;
            Ok(asked.reply().map_err(|problem| problem.to_string())?.atom)
        };
        let (active, name, utf8) = (atom(b"_NET_ACTIVE_WINDOW")?, atom(b"_NET_WM_NAME")?, atom(b"UTF8_STRING")?);
        Ok(Self { connection, root, active, name, utf8 })
    }

    /// What is seen now; an error is the end of the desktop.
    pub(super) fn look(&self, looking: Looking) -> Result<Look, String> {
        let idle = self.connection.screensaver_query_info(self.root).map_err(|problem| problem.to_string())?;
        let idle = idle.reply().map_err(|problem| problem.to_string())?.ms_since_user_input;
        if !looking.windows {
            return Ok(Look { window: None, idle: Duration::from_millis(idle.into()) });
        }
        let window = match self.in_front().map_err(|problem| problem.to_string())? {
            Some(id) => self.describe(id, looking.titles)?,
            None => None,
        };
        Ok(Look { window, idle: Duration::from_millis(idle.into()) })
    }

    fn in_front(&self) -> Result<Option<WindowId>, ReplyError> {
        let asked = self.connection.get_property(false, self.root, self.active, AtomEnum::WINDOW, 0, 1)?;
        let id = asked.reply()?.value32().and_then(|mut values| values.next());
        Ok(id.filter(|id| *id != 0))
    }

    /// A window that closed between two questions is none.
    fn describe(&self, id: WindowId, titles: bool) -> Result<Option<Window>, String> {
        match self.names(id, titles) {
            Ok(window) => Ok(window),
            Err(ReplyError::X11Error(_)) => Ok(None),
            Err(ReplyError::ConnectionError(problem)) => Err(problem.to_string()),
        }
    }

    fn names(&self, id: WindowId, titles: bool) -> Result<Option<Window>, ReplyError> {
        let ask = |name: Atom, kind: Atom| self.connection.get_property(false, id, name, kind, 0, MOST);
        let class = ask(AtomEnum::WM_CLASS.into(), AtomEnum::STRING.into())?;
        if !titles {
            let app = class_of(&class.reply()?.value);
            return Ok(app.map(|app| Window { app, title: String::new() }));
        }
        let name = ask(self.name, self.utf8)?;
        let older = ask(AtomEnum::WM_NAME.into(), AtomEnum::ANY.into())?;
        let Some(app) = class_of(&class.reply()?.value) else { return Ok(None) };
        let (name, older) = (name.reply()?.value, older.reply()?.value);
        let title = if name.is_empty() { older_text(&older) } else { String::from_utf8_lossy(&name).into_owned() };
        Ok(Some(Window { app, title }))
    }
}

/// Instance and class, each closed by a zero byte; the class is what people know a program by.
fn class_of(value: &[u8]) -> Option<String> {
    let mut names = value.split(|byte| *byte == 0).filter(|name| !name.is_empty());
    let (first, second) = (names.next(), names.next());
    Some(String::from_utf8_lossy(second.or(first)?).into_owned())
}

/// A name from before UTF-8: Latin 1, or compound text, in which UTF-8 stands between two escape sequences.
fn older_text(value: &[u8]) -> String {
    let mut bytes = value.to_vec();
    for escape in [b"\x1b%G", b"\x1b%@"] {
        while let Some(at) = bytes.windows(escape.len()).position(|part| part == escape) {
            bytes.drain(at..at + escape.len());
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|raw| raw.as_bytes().iter().copied().map(char::from).collect())
}

#[cfg(test)]
mod tests {
    use super::class_of;
    use super::older_text;

    #[test]
    fn older_names_are_read_too() {
        assert_eq!(older_text(b"Hisobot \x1b%G\xe2\x80\x93\x1b%@ 2026"), "Hisobot \u{2013} 2026");
        assert_eq!(older_text(b"R\xe9sum\xe9"), "R\u{e9}sum\u{e9}");
    }

    #[test]
    fn a_program_is_known_by_its_class() {
        assert_eq!(class_of(b"navigator\0Firefox\0").as_deref(), Some("Firefox"));
        assert_eq!(class_of(b"xterm\0").as_deref(), Some("xterm"));
        assert_eq!((class_of(b""), class_of(b"\0\0")), (None, None));
    }
}
