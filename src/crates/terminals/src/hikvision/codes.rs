//! What the maker's event codes mean: whether somebody was let through, by what, and why not.
//!
//! Codes are decimal here, as in events and searches. A code that nobody knows is information, never a passage.

use nazorat_wire::AccessKind;
use nazorat_wire::Credential;

use AccessKind::Alarm as A;
use AccessKind::Denied as D;
use AccessKind::Door as S;
use AccessKind::Granted as G;
use AccessKind::Info as I;
use Credential::Card;
use Credential::Code;
use Credential::Face;
use Credential::Fingerprint as Finger;
use Credential::Iris;
use Credential::Palm;
use Credential::Pin;
use Credential::Remote;
use Credential::Several;
use Credential::Unknown as None_;

/// What a code says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Meaning {
    /// Passage, refusal, door, alarm, or the rest.
    pub kind: AccessKind,
    /// What was shown.
    pub credential: Credential,
    /// A stable word; empty for a plain passage.
    pub reason: &'static str,
}

/// Alarms.
pub const ALARM: u16 = 1;
/// Troubles of the device.
pub const EXCEPTION: u16 = 2;
/// What somebody did with the device.
pub const OPERATION: u16 = 3;
/// What newer devices tell besides.
pub const MORE: u16 = 4;
/// Passages and doors.
pub const EVENT: u16 = 5;

