//! The routes below `/api/0`, as watchers expect them.

use std::time::Duration;

use axum::Json;
use axum::Router;
use axum::body::Bytes;
use axum::extract::DefaultBodyLimit;
use axum::extract::Path;
use axum::extract::Query;
use axum::extract::State;
use axum::middleware::from_fn;
use axum::response::IntoResponse;
use axum::response::Response;
use axum::routing::get;
use axum::routing::post;
use http::StatusCode;
use http::header::CONTENT_DISPOSITION;
use http::header::RETRY_AFTER;
use serde::Deserialize;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::buckets::Bucket;
use super::buckets::BucketError;
use super::buckets::MAX_NAME;
use super::buckets::MAX_SETTINGS;
use super::guard;
use super::journal::ActivityWatch;
use super::journal::FlushError;
use super::merge::Beat;
use super::merge::Event;
use super::merge::Timeline;
use crate::ingest::MAX_WIRE;
use crate::kernel::Timestamp;

const US: f64 = 1_000_000.0;
/// The longest event and the longest pulse, in seconds.
const MAX_SECONDS: f64 = 31.0 * 86_400.0;
const MAX_EVENTS: usize = 10_000;

/// An answer in the form of ActivityWatch's server.
pub(super) struct Failure {
    status: StatusCode,
    message: String,
    retry_after: Option<Duration>,
}

impl Failure {
    pub(super) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, message: message.into(), retry_after: None }
    }

    fn bad(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    fn no_bucket(id: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, format!("The requested bucket {id:?} does not exist"))
    }
}

impl From<FlushError> for Failure {
    fn from(problem: FlushError) -> Self {
        tracing::warn!("heartbeat not taken: {problem}");
        let message = "events cannot be kept just now";
        Self { retry_after: Some(Duration::from_secs(30)), ..Self::new(StatusCode::SERVICE_UNAVAILABLE, message) }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(json!({ "message": self.message }))).into_response();
        if let Some(after) = self.retry_after {
            response.headers_mut().insert(RETRY_AFTER, after.as_secs().into());
        }
        response
    }
}

/// All routes. Serve them on a loopback address only.
pub fn router(watch: ActivityWatch) -> Router {
    Router::new()
        .route("/api/0/info", get(info))
        .route("/api/0/buckets", get(list))
        .route("/api/0/buckets/", get(list))
        .route("/api/0/buckets/{id}", get(find).post(create).delete(remove))
        .route("/api/0/buckets/{id}/heartbeat", post(heartbeat))
        .route("/api/0/buckets/{id}/events", get(events).post(insert))
        .route("/api/0/buckets/{id}/events/count", get(count))
        .route("/api/0/buckets/{id}/events/{event}", get(event))
        .route("/api/0/buckets/{id}/export", get(export))
        .route("/api/0/settings", get(settings))
        .route("/api/0/settings/{key}", get(setting).post(set).delete(unset))
        .layer(DefaultBodyLimit::max(MAX_WIRE))
        .layer(from_fn(guard::check))
        .with_state(watch)
}

async fn info(State(watch): State<ActivityWatch>) -> Json<Value> {
    let device_id = watch.state().kept.device_id.clone();
    let version = concat!("v", env!("CARGO_PKG_VERSION"), " (nazorat)");
    Json(json!({ "hostname": watch.0.config.host, "version": version, "testing": false, "device_id": device_id }))
}

async fn list(State(watch): State<ActivityWatch>) -> Json<Value> {
    let state = watch.state();
    let shown = |(id, bucket): (&String, &Bucket)| (id.clone(), shown(id, bucket, state.timeline(id)));
    Json(Value::Object(state.kept.buckets.iter().map(shown).collect()))
}

async fn find(State(watch): State<ActivityWatch>, Path(id): Path<String>) -> Result<Json<Value>, Failure> {
    let state = watch.state();
    let bucket = state.kept.buckets.get(&id).ok_or_else(|| Failure::no_bucket(&id))?;
    Ok(Json(shown(&id, bucket, state.timeline(&id))))
}

#[derive(Deserialize)]
struct BucketBody {
    client: String,
    #[serde(rename = "type")]
    bucket_type: String,
    hostname: String,
    #[serde(default)]
    data: Option<Map<String, Value>>,
}

