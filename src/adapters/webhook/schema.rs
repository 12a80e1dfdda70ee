//! The form for a system that sends events, as a JSON Schema.

use nazorat_wire::AccessKind;
use nazorat_wire::Credential;
use nazorat_wire::Direction;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::settings::LEAST_KEY;

/// JSON Schema of the settings, in the order of the form.
pub(super) fn schema() -> Value {
    let mut properties = Map::new();
    let mut put = |name: &str, of: Value| drop(properties.insert(name.to_owned(), of));
    put(
        "push_secret",
        json!({
            "type": "string", "maxLength": 64, "writeOnly": true, "made": true, "title": "Secret path",
            "description": "The last part of the address to which the other system sends. It is made when the device is added."
        }),
    );
    put(
        "secret",
        json!({
            "type": "string", "minLength": LEAST_KEY, "maxLength": 256, "writeOnly": true, "title": "Key for signatures",
            "description": "The same text as in the other system, at least 16 characters. It signs every request with it."
        }),
    );
    put(
        "signature",
        json!({
            "type": "string", "enum": ["timestamp_body", "body", "standard_webhooks"], "default": "timestamp_body",
            "title": "What is signed",
            "description": "HMAC-SHA256 over the time, a dot and the body, or over the body alone, or as Standard Webhooks say."
        }),
    );
    put(
        "signature_header",
        json!({
            "type": "string", "maxLength": 64, "default": "X-Signature", "title": "Header with the signature",
            "description": "It holds sha256= and 64 hexadecimal digits, or base 64."
        }),
    );
    put(
        "timestamp_header",
        json!({
            "type": "string", "maxLength": 64, "default": "X-Timestamp", "title": "Header with the time",
            "description": "Seconds since 1970. Not used where the body alone is signed."
        }),
    );
    put(
        "tolerance_secs",
        json!({
            "type": "integer", "minimum": 10, "maximum": 3600, "default": 300, "title": "Difference of clocks, seconds",
            "description": "Requests whose time is further away are refused, so that nobody sends an old one again."
        }),
    );
    put(
        "source_address",
        json!({
            "type": "string", "maxLength": 64, "title": "Only from this address",
            "description": "The IP address of the other system. Empty: from anywhere in the network."
        }),
    );
    put(
        "doors",
        json!({
            "type": "integer", "minimum": 0, "maximum": 64, "default": 1, "title": "Doors",
            "description": "How many doors or passages the system tells of."
        }),
    );
    put(
        "silence_minutes",
        json!({
            "type": "integer", "minimum": 0, "maximum": 10080, "default": 0, "title": "Quiet for at most, minutes",
            "description": "After so long without a request it counts as out of contact. 0: it may be quiet for ever."
        }),
    );
    mapping_fields(put);
    json!({ "type": "object", "additionalProperties": false, "required": ["secret"], "properties": properties })
}

fn mapping_fields(mut put: impl FnMut(&str, Value)) {
    let mut text = |name: &str, default: &str, (title, description): (&str, &str)| {
        let mut of = json!({
            "type": "string", "maxLength": 512, "group": "mapping", "title": title, "description": description
        });
        if !default.is_empty() {
            of["default"] = default.into();
        }
        put(name, of);
    };
    let pointers = "A JSON pointer such as /user/id; - if it is never told.";
    text("at_events", "", ("Events", "A JSON pointer to the event or the list of events. Empty: the whole body."));
    text("at_time", "/ts", ("Time", "A JSON pointer such as /ts. Each event must have a time."));
    text(
        "time_format",
        "",
        (
            "How times are written",
            "Empty: RFC 3339, seconds or milliseconds since 1970, or 2026-11-23 08:30:15. Otherwise such as %d.%m.%Y %H:%M:%S.",
        ),
    );
    let serial =
        "A JSON pointer to what is different in each event and the same when it is sent again; - if there is none.";
    text("at_serial", "/serial", ("Number of the event", serial));
    text("at_person", "/person", ("Number of the person", pointers));
    text("at_person_name", "/person_name", ("Name of the person", pointers));
    text("at_card", "/card", ("Card", pointers));
    text("at_door", "/door", ("Door", pointers));
    text("door_words", "", ("Names of doors", "Such as North=1, South=2, where doors have names."));
    text("at_reader", "/reader", ("Reader", pointers));
    text("at_direction", "/direction", ("Way", pointers));
    text("direction_words", "", ("Words for ways", "Such as ENTER=in, LEAVE=out. in, out, entry and exit are known."));
    text("at_credential", "/credential", ("What was shown", pointers));
    let words =
        "Such as RFID=card, QR=code. card, face, fingerprint, pin, plate, code, palm, iris and remote are known.";
    text("credential_words", "", ("Words for what was shown", words));
    text("at_outcome", "/outcome", ("What happened", pointers));
    let words = "Such as OK=granted, NO=denied. granted, denied, door, alarm, info, true and false are known.";
    text("outcome_words", "", ("Words for what happened", words));
    text("at_reason", "/reason", ("Why", pointers));
    text("at_code", "/code", ("Code", pointers));
    let mut choice = |name: &str, words: Vec<&str>, default: &str, title: &str| {
        put(
            name,
            json!({
                "type": "string", "enum": words, "default": default, "group": "mapping", "title": title,
                "description": "Holds where an event does not tell."
            }),
        );
    };
    let all = Direction::ALL.iter().map(|one| one.word());
    choice("usual_direction", all.collect(), "unknown", "Way, if not told");
    let all = Credential::ALL.iter().map(|one| one.word());
    choice("usual_credential", all.collect(), "unknown", "What was shown, if not told");
    let all = AccessKind::ALL.iter().map(|one| one.word());
    choice("usual_outcome", all.collect(), "granted", "What happened, if not told");
}
