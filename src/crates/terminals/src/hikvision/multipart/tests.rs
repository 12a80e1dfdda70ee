use proptest::prelude::*;

use super::MOST_TEXT;
use super::Overflow;
use super::Part;
use super::Parts;

const TYPE: &str = "multipart/mixed; boundary=MIME_boundary";

fn cut(content_type: &str, bytes: &[u8], size: usize) -> Result<Vec<Part>, Overflow> {
    let mut parts = Parts::of(content_type);
    let mut found = Vec::new();
    for chunk in bytes.chunks(size.max(1)) {
        found.extend(parts.push(chunk)?);
    }
    Ok(found)
}

/// The same parts come out, however the bytes arrive.
fn check(bytes: &[u8], expected: &[Part]) {
    for size in [1, 2, 3, 7, 64, 1000, 65_536] {
        assert_eq!(cut(TYPE, bytes, size).unwrap(), expected, "in chunks of {size}");
    }
}

fn message(text: &str) -> Part {
    Part::Message(text.as_bytes().to_vec())
}

#[test]
fn messages_and_pictures_are_told_apart() {
    let stream = b"--MIME_boundary\r\nContent-Type: application/xml; charset=\"UTF-8\"\r\nContent-Length: 9\r\n\r\n<a>1</a>\n\
        \r\n--MIME_boundary\r\nContent-Type: application/json\r\ncontent-length:7\r\n\r\n{\"b\":2}\r\n--MIME_boundary\r\n\
        Content-Disposition: form-data; name=\"Picture\"\r\nContent-Type: image/jpeg\r\nContent-Length: 24\r\n\r\n\
        \xff\xd8--MIME_boundary\r\nabcde\r\n--MIME_boundary\r\n\r\n<c/>\r\n--MIME_boundary--\r\nepilogue";
    check(
        stream,
        &[
            message("<a>1</a>\n"),
            message("{\"b\":2}"),
            Part::Binary(b"\xff\xd8--MIME_boundary\r\nabcde".to_vec()),
            message("<c/>"),
        ],
    );
}

#[test]
fn bare_line_feeds_and_missing_lengths_do() {
    let stream = b"\n--MIME_boundary\nContent-Type: application/json\n\n{\"a\":\n1}\n--MIME_boundary\n\
        Content-Type: image/pjpeg\n\n\xff\xd8\x00\x01--MIME_boundary\nContent-Type: application/octet-stream\n\n{\"x\":1}\n\
        --MIME_boundary\n";
    check(stream, &[message("{\"a\":\n1}"), Part::Binary(b"\xff\xd8\x00\x01".to_vec()), message("{\"x\":1}")]);
}

#[test]
fn a_wrong_length_costs_no_message() {
    for length in ["3", "8", "100", "-1", "99999999999999999999"] {
        let stream = format!(
            "--MIME_boundary\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{{\"a\":11}}\r\n\
             --MIME_boundary\r\nContent-Type: application/json\r\nContent-Length: 7\r\n\r\n{{\"b\":2}}\r\n--MIME_boundary\r\n"
        );
        check(stream.as_bytes(), &[message("{\"a\":11}"), message("{\"b\":2}")]);
    }
}

#[test]
fn a_picture_that_breaks_off_costs_no_message() {
    let stream = concat!(
        "--MIME_boundary\r\nContent-Type: image/jpeg\r\nContent-Length: 40\r\n\r\n\u{fffd}short\r\n--MIME_boundary\r\n",
        "Content-Type: application/json\r\nContent-Length: 7\r\n\r\n{\"b\":2}\r\n--MIME_boundary\r\n"
    );
    check(stream.as_bytes(), &[Part::Binary("\u{fffd}short".as_bytes().to_vec()), message("{\"b\":2}")]);
}

#[test]
fn a_message_is_given_before_the_next_boundary_comes() {
    let mut parts = Parts::of(TYPE);
    let head = b"--MIME_boundary\r\nContent-Type: application/json\r\nContent-Length: 7\r\n\r\n";
    assert_eq!(parts.push(head).unwrap(), []);
    assert_eq!(parts.push(b"{\"b\":2}").unwrap(), [message("{\"b\":2}")]);
    assert_eq!(parts.push(b"\r\n--MIME_boundary\r\nContent-Type: application/json\r\n\r\n{\"c\":").unwrap(), []);
    assert_eq!(parts.settle(), None);
    assert_eq!(parts.push(b"3}").unwrap(), []);
    assert_eq!(parts.settle(), Some(message("{\"c\":3}")));
    assert_eq!(parts.push(b"\r\n--MIME_boundary\r\n\r\n<d/>\r\n--MIME_boundary\r\n").unwrap(), [message("<d/>")]);
}

