//! XML as devices write it, read into a small tree: names without their namespaces, no attributes but numbers of limits,
//! no document types, no entities beyond the five and characters by number.

use quick_xml::Reader;
use quick_xml::XmlVersion;
use quick_xml::events::BytesStart;
use quick_xml::events::Event;

use super::MOST_DOCUMENT;
use super::Unreadable;

/// Deeper than any document of the maker.
const DEEPEST: usize = 32;

/// Elements of one document.
const MOST_ELEMENTS: usize = 20_000;

/// An element.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Node {
    /// Without its namespace.
    pub name: String,
    /// Its own text, without blanks around it.
    pub text: String,
    /// `min`, `max`, `opt` of capabilities, and others.
    pub attributes: Vec<(String, String)>,
    /// The elements in it.
    pub children: Vec<Node>,
}

impl Node {
    /// The first element in it of this name, in any case.
    pub fn child(&self, name: &str) -> Option<&Node> {
        self.children.iter().find(|child| child.name.eq_ignore_ascii_case(name))
    }

    /// The text of the first element in it of this name.
    pub fn text_of(&self, name: &str) -> Option<&str> {
        self.child(name).map(|child| child.text.as_str())
    }

    /// The first element of this name, however deep, itself included.
    pub fn find(&self, name: &str) -> Option<&Node> {
        if self.name.eq_ignore_ascii_case(name) {
            return Some(self);
        }
        self.children.iter().find_map(|child| child.find(name))
    }

    /// The text of [`find`](Self::find).
    pub fn find_text(&self, name: &str) -> Option<&str> {
        self.find(name).map(|node| node.text.as_str())
    }

    /// An attribute.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }
}

/// Reads a whole document and gives its root.
pub fn read(bytes: &[u8]) -> Result<Node, Unreadable> {
    if bytes.len() > MOST_DOCUMENT {
        return Err(Unreadable::TooLong(bytes.len()));
    }
    let text = String::from_utf8_lossy(bytes);
    let text = text.trim_start_matches('\u{feff}').trim();
    let mut reader = Reader::from_str(text);
    let mut open: Vec<Node> = Vec::new();
    let mut root = None;
    let mut elements = 0;
    loop {
        match reader.read_event().map_err(broken)? {
            Event::Start(start) => {
                elements += 1;
                if open.len() >= DEEPEST || elements > MOST_ELEMENTS {
                    return Err(Unreadable::Broken("it is nested too deep, or has too many elements".to_owned()));
                }
                if root.is_some() {
                    return Err(Unreadable::Broken("something follows its root".to_owned()));
                }
                open.push(node(&start));
            }
            Event::Empty(start) => close(&mut open, &mut root, node(&start))?,
            Event::End(_) => {
                let Some(done) = open.pop() else {
                    return Err(Unreadable::Broken("an element ends that never began".to_owned()));
                };
                close(&mut open, &mut root, done)?;
            }
            Event::Text(text) => {
                let text = text.xml10_content().map_err(broken)?;
                add(&mut open, &text);
            }
            Event::CData(text) => {
                let text = text.decode().map_err(broken)?;
                add(&mut open, &text);
            }
            Event::GeneralRef(name) => {
                let letter = match name.resolve_char_ref().map_err(broken)? {
                    Some(letter) => letter,
                    None => match name.decode().map_err(broken)?.as_ref() {
                        "amp" => '&',
                        "lt" => '<',
                        "gt" => '>',
                        "quot" => '"',
                        "apos" => '\'',
                        _ => return Err(Unreadable::DocumentType),
                    },
                };
                add(&mut open, letter.encode_utf8(&mut [0; 4]));
            }
            Event::DocType(_) => return Err(Unreadable::DocumentType),
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
            Event::Eof if open.is_empty() => return root.ok_or(Unreadable::Without("root element")),
            Event::Eof => return Err(Unreadable::Broken("it ends in the middle".to_owned())),
        }
    }
}