/// 304 when the bucket is there, as watchers expect at each start.
async fn create(
    State(watch): State<ActivityWatch>,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<(StatusCode, Json<Value>), Failure> {
    let body: BucketBody = serde_json::from_slice(&body).map_err(|problem| Failure::bad(problem.to_string()))?;
    let names = [&id, &body.client, &body.bucket_type, &body.hostname];
    if id.trim().is_empty() || names.iter().any(|name| name.len() > MAX_NAME || name.chars().any(char::is_control)) {
        return Err(Failure::bad(format!("names have 1 to {MAX_NAME} bytes on one line")));
    }
    let data = body.data.unwrap_or_default();
    if data.len() > MAX_SETTINGS {
        return Err(Failure::bad("data of a bucket has too many fields"));
    }
    let created = watch.0.clock.now().to_string();
    let bucket = Bucket { bucket_type: body.bucket_type, client: body.client, hostname: body.hostname, created, data };
    match watch.add_bucket(&id, bucket).await {
        Ok(true) => Ok((StatusCode::OK, Json(json!({})))),
        Ok(false) => Ok((StatusCode::NOT_MODIFIED, Json(Value::Null))),
        Err(BucketError::TooMany) => Err(Failure::bad(BucketError::TooMany.to_string())),
        Err(BucketError::Disk(problem)) => Err(not_kept(&problem)),
    }
}

async fn remove(State(watch): State<ActivityWatch>, Path(id): Path<String>) -> Result<Json<Value>, Failure> {
    let _turn = watch.0.saving.lock().await;
    for _ in 0..3 {
        if watch.state().kind(&id).is_none() {
            return Err(Failure::no_bucket(&id));
        }
        // What was acknowledged leaves before its bucket goes.
        watch.flush().await?;
        let gone = {
            let mut state = watch.state();
            let gone = state.timeline(&id).is_none_or(Timeline::has_left);
            if gone {
                state.remove(&id);
            }
            gone
        };
        if gone {
            save(&watch).await?;
            return Ok(Json(json!({})));
        }
    }
    Err(Failure::new(StatusCode::SERVICE_UNAVAILABLE, "events of the bucket are still on their way"))
}

#[derive(Deserialize)]
struct Pulse {
    pulsetime: Option<String>,
}

async fn heartbeat(
    State(watch): State<ActivityWatch>,
    Path(id): Path<String>,
    Query(query): Query<Pulse>,
    body: Bytes,
) -> Result<Json<Value>, Failure> {
    let seconds = query.pulsetime.as_deref().and_then(|text| text.parse::<f64>().ok());
    let Some(seconds) = seconds.filter(|seconds| (0.0..=MAX_SECONDS).contains(seconds)) else {
        return Err(Failure::bad("pulsetime must be a number of seconds"));
    };
    let sent: EventBody = serde_json::from_slice(&body).map_err(|problem| Failure::bad(problem.to_string()))?;
    let taken = watch.take(&id, Some((seconds * US).round() as i64), vec![sent.beat()?]).await?;
    let event = taken.ok_or_else(|| Failure::no_bucket(&id))?.pop();
    Ok(Json(event.as_ref().map(json_of).unwrap_or_default()))
}

#[derive(Deserialize)]
struct EventBody {
    timestamp: String,
    #[serde(default)]
    duration: Option<f64>,
    #[serde(default)]
    data: Map<String, Value>,
}

impl EventBody {
    fn beat(self) -> Result<Beat, Failure> {
        let start: Timestamp =
            self.timestamp.parse().map_err(|_| Failure::bad("timestamp must be an RFC 3339 time"))?;
        let seconds = self.duration.unwrap_or(0.0);
        if !(0.0..=MAX_SECONDS).contains(&seconds) {
            return Err(Failure::bad("duration must be from 0 to 31 days, in seconds"));
        }
        let length = (seconds * US).round() as i64;
        Ok(Beat { start: start.as_microsecond(), length, data: Value::Object(self.data) })
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum EventsBody {
    Many(Vec<EventBody>),
    One(EventBody),
}

async fn insert(
    State(watch): State<ActivityWatch>,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Json<Value>, Failure> {
    let sent = match serde_json::from_slice(&body).map_err(|problem| Failure::bad(problem.to_string()))? {
        EventsBody::Many(events) => events,
        EventsBody::One(event) => vec![event],
    };
    if sent.len() > MAX_EVENTS {
        return Err(Failure::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            format!("at most {MAX_EVENTS} events are taken at once"),
        ));
    }
    let beats = sent.into_iter().map(EventBody::beat).collect::<Result<Vec<_>, _>>()?;
    let events = watch.take(&id, None, beats).await?.ok_or_else(|| Failure::no_bucket(&id))?;
    Ok(Json(events.iter().map(json_of).collect()))
}

#[derive(Deserialize)]
struct Range {
    start: Option<String>,
    end: Option<String>,
    limit: Option<i64>,
}

async fn events(
    State(watch): State<ActivityWatch>,
    Path(id): Path<String>,
    Query(range): Query<Range>,
) -> Result<Json<Value>, Failure> {
    let time = |text: &Option<String>, otherwise: i64| match text {
        None => Ok(otherwise),
        Some(text) => match text.parse::<Timestamp>() {
            Ok(time) => Ok(time.as_microsecond()),
            Err(_) => Err(Failure::bad("start and end must be RFC 3339 times")),
        },
    };
    let (from, to) = (time(&range.start, i64::MIN)?, time(&range.end, i64::MAX)?);
    let limit = range.limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usize::MAX);
    let state = watch.state();
    state.kind(&id).ok_or_else(|| Failure::no_bucket(&id))?;
    let all = state.timeline(&id).into_iter().flat_map(Timeline::newest_first);
    let inside = all.filter(|event| event.end >= from && event.start <= to).take(limit);
    Ok(Json(inside.map(|event| json_of(&event.clipped(from, to))).collect()))
}

async fn count(State(watch): State<ActivityWatch>, Path(id): Path<String>) -> Result<Json<usize>, Failure> {
    let state = watch.state();
    state.kind(&id).ok_or_else(|| Failure::no_bucket(&id))?;
    Ok(Json(state.timeline(&id).map_or(0, |timeline| timeline.newest_first().count())))
}

async fn event(
    State(watch): State<ActivityWatch>,
    Path((id, event)): Path<(String, String)>,
) -> Result<Json<Value>, Failure> {
    let state = watch.state();
    state.kind(&id).ok_or_else(|| Failure::no_bucket(&id))?;
    let number = event.parse::<i64>().ok();
    let found = state.timeline(&id).and_then(|timeline| timeline.newest_first().find(|one| Some(one.id) == number));
    let missing = || Failure::new(StatusCode::NOT_FOUND, "The requested event does not exist");
    found.map(|event| Json(json_of(event))).ok_or_else(missing)
}

async fn export(State(watch): State<ActivityWatch>, Path(id): Path<String>) -> Result<Response, Failure> {
    let bucket = {
        let state = watch.state();
        let bucket = state.kept.buckets.get(&id).ok_or_else(|| Failure::no_bucket(&id))?;
        let mut bucket = shown(&id, bucket, state.timeline(&id));
        let events = state.timeline(&id).into_iter().flat_map(Timeline::newest_first);
        bucket["events"] = events.map(json_of).collect();
        bucket
    };
    let attachment = [(CONTENT_DISPOSITION, "attachment; filename=\"aw-bucket-export.json\"")];
    Ok((attachment, Json(json!({ "buckets": { id: bucket } }))).into_response())
}

async fn settings(State(watch): State<ActivityWatch>) -> Json<Value> {
    Json(json!(watch.state().kept.settings))
}

async fn setting(State(watch): State<ActivityWatch>, Path(key): Path<String>) -> Json<Value> {
    Json(watch.state().kept.settings.get(&key).cloned().unwrap_or_default())
}

async fn set(State(watch): State<ActivityWatch>, Path(key): Path<String>, body: Bytes) -> Result<StatusCode, Failure> {
    let value: Value = serde_json::from_slice(&body).map_err(|problem| Failure::bad(problem.to_string()))?;
    if key.len() >= 128 || body.len() > 64 << 10 {
        return Err(Failure::bad("keys have less than 128 bytes and values at most 64 KiB"));
    }
    let _turn = watch.0.saving.lock().await;
    {
        let settings = &mut watch.state().kept.settings;
        if settings.len() >= MAX_SETTINGS && !settings.contains_key(&key) {
            return Err(Failure::bad(format!("there are {MAX_SETTINGS} settings already")));
        }
        settings.insert(key, value);
    }
    save(&watch).await?;
    Ok(StatusCode::CREATED)
}

async fn unset(State(watch): State<ActivityWatch>, Path(key): Path<String>) -> Result<StatusCode, Failure> {
    let _turn = watch.0.saving.lock().await;
    watch.state().kept.settings.remove(&key);
    save(&watch).await?;
    Ok(StatusCode::OK)
}

/// Writes buckets and settings down. Whoever calls holds the turn.
async fn save(watch: &ActivityWatch) -> Result<(), Failure> {
    watch.keep_buckets().await.map_err(|problem| not_kept(&problem))
}

fn not_kept(problem: &std::io::Error) -> Failure {
    tracing::error!("buckets could not be kept: {problem}");
    Failure::new(StatusCode::INTERNAL_SERVER_ERROR, "it could not be kept")
}

fn shown(id: &str, bucket: &Bucket, timeline: Option<&Timeline>) -> Value {
    let span = timeline.and_then(Timeline::span);
    let (start, end) = (span.map(|(start, _)| time(start)), span.map(|(_, end)| time(end)));
    json!({
        "id": id, "type": bucket.bucket_type, "client": bucket.client, "hostname": bucket.hostname,
        "created": bucket.created, "data": bucket.data, "metadata": { "start": start, "end": end },
        "events": null, "last_updated": end,
    })
}

fn json_of(event: &Event) -> Value {
    let duration = event.end.saturating_sub(event.start) as f64 / US;
    json!({ "id": event.id, "timestamp": time(event.start), "duration": duration, "data": event.data })
}

fn time(us: i64) -> String {
    Timestamp::from_microsecond(us).unwrap_or(Timestamp::MAX).to_string()
}