/// First code, last code, and what they say.
type Row = (u16, u16, AccessKind, Credential, &'static str);

/// What a code of a major type means.
pub fn meaning(major: u16, minor: u16) -> Meaning {
    let (table, other): (&[Row], Meaning) = match major {
        ALARM => (ALARMS, Meaning { kind: A, credential: None_, reason: "alarm" }),
        EXCEPTION => (EXCEPTIONS, Meaning { kind: I, credential: None_, reason: "exception" }),
        OPERATION => (OPERATIONS, Meaning { kind: I, credential: None_, reason: "operation" }),
        MORE => (&[], Meaning { kind: I, credential: None_, reason: "information" }),
        EVENT => (EVENTS, Meaning { kind: I, credential: None_, reason: "information" }),
        _ => (&[], Meaning { kind: I, credential: None_, reason: "unknown_code" }),
    };
    let row = table.iter().find(|(first, last, ..)| (*first..=*last).contains(&minor));
    row.map_or(other, |&(_, _, kind, credential, reason)| Meaning { kind, credential, reason })
}

/// Whether an event says that the log should be read now: its store is nearly full, or its clock was changed.
pub fn wants_reading(major: u16, minor: u16) -> bool {
    matches!((major, minor), (ALARM, 1035 | 1090) | (EVENT, 194)) || moves_clock(major, minor)
}

/// Whether an event says that the clock was set.
pub fn moves_clock(major: u16, minor: u16) -> bool {
    matches!((major, minor), (OPERATION, 89 | 1028 | 1029) | (EXCEPTION, 1024) | (MORE, 203))
}

/// What opened a door, in the words of an unlock record.
pub fn unlock_credential(word: &str) -> Credential {
    match word.to_ascii_lowercase().as_str() {
        "password" | "hijcking" | "hijacking" => Pin,
        "card" => Card,
        "householder" | "centerplatform" => Remote,
        "qrcode" => Code,
        "face" => Face,
        "fingerprint" => Finger,
        _ => None_,
    }
}

const EVENTS: &[Row] = &[
    (1, 1, G, Card, ""),
    (2, 2, G, Several, ""),
    (3, 3, D, Several, "wrong_pin"),
    (4, 5, D, Several, "timeout"),
    (6, 6, D, Card, "no_right"),
    (7, 7, D, Card, "outside_hours"),
    (8, 8, D, Card, "expired"),
    (9, 9, D, Card, "unknown_card"),
    (10, 10, D, Card, "anti_passback"),
    (11, 11, D, None_, "interlock"),
    (12, 14, D, Several, "several_needed"),
    // The two tables of the maker disagree about this one; a passage that may be none is none.
    (15, 15, D, Several, "several_needed"),
    (16, 16, G, Several, ""),
    (17, 17, S, Card, "held_open"),
    (18, 18, S, Card, "released"),
    (19, 19, S, None_, "held_open"),
    (20, 20, S, None_, "released"),
    (21, 21, S, None_, "lock_opened"),
    (22, 22, S, None_, "lock_closed"),
    (23, 23, S, Remote, "button_pressed"),
    (24, 24, S, Remote, "button_released"),
    (25, 25, S, None_, "door_opened"),
    (26, 26, S, None_, "door_closed"),
    (27, 27, A, None_, "forced"),
    (28, 28, A, None_, "held_too_long"),
    (29, 29, S, None_, "output_on"),
    (30, 30, S, None_, "output_off"),
    (31, 31, S, None_, "locked"),
    (32, 32, S, None_, "released"),
    (33, 33, I, Several, "waits_for_remote"),
    (34, 34, G, Pin, ""),
    (35, 35, D, Several, "repeated"),
    (36, 36, D, Several, "timeout"),
    (37, 37, I, None_, "doorbell"),
    (38, 38, G, Finger, ""),
    (39, 39, D, Finger, "no_match"),
    (40, 40, G, Several, ""),
    (41, 41, D, Several, "no_match"),
    (42, 42, D, Several, "timeout"),
    (43, 43, G, Several, ""),
    (44, 44, D, Several, "no_match"),
    (45, 45, D, Several, "timeout"),
    (46, 46, G, Several, ""),
    (47, 47, D, Several, "no_match"),
    (48, 48, D, Several, "timeout"),
    (49, 49, D, Finger, "unknown_finger"),
    (50, 50, I, Card, "waits_for_remote"),
    (51, 51, I, None_, "call"),
    (52, 52, S, None_, "fire_released"),
    (53, 53, S, None_, "fire_over"),
    (54, 54, G, Several, ""),
    (55, 55, D, Several, "no_match"),
    (56, 56, D, Several, "timeout"),
    (57, 57, G, Several, ""),
    (58, 58, D, Several, "no_match"),
    (59, 59, D, Several, "timeout"),
    (60, 60, G, Several, ""),
    (61, 61, D, Several, "no_match"),
    (62, 62, D, Several, "timeout"),
    (63, 63, G, Several, ""),
    (64, 64, D, Several, "no_match"),
    (65, 65, D, Several, "timeout"),
    (66, 66, G, Several, ""),
    (67, 67, D, Several, "no_match"),
    (68, 68, D, Several, "timeout"),
    (69, 69, G, Several, ""),
    (70, 70, D, Several, "no_match"),
    (71, 71, D, Several, "timeout"),
    (72, 72, G, Several, ""),
    (73, 73, D, Several, "no_match"),
    (74, 74, D, Several, "timeout"),
    (75, 75, G, Face, ""),
    (76, 76, D, Face, "no_match"),
    (77, 77, G, Several, ""),
    (78, 78, D, Several, "no_match"),
    (79, 79, D, Several, "timeout"),
    (80, 80, D, Face, "unknown_face"),
    (81, 81, S, Card, "first_card_begins"),
    (82, 82, S, Card, "first_card_ends"),
    (83, 91, A, None_, "wiring"),
    (92, 93, A, None_, "lock_fault"),
    (94, 94, D, Card, "first_card_needed"),
    (95, 100, S, None_, "relay"),
    (101, 101, G, Several, ""),
    (102, 102, D, Several, "wrong_pin"),
    (103, 103, D, Several, "timeout"),
    (104, 104, D, Face, "not_alive"),
    (105, 105, G, Several, ""),
    (112, 112, D, Several, "no_match"),
    (113, 113, D, None_, "blocklist"),
    (114, 115, I, None_, "message"),
    (117, 117, D, None_, "locked"),
    (118, 118, D, None_, "outside_hours"),
    (119, 119, D, Card, "card_unreadable"),
    (120, 120, D, None_, "device_fault"),
    (130, 130, I, Remote, "locked"),
    (132, 132, I, None_, "locked"),
    (133, 133, A, None_, "tailgating"),
    (134, 134, A, None_, "wrong_way"),
    (135, 135, A, None_, "forced"),
    (136, 136, A, None_, "climbed_over"),
    (137, 137, A, None_, "passing_too_long"),
    (138, 138, A, None_, "intrusion"),
    (139, 139, D, None_, "not_authorized"),
    (140, 140, A, None_, "barrier_blocked"),
    (141, 141, I, None_, "barrier_free"),
    (142, 142, I, Face, "face_not_modelled"),
    (143, 143, A, None_, "loitering"),
    (144, 144, G, None_, ""),
    (145, 145, D, None_, "not_on_list"),
    (146, 146, I, Face, "waits_for_remote"),
    (147, 147, I, Card, "waits_for_remote"),
    (148, 148, A, Pin, "too_many_tries"),
    (149, 149, I, Card, "waits_for_remote"),
    (150, 151, D, Pin, "wrong_pin"),
    (152, 152, D, Pin, "unknown_person"),
    (153, 153, G, Several, ""),
    (154, 154, D, Several, "timeout"),
    (155, 155, D, None_, "wrong_method"),
    (156, 156, G, Code, ""),
    (157, 157, D, Code, "unknown_code_shown"),
    (158, 158, G, Remote, ""),
    (159, 159, G, None_, ""),
    (160, 160, D, None_, "no_right"),
    (161, 161, D, Card, "no_match"),
    (162, 163, D, Card, "card_unreadable"),
    (164, 167, I, None_, "device"),
    (168, 171, D, Card, "card_kind_off"),
    (172, 178, I, None_, "device"),
    (179, 179, G, Code, ""),
    (180, 180, D, Code, "wrong_pin"),
    (181, 181, G, Pin, ""),
    (182, 187, I, None_, "information"),
    (188, 188, D, Card, "card_unreadable"),
    (189, 189, D, Card, "card_kind_off"),
    (190, 190, G, Iris, ""),
    (191, 191, D, Iris, "no_match"),
    (192, 192, D, Iris, "not_alive"),
    (193, 193, A, None_, "too_many_people"),
    (194, 194, A, None_, "store_nearly_full"),
    (195, 195, D, Code, "expired"),
    (196, 201, I, None_, "information"),
    (202, 202, D, Finger, "wrong_method"),
    (203, 203, D, Face, "wrong_method"),
    (204, 204, S, Remote, "opened_remotely"),
    (205, 205, I, None_, "device"),
    (206, 206, A, None_, "reader_conflict"),
    (207, 207, D, Card, "card_kind_off"),
    (208, 208, D, Face, "house_rule"),
    (209, 211, I, None_, "information"),
    (212, 212, D, None_, "used_up"),
    (213, 213, I, None_, "device"),
    (214, 214, S, None_, "unlocked"),
    (215, 215, A, None_, "did_not_open"),
    (216, 216, A, None_, "did_not_close"),
    (217, 217, D, Code, "unknown_code_shown"),
    (218, 218, I, None_, "passed"),
    (219, 219, G, Several, ""),
    (220, 220, D, Several, "no_match"),
    (221, 225, I, None_, "information"),
    (226, 226, G, Pin, ""),
    (227, 227, G, Card, ""),
    (228, 228, D, Card, "unknown_card"),
    (229, 229, G, Pin, ""),
    (230, 231, I, None_, "device"),
    (1280, 1343, I, None_, "custom"),
    (1345, 1345, D, None_, "house_rule"),
    (1344, 1349, I, None_, "information"),
    (1536, 1536, G, Finger, ""),
    (1537, 1537, G, Pin, ""),
    (1538, 1538, G, Card, ""),
    (1539, 1540, G, Remote, ""),
    (1541, 1542, G, None_, ""),
    (1543, 1543, G, Code, ""),
    (1544, 1544, G, None_, ""),
    (1545, 1545, G, Several, ""),
    (1792, 1792, D, None_, "not_alive"),
    (1793, 1793, D, None_, "no_match"),
    (1794, 1798, I, None_, "device"),
    (1799, 1799, G, Palm, ""),
    (1800, 1800, D, Palm, "no_match"),
    (1801, 1801, D, Palm, "not_alive"),
    (2048, 2049, A, None_, "barrier_blocked"),
    (2050, 2050, I, None_, "device"),
    (2051, 2052, A, None_, "device_fault"),
    (2053, 2053, I, None_, "barrier_blocked"),
    (2054, 2059, A, None_, "device_fault"),
    (2060, 2060, D, None_, "not_authorized"),
    (2061, 2061, G, None_, ""),
    (2062, 2062, D, None_, "no_right"),
    (2063, 2063, D, Face, "no_match"),
    (2064, 2065, D, Face, "no_match"),
    (2066, 2066, A, None_, "door_offline"),
    (2067, 2068, I, None_, "information"),
    (2069, 2069, A, Card, "too_many_tries"),
    (2070, 2070, A, None_, "device_fault"),
    (2071, 2072, I, None_, "device"),
    (2073, 2073, D, None_, "no_right"),
];

const ALARMS: &[Row] = &[
    (6, 6, I, None_, "tamper_over"),
    (5, 5, A, None_, "tamper"),
    (13, 13, I, None_, "network_back"),
    (1027, 1027, I, None_, "input_over"),
    (1028, 1028, A, None_, "tamper"),
    (1029, 1029, I, None_, "tamper_over"),
    (1030, 1030, A, None_, "tamper"),
    (1031, 1031, I, None_, "tamper_over"),
    (1033, 1033, I, None_, "input_over"),
    (1034, 1034, A, None_, "duress"),
    (1035, 1035, A, None_, "store_nearly_full"),
    (1036, 1036, A, Card, "too_many_tries"),
    (1039, 1039, A, None_, "tamper"),
    (1040, 1040, I, None_, "tamper_over"),
    (1045, 1046, A, None_, "fire"),
    (1047, 1047, I, None_, "fire_over"),
    (1048, 1048, A, None_, "fire"),
    (1049, 1049, I, None_, "fire_over"),
    (1051, 1051, I, None_, "button_over"),
    (1052, 1052, A, None_, "emergency"),
    (1053, 1053, I, None_, "button_over"),
    (1055, 1055, I, None_, "tamper_over"),
    (1058, 1058, A, None_, "tamper"),
    (1059, 1059, I, None_, "tamper_over"),
    (1060, 1060, A, None_, "fire"),
    (1061, 1061, I, None_, "fire_over"),
    // Signs of life are health data: that there was an alarm is all that is told.
    (1062, 1069, I, None_, "alarm"),
    (1089, 1089, A, Pin, "too_many_tries"),
    (1090, 1090, A, None_, "store_nearly_full"),
    (2384, 2385, A, None_, "duress"),
    (2397, 2397, A, None_, "duress"),
];

const EXCEPTIONS: &[Row] = &[
    (39, 39, I, None_, "network_lost"),
    (1031, 1031, I, None_, "network_back"),
    (1024, 1024, I, None_, "power_on"),
    (1025, 1025, I, None_, "power_off"),
    (1026, 1026, I, None_, "watchdog"),
    (1027, 1027, A, None_, "battery_low"),
    (1028, 1028, I, None_, "battery_fine"),
    (1029, 1029, A, None_, "mains_lost"),
    (1030, 1030, I, None_, "mains_back"),
    (1033, 1033, A, None_, "reader_offline"),
    (1034, 1034, I, None_, "reader_online"),
    (1032, 1032, A, None_, "device_fault"),
];

const OPERATIONS: &[Row] = &[
    (121, 121, I, Remote, "connected"),
    (122, 122, I, Remote, "disconnected"),
    (123, 123, I, Remote, "restarted"),
    (1024, 1024, S, Remote, "opened_remotely"),
    (1025, 1025, S, Remote, "released"),
    (1026, 1026, S, Remote, "held_open"),
    (1027, 1027, S, Remote, "locked"),
    (1028, 1029, I, Remote, "clock_set"),
    (1039, 1039, G, Pin, ""),
    (1052, 1052, S, Remote, "released"),
    (1053, 1053, S, Remote, "opened_remotely"),
    (1054, 1054, S, Remote, "held_open"),
];

#[cfg(test)]
mod tests {
    use nazorat_wire::AccessKind;
    use nazorat_wire::Credential;

    use super::meaning;
    use super::wants_reading;

    #[test]
    fn the_codes_that_count_for_work_time_are_passages() {
        for (minor, credential) in
            [(1, Credential::Card), (38, Credential::Fingerprint), (75, Credential::Face), (156, Credential::Code)]
        {
            let meaning = meaning(5, minor);
            assert_eq!((meaning.kind, meaning.credential, meaning.reason), (AccessKind::Granted, credential, ""));
        }
    }

    #[test]
    fn expired_and_unknown_cards_are_not_mixed_up_and_the_lock_is_not_the_door() {
        assert_eq!((meaning(5, 8).reason, meaning(5, 9).reason), ("expired", "unknown_card"));
        assert_eq!((meaning(5, 21).reason, meaning(5, 25).reason), ("lock_opened", "door_opened"));
        assert_eq!((meaning(5, 21).kind, meaning(5, 27).kind), (AccessKind::Door, AccessKind::Alarm));
        assert_eq!(meaning(1, 1034).reason, "duress");
        assert_eq!(meaning(3, 1024).credential, Credential::Remote);
    }

    #[test]
    fn what_nobody_knows_is_never_a_passage() {
        for (major, minor) in [(5, 15), (5, 9999), (0, 0), (9, 1), (4, 1), (5, 0)] {
            assert_ne!(meaning(major, minor).kind, AccessKind::Granted, "{major}/{minor}");
        }
        assert_eq!((meaning(5, 1345).kind, meaning(5, 1346).kind), (AccessKind::Denied, AccessKind::Info));
    }

    #[test]
    fn refusals_say_why_and_passages_do_not() {
        for minor in 0..=3000 {
            let told = meaning(5, minor);
            assert_eq!(told.reason.is_empty(), told.kind == AccessKind::Granted, "{minor}");
            assert!(told.reason.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'));
        }
    }

    #[test]
    fn a_full_store_and_a_moved_clock_ask_for_the_log() {
        for (major, minor) in [(1, 1035), (1, 1090), (5, 194), (3, 1028), (3, 1029)] {
            assert!(wants_reading(major, minor));
        }
        assert!(!wants_reading(5, 75));
    }
}