/// Text so that it can stand in a document.
pub fn escape(text: &str) -> String {
    let allowed = |letter: &char| !letter.is_control() || matches!(letter, '\t' | '\n');
    let text: String = text.chars().filter(allowed).collect();
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn add(open: &mut [Node], text: &str) {
    if let Some(node) = open.last_mut() {
        node.text.push_str(text);
    }
}

fn close(open: &mut [Node], root: &mut Option<Node>, mut done: Node) -> Result<(), Unreadable> {
    done.text = done.text.trim().to_owned();
    match open.last_mut() {
        Some(parent) if parent.children.len() < MOST_ELEMENTS => parent.children.push(done),
        Some(_) => return Err(Unreadable::Broken("it has too many elements".to_owned())),
        None if root.is_none() => *root = Some(done),
        None => return Err(Unreadable::Broken("something follows its root".to_owned())),
    }
    Ok(())
}

fn node(start: &BytesStart<'_>) -> Node {
    let name = String::from_utf8_lossy(start.local_name().as_ref()).into_owned();
    let mut told = start.attributes();
    let attributes = told.with_checks(false).take(32).flatten().filter_map(|attribute| {
        let name = String::from_utf8_lossy(attribute.key.local_name().as_ref()).into_owned();
        let value = attribute.normalized_value(XmlVersion::Implicit1_0).ok()?;
        Some((name, value.into_owned()))
    });
    Node { name, attributes: attributes.collect(), ..Node::default() }
}

fn broken(problem: impl std::fmt::Display) -> Unreadable {
    Unreadable::Broken(problem.to_string())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Unreadable;
    use super::escape;
    use super::read;

    #[test]
    fn names_are_found_whatever_the_namespace() {
        for document in [
            "<DeviceInfo version=\"2.0\" xmlns=\"http://www.isapi.org/ver20/XMLSchema\"><model>A&amp;B</model></DeviceInfo>",
            "\u{feff}  <?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n<ns1:DeviceInfo xmlns:ns1=\"x\"><ns1:model>A&#38;B</ns1:model>\
             </ns1:DeviceInfo>",
            "<deviceinfo><!-- c --><Model><![CDATA[A&B]]></Model></deviceinfo>",
        ] {
            let root = read(document.as_bytes()).unwrap();
            assert!(root.name.eq_ignore_ascii_case("DeviceInfo"));
            assert_eq!(root.text_of("model"), Some("A&B"), "{document}");
        }
    }

    #[test]
    fn document_types_and_entities_are_refused() {
        let bomb = "<!DOCTYPE a [<!ENTITY b \"bbbb\">]><a>&b;</a>";
        assert_eq!(read(bomb.as_bytes()), Err(Unreadable::DocumentType));
        assert_eq!(read(b"<a>&b;</a>"), Err(Unreadable::DocumentType));
    }

    #[test]
    fn what_is_too_long_too_deep_or_broken_is_refused() {
        let deep = format!("{}{}", "<a>".repeat(40), "</a>".repeat(40));
        let long = format!("<a>{}</a>", "x".repeat(super::MOST_DOCUMENT));
        let wide = format!("<a>{}</a>", "<b/>".repeat(super::MOST_ELEMENTS + 1));
        for text in [deep.as_str(), &long, &wide, "", "<a>", "</a>", "<a></b>", "<a/><b/>", "text"] {
            assert!(read(text.as_bytes()).is_err(), "{:.20}", text);
        }
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), text in "[<>/a&;!\\[\\]\" -]{0,80}") {
            drop((read(&bytes), read(text.as_bytes())));
        }

        #[test]
        fn what_is_escaped_comes_back(text in "[^\\p{Cc}]{0,40}") {
            let root = read(format!("<a>{}</a>", escape(&text)).as_bytes()).expect("escaped text is readable");
            prop_assert_eq!(root.text, text.trim());
        }
    }
}
