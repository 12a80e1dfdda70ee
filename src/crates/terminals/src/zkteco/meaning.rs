//! What the numbers of devices mean: how somebody verified, which way, what happened.

use nazorat_wire::AccessKind;
use nazorat_wire::Credential;
use nazorat_wire::Direction;

/// What was shown, in records of port 4370. Old devices count differently from those that push.
pub fn credential_of_record(verify: u8) -> Credential {
    match verify {
        0 => Credential::Pin,
        1 => Credential::Fingerprint,
        2 => Credential::Card,
        other => credential(u32::from(other)),
    }
}

/// What was shown, in records that are pushed.
pub fn credential(verify: u32) -> Credential {
    match verify {
        1 | 21 => Credential::Fingerprint,
        2 | 3 => Credential::Pin,
        4 => Credential::Card,
        5..=14 | 16..=20 | 22..=24 | 26..=29 => Credential::Several,
        15 => Credential::Face,
        25 => Credential::Palm,
        200 => Credential::Remote,
        _ => Credential::Unknown,
    }
}

/// What was shown, where it is told as a text: a number, or sixteen bits read from the right.
pub fn credential_of_text(verify: &str) -> Credential {
    let verify = verify.trim();
    let bits = verify.len() == 16 && verify.bytes().all(|byte| matches!(byte, b'0' | b'1'));
    if !bits {
        return verify.parse().map_or(Credential::Unknown, credential);
    }
    let set: Vec<usize> = verify.bytes().rev().enumerate().filter(|(_, bit)| *bit == b'1').map(|(at, _)| at).collect();
    // The lowest says how the others are combined.
    match set.iter().copied().filter(|at| *at > 0).collect::<Vec<_>>().as_slice() {
        [] => Credential::Unknown,
        [1] => Credential::Face,
        [2 | 3] => Credential::Palm,
        [4 | 5] => Credential::Fingerprint,
        [7 | 8] => Credential::Iris,
        [9 | 10] => Credential::Pin,
        [11] => Credential::Card,
        [_] => Credential::Unknown,
        _ => Credential::Several,
    }
}

/// Which way, by the key that the person pressed. Many never press one.
pub const fn direction(state: u32) -> Direction {
    match state {
        0 | 3 | 4 => Direction::In,
        1 | 2 | 5 => Direction::Out,
        _ => Direction::Unknown,
    }
}

/// Which way, in events of access terminals.
pub const fn direction_of_reader(state: u32) -> Direction {
    match state {
        0 => Direction::In,
        1 => Direction::Out,
        _ => Direction::Unknown,
    }
}

