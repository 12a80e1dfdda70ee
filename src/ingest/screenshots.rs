//! `POST /v2/ingest/screenshots`: one picture of a screen with its metadata.

use axum::Json;
use axum::body::Body;
use axum::body::Bytes;
use axum::extract::State;
use http::HeaderMap;
use metrics::counter;
use nazorat_wire::IngestAnswer;
use nazorat_wire::Limit;

use crate::ingest::Doors;
use crate::ingest::Refusal;
use crate::ingest::Sender;
use crate::ingest::ShotTold;
use crate::ingest::body;
use crate::ingest::docs::Answer;
use crate::ingest::docs::ProblemBody;
use crate::ingest::docs::ScreenshotBody;
use crate::ingest::fields::Fields;
use crate::ingest::fields::Wrong;
use crate::ingest::fields::needed;
use crate::ingest::fields::time;
use crate::ingest::logs::key_of;
use crate::ingest::parts;
use crate::ingest::parts::Part;
use crate::ingest::shots;
use crate::ingest::shots::Shot;

/// Take in a screenshot
///
/// The picture is JPEG, PNG or WebP by its content, of at most 40 megapixels. It is decoded before it is accepted.
/// 200 means that the picture and its record are on disk. A picture whose time is not believed is listed in
/// `rejected` and not kept.
#[utoipa::path(
    post,
    path = "/v2/ingest/screenshots",
    tag = "ingest",
    params(
        ("Idempotency-Key" = Option<String>, Header, description = "The name of this screenshot, 1 to 128 visible ASCII \
            characters. Without one the name is made from metadata and picture."),
    ),
    request_body(content = ScreenshotBody, content_type = "multipart/form-data",
        description = "The parts `meta` and `image`, at most 5,000,000 bytes together"),
    responses(
        (status = 200, description = "Durable", body = Answer),
        (status = 400, description = "No form, a part is missing, or the picture or its metadata cannot be read", body = ProblemBody, content_type = "application/problem+json"),
        (status = 401, description = "No API key, or an unknown one", body = ProblemBody, content_type = "application/problem+json"),
        (status = 408, description = "The body did not arrive within a minute; send less at once", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "The same screenshot is being taken in right now", body = ProblemBody, content_type = "application/problem+json"),
        (status = 413, description = "Too large", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "The same name came before with another content", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "No room, or not set up yet; come again after `Retry-After`", body = ProblemBody, content_type = "application/problem+json"),
    ),
    security(("api_key" = []), ("bearer" = [])),
)]
pub(super) async fn take(
    State(doors): State<Doors>,
    sender: Sender,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<IngestAnswer>, Refusal> {
    let body = body::read(&headers, body).await?;
    let mut parts = parts::split(&headers, body.bytes).await?;
    let meta = parts::take(&mut parts, &["meta", "metadata"])?;
    let image = parts::take(&mut parts, &["image"])?;
    let digest = shots::digest(&meta, &image);
    let key = key_of(&headers, None, &digest)?;
    let shot = read(&meta, image)?;
    Ok(Json(shots::keep(&doors, sender, key, digest, shot).await?))
}

/// What the parts tell of a picture.
pub(super) fn told(mut parts: Vec<Part>) -> Result<ShotTold, Refusal> {
    let meta = parts::take(&mut parts, &["meta", "metadata"])?;
    let image = parts::take(&mut parts, &["image"])?;
    Ok(read(&meta, image)?.into())
}

fn read(meta: &[u8], image: Bytes) -> Result<Shot<'_>, Wrong> {
    let raw = std::str::from_utf8(meta).map_err(|_| Wrong::new("bad_text", "meta is not UTF-8"))?;
    let mut fields =
        Fields::read(meta).map_err(|wrong| Wrong { detail: format!("meta: {}", wrong.detail), ..wrong })?;
    let monitor = fields.number("monitor")?.unwrap_or(0.0);
    if monitor.fract() != 0.0 || !(0.0..=f64::from(u16::MAX)).contains(&monitor) {
        return Err(Wrong::new("out_of_range", format!("monitor: {monitor} is not from 0 to {}", u16::MAX)));
    }
    let shot = Shot {
        ts: time("ts", &needed("ts", fields.text("ts")?)?)?,
        computer_uid: needed("computer_uid", fields.name("computer_uid")?)?,
        user_sid: fields.name("user_sid")?,
        user_name: fields.name("user_name")?,
        app: fields.name("app")?,
        title: fields.short("title", Limit::TITLE)?,
        monitor: monitor as u16,
        blurred: fields.flag("blurred")?,
        raw,
        image,
    };
    // Agents may tell the page that was open; the record has no place for it.
    fields.short("url", Limit::URL)?;
    counter!("nazorat_ingest_unknown_fields_total").increment(fields.unknown());
    Ok(shot)
}

#[cfg(test)]
mod tests {
    use axum::body::Bytes;

    use super::read;

    fn code(meta: &str) -> &'static str {
        read(meta.as_bytes(), Bytes::new()).map_or_else(|wrong| wrong.code, |_| "")
    }

    #[test]
    fn metadata_are_read_and_each_mistake_is_named() {
        let good = r#"{"ts":"2026-11-20T09:12:00+05:00","computer_uid":"pc-1","user_name":"OFIS\\dilnoza","monitor":1,
            "blurred":true,"url":"https://didox.uz","more":[]}"#;
        let shot = read(good.as_bytes(), Bytes::new()).unwrap();
        assert_eq!(shot.ts.to_string(), "2026-11-20T04:12:00Z");
        assert_eq!((shot.computer_uid.as_str(), shot.monitor, shot.blurred), ("pc-1", 1, true));
        assert_eq!(code("[]"), "wrong_type");
        assert_eq!(code("{"), "not_json");
        assert_eq!(code(&good.replace("2026-11-20T09", "soon")), "bad_time");
        assert_eq!(code(&good.replace("\"ts\"", "\"t\"")), "missing_field");
        assert_eq!(code(&good.replace("pc-1", "")), "missing_field");
        assert_eq!(code(&good.replace(":1,", ":1.5,")), "out_of_range");
        assert_eq!(code(&good.replace(":1,", ":-1,")), "out_of_range");
        assert_eq!(code(&good.replace("true", "1")), "wrong_type");
        assert_eq!(code(&good.replace("pc-1", &"x".repeat(300))), "too_long");
    }
}