#[test]
fn boundaries_are_found_in_any_spelling_of_the_header() {
    for (content_type, boundary) in [
        ("multipart/form-data;boundary=\"hikboundary\"", "hikboundary"),
        ("Multipart/Mixed; charset=x; Boundary = <frontier>; x=y", "<frontier>"),
        ("multipart/mixed; boundary=--boundary", "boundary"),
        ("multipart/mixed", "MIME_boundary"),
        ("multipart/mixed; boundary=\"\"", "MIME_boundary"),
    ] {
        let stream = format!("--{boundary}\r\n\r\n{{}}\r\n--{boundary}\r\n");
        assert_eq!(cut(content_type, stream.as_bytes(), 5).unwrap(), [message("{}")], "{content_type}");
    }
}

#[test]
fn what_does_not_end_is_given_up() {
    let endless = |head: &str| {
        let mut parts = Parts::of(TYPE);
        parts.push(head.as_bytes()).unwrap();
        (0..400).find_map(|_| parts.push(&[b'x'; 8192]).err())
    };
    assert_eq!(endless(""), Some(Overflow::Preamble));
    assert_eq!(endless("--MIME_boundary\r\nX: "), Some(Overflow::Head));
    assert_eq!(endless("--MIME_boundary\r\nContent-Type: text/xml\r\n\r\n<"), Some(Overflow::Text));
    assert_eq!(endless("--MIME_boundary\r\nContent-Type: image/jpeg\r\n\r\n\u{1}"), Some(Overflow::Binary));
    let text = format!("--MIME_boundary\r\n\r\n<a>{}</a>\r\n--MIME_boundary\r\n", "x".repeat(MOST_TEXT));
    assert_eq!(cut(TYPE, text.as_bytes(), 65_536), Err(Overflow::Text));
}

fn document() -> impl Strategy<Value = Vec<u8>> {
    let json = prop::collection::vec("[a-z{}\" -]{0,30}", 0..4)
        .prop_map(|list| format!("{{\"list\":{list:?}}}").replace("\\u{", "u{").into_bytes());
    let xml = "[a-z -]{0,40}".prop_map(|text| format!("<a>{text}</a>").into_bytes());
    let picture = prop::collection::vec(any::<u8>(), 0..200).prop_map(|mut tail| {
        tail.splice(0..0, *b"\xff\xd8\xff--MIME_boundary\r\n");
        tail
    });
    prop_oneof![json, xml, picture]
}

proptest! {
    #[test]
    fn chunks_do_not_change_what_is_found(
        documents in prop::collection::vec((document(), any::<bool>(), any::<bool>()), 1..6),
        sizes in prop::collection::vec(1_usize..90, 1..40),
    ) {
        let mut stream = Vec::new();
        let mut expected = Vec::new();
        for (document, has_length, is_bare) in &documents {
            let is_picture = document.starts_with(&[0xff]);
            let end = if *is_bare { "\n" } else { "\r\n" };
            stream.extend(format!("--MIME_boundary{end}").bytes());
            let kind = if is_picture { "image/jpeg" } else { "application/json" };
            stream.extend(format!("Content-Type: {kind}{end}").bytes());
            if *has_length || is_picture {
                stream.extend(format!("Content-Length: {}{end}", document.len()).bytes());
            }
            stream.extend(end.bytes());
            stream.extend(document);
            stream.extend(end.bytes());
            expected.push(if is_picture { Part::Binary(document.clone()) } else { Part::Message(document.clone()) });
        }
        stream.extend(b"--MIME_boundary\r\n");
        let mut parts = Parts::of(TYPE);
        let mut found = Vec::new();
        let mut rest = stream.as_slice();
        for size in sizes.iter().cycle() {
            let (chunk, left) = rest.split_at((*size).min(rest.len()));
            found.extend(parts.push(chunk).expect("nothing here is too long"));
            rest = left;
            if rest.is_empty() {
                break;
            }
        }
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..600), size in 1_usize..50, kind in ".{0,60}") {
        drop(cut(&kind, &bytes, size));
        let mut stream = b"--MIME_boundary\r\n".to_vec();
        stream.extend(bytes);
        drop(cut(TYPE, &stream, size));
    }
}
