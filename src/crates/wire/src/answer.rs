//! What a sender hears back.

/// Answer to a batch that was taken in.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct IngestAnswer {
    /// The batch's name, as sent or as given by the server.
    pub batch_id: String,
    /// How many events were stored.
    pub accepted: u32,
    /// True when the batch had been taken in before.
    pub duplicate: bool,
    /// Events that went to the dead letters.
    pub rejected: Vec<Rejection>,
    /// How many events a policy does not let anybody keep. They are nowhere.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub withheld: u32,
    /// Another word in every life of the appliance's process. Whoever sends sees by it that the appliance was started
    /// again, perhaps with an older copy of its data. A hop on the way tells none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub life: Option<String>,
}

impl IngestAnswer {
    /// To a batch of which nothing is stored.
    pub fn of(batch_id: &str) -> Self {
        let rejected = Vec::new();
        Self { batch_id: batch_id.to_owned(), accepted: 0, duplicate: false, rejected, withheld: 0, life: None }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
const fn is_zero(count: &u32) -> bool {
    *count == 0
}

/// One event that could not be stored as what it claims to be.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Rejection {
    /// Position in the batch, from 0.
    pub index: u32,
    /// A stable code.
    pub code: String,
    /// What is wrong and where.
    pub detail: String,
}

/// An error answer (RFC 9457).
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Problem {
    /// What the status means.
    pub title: String,
    /// The status once more.
    pub status: u16,
    /// A stable code.
    pub code: String,
    /// What happened and what to do.
    pub detail: String,
}