/// What an event of an access terminal is, and why.
pub fn event(code: u32) -> (AccessKind, &'static str) {
    use AccessKind::Alarm;
    use AccessKind::Denied;
    use AccessKind::Door;
    use AccessKind::Granted;
    use AccessKind::Info;
    match code {
        0..=3 | 5 | 14..=19 | 203 | 207 | 208 | 215 | 216 | 218 | 222 | 232 => (Granted, ""),
        4 => (Granted, "emergency_password"),
        6 => (Info, "linkage"),
        7 => (Info, "alarm_cancelled"),
        8 => (Door, "remote_open"),
        9 => (Door, "remote_close"),
        10 => (Door, "always_open_disabled"),
        11 => (Door, "always_open_enabled"),
        12 | 13 | 229 | 230 => (Info, "auxiliary_output"),
        20 | 31 | 50 | 61 => (Denied, "too_fast"),
        21 | 35 | 49 => (Denied, "outside_time"),
        22 => (Denied, "invalid_time_zone"),
        23 | 56 | 67 => (Denied, "no_right"),
        24 => (Denied, "anti_passback"),
        25 => (Denied, "interlock"),
        26 | 32 | 51 => (Denied, "waiting_for_others"),
        27 | 30 | 34 => (Denied, "unknown_person"),
        28 => (Alarm, "held_open"),
        29 | 33 | 53 => (Denied, "expired"),
        36 | 64 => (Denied, "button_outside_time"),
        37 => (Denied, "cannot_close"),
        38 => (Denied, "card_lost"),
        39 | 62 => (Denied, "blocked"),
        40 | 48 | 52 => (Denied, "others_failed"),
        41 => (Denied, "wrong_credential"),
        42 => (Denied, "unreadable_card"),
        43 => (Alarm, "person_watched"),
        44 | 45 | 70 | 71 | 72 | 75 => (Denied, "remote_check_failed"),
        47 => (Info, "command_failed"),
        54 | 55 => (Alarm, "battery"),
        57 | 107 => (Alarm, "power"),
        58 => (Alarm, "always_open"),
        59 => (Denied, "illegal_admin"),
        60 => (Denied, "locked_inside"),
        63 => (Denied, "door_locked"),
        68 | 69 => (Denied, "health_rule"),
        73 | 74 => (Denied, "code_invalid"),
        80 => (Denied, "no_right"),
        77..=79 => (Info, "network"),
        100 => (Alarm, "tamper"),
        101 | 103 => (Alarm, "duress"),
        102 => (Alarm, "forced"),
        104 => (Alarm, "repeated_unknown_cards"),
        105 | 108 | 110..=112 => (Alarm, "connection_lost"),
        106 => (Alarm, "battery"),
        109 => (Alarm, "reader_tamper"),
        114..=121 => (Alarm, "line_fault"),
        113 | 122..=199 => (Alarm, "other"),
        200 => (Door, "opened"),
        201 => (Door, "closed"),
        202 | 209 | 219 => (Door, "exit_button"),
        204 => (Door, "always_open_ended"),
        205 => (Door, "remote_always_open"),
        206 => (Info, "started"),
        210 => (Alarm, "fire"),
        211 => (Door, "super_user_closed"),
        214 | 217 | 237 | 245..=248 => (Info, "network"),
        220 | 221 | 225 | 226 => (Info, "auxiliary_input"),
        224 => (Info, "doorbell"),
        227 | 228 => (Door, "mode_changed"),
        233 => (Door, "remote_locked"),
        234 => (Door, "remote_unlocked"),
        243 => (Alarm, "fire"),
        4000 => (Info, "fire_over"),
        5000..=5999 => (Alarm, "fault"),
        6000 => (Alarm, "fire"),
        6001..=6999 => (Alarm, "warning"),
        46 | 65 | 66 | 76 | 81..=99 => (Denied, "other"),
        _ => (Info, "other"),
    }
}

/// The event that is only the state of the doors, told again and again.
pub const STATE_EVENT: u32 = 255;

/// What an entry of the operation log is, if anybody should know of it.
pub fn operation(code: u32, second: &str) -> Option<(AccessKind, &'static str)> {
    Some(match code {
        0 => (AccessKind::Info, "started"),
        1 => (AccessKind::Info, "stopped"),
        2 => (AccessKind::Denied, "unknown_person"),
        3 => match second.trim() {
            "50" => (AccessKind::Door, "closed"),
            "51" => (AccessKind::Door, "opened"),
            "53" => (AccessKind::Door, "exit_button"),
            "54" => (AccessKind::Alarm, "forced"),
            "55" => (AccessKind::Alarm, "tamper"),
            "58" => (AccessKind::Alarm, "repeated_failures"),
            "65535" => (AccessKind::Info, "alarm_cancelled"),
            _ => (AccessKind::Alarm, "other"),
        },
        4 => (AccessKind::Info, "menu"),
        5 => (AccessKind::Info, "setting_changed"),
        9 => (AccessKind::Info, "person_deleted"),
        13 => (AccessKind::Alarm, "data_cleared"),
        21 => (AccessKind::Alarm, "clock_set"),
        22 => (AccessKind::Alarm, "factory_settings"),
        23 => (AccessKind::Alarm, "log_cleared"),
        24 => (AccessKind::Alarm, "admins_cleared"),
        29 => (AccessKind::Door, "opened"),
        30 => (AccessKind::Info, "person_enrolled"),
        32 => (AccessKind::Alarm, "duress"),
        _ => return None,
    })
}
