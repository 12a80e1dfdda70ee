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

/// About every twelve seconds each; so many fill a working day.
const DENSE: u64 = 2_400;
const WORKING_DAY_SECS: u64 = 8 * 3_600;

/// The window with that number, of a company of so many people who all work at once.
pub(crate) fn active_window(number: u64, users: u64) -> ActiveWindow {
    spread(number, users, DENSE)
}

/// The same with so many windows on each day of each of them.
pub(crate) fn spread(number: u64, users: u64, per_day: u64) -> ActiveWindow {
    let chance = mix(number);
    let user = number % users;
    let slot = number / users;
    let (day, within) = (slot / per_day, slot % per_day);
    let second = day * 86_400 + 4 * 3_600 + within * (WORKING_DAY_SECS / per_day) + chance % 8;
    let title = TITLES[(chance >> 8) as usize % TITLES.len()];
    ActiveWindow {
        ts_micros: START + (second * 1_000_000 + chance % 1_000_000) as i64,
        user,
        duration_ms: 1_000 + (chance >> 16) % 30_000,
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
