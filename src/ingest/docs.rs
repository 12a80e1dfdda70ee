//! The shapes of the ingest API for its documentation. The code that reads bodies is in `crates/wire`; the test
//! `documented_examples_are_accepted` holds both together.

use utoipa::OpenApi;
use utoipa::ToSchema;

/// The document without its paths; the router adds them.
pub(super) fn openapi() -> utoipa::openapi::OpenApi {
    Document::openapi()
}

#[derive(OpenApi)]
#[openapi(
    info(title = "Nazorat ingest", description = "How agents and gateways send what they observed."),
    tags((name = "ingest", description = "Batches of events, exactly once")),
    modifiers(&Security),
    components(schemas(EventBody, Answer, RejectedBody, ProblemBody))
)]
struct Document;

struct Security;

impl utoipa::Modify for Security {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        use utoipa::openapi::security::ApiKey;
        use utoipa::openapi::security::ApiKeyValue;
        use utoipa::openapi::security::Http;
        use utoipa::openapi::security::HttpAuthScheme;
        use utoipa::openapi::security::SecurityScheme;
        let components = openapi.components.get_or_insert_default();
        components
            .add_security_scheme("api_key", SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::new("X-API-Key"))));
        components.add_security_scheme("bearer", SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)));
    }
}

/// A batch of events.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a body that crates/wire reads")]
pub(super) struct LogsBody {
    /// Equal to the `Idempotency-Key` header where both are given.
    batch_id: Option<String>,
    /// At most 50,000 events.
    events: Vec<EventBody>,
}

/// One observed fact. Fields that are not listed are ignored.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a body that crates/wire reads")]
pub(super) struct EventBody {
    /// `active_window`, `visited_site`, `input_activity` or `user_session`.
    #[schema(example = "active_window")]
    kind: String,
    /// When it began, RFC 3339. Believed from 60 days before receipt to 10 minutes after it.
    #[schema(example = "2026-11-20T09:12:00+05:00")]
    ts: String,
    /// The machine's stable id.
    #[schema(example = "4c4c4544-0042-3510-8052-b4c04f4e3732")]
    computer_uid: String,
    /// Security identifier of the account.
    #[schema(example = "S-1-5-21-1004336348-1177238915-682003330-1001")]
    user_sid: Option<String>,
    /// Name of the account.
    #[schema(example = "OFIS\\dilnoza")]
    user_name: Option<String>,
    /// All kinds but `user_session`: how long it lasted, at most a day.
    #[schema(example = 64000)]
    duration_ms: Option<u32>,
    /// `active_window`: the program.
    #[schema(example = "EXCEL.EXE")]
    app: Option<String>,
    /// `active_window`, `visited_site`: the title.
    title: Option<String>,
    /// `visited_site`: the address.
    url: Option<String>,
    /// `visited_site`: which browser.
    browser: Option<String>,
    /// `visited_site`: true in a private window.
    private: Option<bool>,
    /// `input_activity`: `active` or `idle`.
    state: Option<String>,
    /// `user_session`: `login`, `logout`, `lock`, `unlock`, `connect` or `disconnect`.
    action: Option<String>,
}

/// The batch is durable.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a body that crates/wire writes")]
pub(super) struct Answer {
    /// The batch's name.
    batch_id: String,
    /// How many events are stored.
    accepted: u32,
    /// True when the batch had been taken in before.
    duplicate: bool,
    /// Events that went to the dead letters.
    rejected: Vec<RejectedBody>,
}

/// One event that could not be stored.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a body that crates/wire writes")]
pub(super) struct RejectedBody {
    /// Position in the batch, from 0.
    index: u32,
    /// A stable code.
    #[schema(example = "bad_time")]
    code: String,
    /// What is wrong and where.
    detail: String,
}

/// What went wrong (RFC 9457).
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a body that crates/wire writes")]
pub(super) struct ProblemBody {
    /// What the status means.
    title: String,
    /// The status once more.
    status: u16,
    /// A stable code.
    code: String,
    /// What happened and what to do.
    detail: String,
}
