//! The same made-up active windows for everyone who is measured: computed from their number alone.

/// Microseconds of 2026-01-05 00:00 UTC, a Monday.
pub(crate) const START: i64 = 1_767_571_200_000_000;

const APPLICATIONS: &[&str] = &[
    "chrome.exe",
    "excel.exe",
    "outlook.exe",
    "1cv8.exe",
    "winword.exe",
    "telegram.exe",
    "explorer.exe",
    "teams.exe",
    "acad.exe",
    "notepad.exe",
    "firefox.exe",
    "powerpnt.exe",
];

const TITLES: &[&str] = &[
    "Inbox",
    "Quarterly report",
    "Price list",
    "Contract draft",
    "Stock balance",
    "Meeting notes",
    "Payroll",
    "Delivery schedule",
    "Project plan",
    "Customer card",
    "Search results",
    "New document",
];

pub(crate) struct ActiveWindow {
    pub(crate) ts_micros: i64,
    /// From 0; as many as the bench has people.
    pub(crate) user: u64,
    pub(crate) duration_ms: u64,
    pub(crate) app: &'static str,
    pub(crate) title: String,
}

/// The window with that number, of a company of so many people who all work at once.
pub(crate) fn active_window(number: u64, users: u64) -> ActiveWindow {
    let chance = mix(number);
    let user = number % users;
    let slot = number / users;
    // About every twelve seconds each; two thousand and four hundred fill a working day.
    let (day, within) = (slot / 2_400, slot % 2_400);
    let second = day * 86_400 + 4 * 3_600 + within * 12 + chance % 8;
    let title = TITLES[(chance >> 8) as usize % TITLES.len()];
    ActiveWindow {
        ts_micros: START + (second * 1_000_000 + chance % 1_000_000) as i64,
        user,
        duration_ms: 1_000 + (chance >> 16) % 30_000,
        app: APPLICATIONS[habit(user, chance >> 24)],
        title: format!("{title} {}", (chance >> 32) % 400),
    }
}

/// The window with that number of a person's working day, of so many that fill it from nine to six in Tashkent.
pub(crate) fn of_day(midnight_micros: i64, user: u64, number: u64, windows: u64) -> ActiveWindow {
    let chance = mix(mix(midnight_micros as u64 ^ (user << 20)) ^ number);
    let slot_ms = 9 * 3_600_000 / windows;
    let spare_ms = chance % (slot_ms / 4).max(1);
    let title = TITLES[(chance >> 8) as usize % TITLES.len()];
    ActiveWindow {
        ts_micros: midnight_micros + (9 * 3_600_000 + number * slot_ms + spare_ms) as i64 * 1_000,
        user,
        duration_ms: slot_ms - spare_ms,
        app: APPLICATIONS[habit(user, chance >> 24)],
        title: format!("{title} {}", (chance >> 32) % 400),
    }
}

/// People use few programs most of the time.
fn habit(user: u64, chance: u64) -> usize {
    let favourite = mix(user) + [0, 0, 0, 1, 1, 2, 3, 7][chance as usize % 8];
    favourite as usize % APPLICATIONS.len()
}

/// SplitMix64: spreads a number over all bits.
fn mix(number: u64) -> u64 {
    let mut bits = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}
