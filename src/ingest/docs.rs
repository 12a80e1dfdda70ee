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
    tags(
        (name = "ingest", description = "Batches of events, exactly once"),
        (name = "gateways", description = "How a box of a branch joins and stays in"),
        (name = "older agents", description = "The endpoints of version 1, which keep working"),
    ),
    modifiers(&Security),
    components(schemas(EventBody, MetaBody, Answer, RejectedBody, ProblemBody))
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

/// A batch of what terminals saw.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a body that crates/wire reads")]
pub(super) struct DeviceEventsBody {
    /// Equal to the `Idempotency-Key` header where both are given.
    batch_id: Option<String>,
    /// At most 50,000 events.
    events: Vec<AccessBody>,
}

/// What a terminal saw. Texts may be left out.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a body that crates/wire reads")]
pub(super) struct AccessBody {
    /// `access`.
    #[schema(example = "access")]
    kind: String,
    /// Number of the device at the appliance.
    #[schema(example = 7)]
    device: u32,
    /// What tells it from every other event of the device, for ever; at most 96 bytes.
    #[schema(example = "1:4711")]
    serial: String,
    /// When, by the device's clock, RFC 3339. Believed from 400 days before receipt to 10 minutes after it.
    #[schema(example = "2026-11-20T09:12:00+05:00")]
    ts: String,
    /// When it was heard of, RFC 3339.
    #[schema(example = "2026-11-20T09:12:00.250+05:00")]
    seen_at: String,
    /// Which door of the device, from 1.
    door: Option<u16>,
    /// Which reader of the device, from 1.
    reader: Option<u16>,
    /// Number of the person as the device knows it.
    #[schema(example = "1001")]
    person: Option<String>,
    /// Name of the person as the device shows it.
    person_name: Option<String>,
    /// Number of the card, or the plate.
    card: Option<String>,
    /// `unknown`, `card`, `face`, `fingerprint`, `pin`, `plate`, `code`, `palm`, `iris`, `several` or `remote`.
    #[schema(example = "face")]
    credential: String,
    /// `unknown`, `in` or `out`, as the device says.
    #[schema(example = "in")]
    direction: String,
    /// `granted`, `denied`, `door`, `alarm` or `info`.
    #[schema(example = "granted")]
    outcome: String,
    /// Why, as a word, such as `expired`.
    reason: Option<String>,
    /// The maker's own code, such as `5/75`.
    code: Option<String>,
    /// True when the device told it later than it happened.
    replayed: Option<bool>,
    /// How far the device's clock was ahead, in milliseconds.
    drift_ms: Option<i64>,
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

/// The parts of a form that brings a screenshot.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a body that the handler reads part by part")]
pub(super) struct ScreenshotBody {
    /// What is known of the picture; the name `metadata` is understood as well.
    meta: MetaBody,
    /// JPEG, PNG or WebP.
    #[schema(value_type = String, format = Binary)]
    image: Vec<u8>,
}

/// What is known of a screenshot.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a part that the handler reads field by field")]
pub(super) struct MetaBody {
    /// When it was taken, RFC 3339.
    #[schema(example = "2026-11-20T09:12:00+05:00")]
    ts: String,
    /// The machine's stable id.
    computer_uid: String,
    /// Security identifier of the account.
    user_sid: Option<String>,
    /// Name of the account.
    user_name: Option<String>,
    /// The program in front.
    app: Option<String>,
    /// Its window's title.
    title: Option<String>,
    /// The page that was open; it is not kept with the picture.
    url: Option<String>,
    /// Which monitor, from 0.
    monitor: Option<u16>,
    /// True when the agent made it unreadable before it left the computer.
    blurred: Option<bool>,
}

/// A body of an older agent.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "describes a body that v1/events.rs reads")]
pub(super) struct AgentBody {
    /// The machine's stable id.
    computer_uid: String,
    /// Security identifier of the account.
    user_sid: Option<String>,
    /// Name of the account.
    user_name: Option<String>,
    /// At most 50,000 items.
    data: Vec<AgentItem>,
}

/// One item of an older agent; each endpoint needs some of the fields. Fields that are not listed are ignored.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "describes a body that v1/events.rs reads")]
pub(super) struct AgentItem {
    /// When it began: RFC 3339, or `YYYY-MM-DD HH:MM:SS` on the wall clock of the organization.
    #[schema(example = "2026-11-20 09:12:00")]
    datetime: String,
    /// The title of the window or of the page.
    title: Option<String>,
    /// The program; for sites the browser.
    #[schema(example = "EXCEL.EXE")]
    process_name: Option<String>,
    /// The address of the page.
    url: Option<String>,
    /// How long it was in front, in seconds, at most a day.
    #[schema(example = 64.5)]
    active_time: Option<f64>,
    /// Sessions: `login`, `logout`, `lock` or `unlock`, in any letter case; `type` is understood as well.
    action: Option<String>,
}

/// A screenshot of an older agent.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "describes a body that v1/screenshots.rs reads")]
pub(super) struct AgentScreenshotBody {
    /// The machine's stable id.
    computer_uid: String,
    /// Security identifier of the account.
    user_sid: Option<String>,
    /// Name of the account.
    user_name: Option<String>,
    /// When it was taken: RFC 3339, or `YYYY-MM-DD HH:MM:SS` on the wall clock of the organization.
    #[schema(example = "2026-11-20 09:12:00")]
    datetime: String,
    /// The title of the window in front.
    title: Option<String>,
    /// The program in front.
    process_name: Option<String>,
    /// JPEG, PNG or WebP; in JSON in base 64.
    #[schema(value_type = String, format = Binary)]
    image: Vec<u8>,
}

/// The batch is durable.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a body that crates/wire writes")]
pub(super) struct Answer {
    /// The batch's name.
    batch_id: String,
    /// How many events are stored.
    accepted: u32,
    /// How many a policy does not let anybody keep; not there when there are none.
    withheld: Option<u32>,
    /// True when the batch had been taken in before.
    duplicate: bool,
    /// Events that went to the dead letters.
    rejected: Vec<RejectedBody>,
    /// Another word in each life of the appliance's process; a gateway tells none.
    life: Option<String>,
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
