//! How full the disk is, and for how long that goes on.

use crate::retention::Usage;
use crate::web::Texts;

/// The panel on storage.
pub(super) struct Room {
    pub(super) share: String,
    pub(super) note: String,
    pub(super) percent: u64,
    pub(super) class: &'static str,
    pub(super) sentence: String,
}

pub(super) fn of(texts: Texts, usage: &Usage) -> Room {
    let used = usage.disk_bytes.saturating_sub(usage.free_bytes);
    let whole = usage.disk_bytes.max(1);
    let percent = used.saturating_mul(100) / whole;
    Room {
        share: texts.percent(signed(used), signed(whole)),
        note: texts.with(
            "overview-room-used",
            [("used", texts.bytes(used).into()), ("total", texts.bytes(usage.disk_bytes).into())],
        ),
        percent,
        class: if percent >= 95 {
            "nz-bar-bad"
        } else if percent >= 85 {
            "nz-bar-look"
        } else {
            "nz-bar"
        },
        sentence: forecast(texts, usage),
    }
}

/// When the disk is full at this pace, in one sentence.
pub(in crate::web::pages) fn forecast(texts: Texts, usage: &Usage) -> String {
    match usage.full_in_days {
        None => texts.t("overview-room-lasts"),
        Some(days) if days > 730 => texts.t("overview-room-years"),
        Some(days) if days > 90 => texts.count("overview-room-months", days / 30),
        Some(days) => texts.count("overview-room-days", days),
    }
}

fn signed(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}
