//! `POST /api/agent/screenshots`: a form with a file, or JSON with the picture in base 64.

use axum::Json;
use axum::body::Body;
use axum::body::Bytes;
use axum::extract::State;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use metrics::counter;
use nazorat_wire::IngestAnswer;
use nazorat_wire::Limit;

use super::moment;
use crate::ingest::Doors;
use crate::ingest::Refusal;
use crate::ingest::Sender;
use crate::ingest::ShotTold;
use crate::ingest::body;
use crate::ingest::docs::AgentScreenshotBody;
use crate::ingest::docs::Answer;
use crate::ingest::docs::ProblemBody;
use crate::ingest::fields::Fields;
use crate::ingest::fields::Wrong;
use crate::ingest::fields::needed;
use crate::ingest::parts;
use crate::ingest::parts::Part;
use crate::ingest::shots;
use crate::ingest::shots::Shot;
use crate::kernel::Zone;

/// Take in a screenshot (older agents)
///
/// A form with the fields `computerUid`, `userSid`, `userName`, `datetime`, `title`, `processName` and one file; or a
/// JSON object with the same fields and the picture in base 64 as `image`.
#[utoipa::path(
    post,
    path = "/api/agent/screenshots",
    tag = "older agents",
    request_body(description = "At most 5,000,000 bytes", content(
        (AgentScreenshotBody = "multipart/form-data"),
        (AgentScreenshotBody = "application/json"),
    )),
    responses(
        (status = 200, description = "Durable", body = Answer),
        (status = 400, description = "Neither a form nor JSON, or the picture cannot be read", body = ProblemBody, content_type = "application/problem+json"),
        (status = 401, description = "No API key, or an unknown one", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "The same screenshot is being taken in right now", body = ProblemBody, content_type = "application/problem+json"),
        (status = 413, description = "Too large", body = ProblemBody, content_type = "application/problem+json"),
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
    let sent = sent(&headers, body.bytes).await?;
    let digest = shots::digest(sent.raw.as_bytes(), &sent.image);
    let key = super::key("screenshots", &digest)?;
    let shot = read(sent.fields, &sent.raw, sent.image, &(doors.entry.zones)(sender.organization))?;
    Ok(Json(shots::keep(&doors, sender, key, digest, shot).await?))
}

/// What a body tells of a picture.
pub(super) async fn told(headers: &HeaderMap, body: Bytes, zone: &Zone) -> Result<ShotTold, Refusal> {
    let sent = sent(headers, body).await?;
    Ok(read(sent.fields, &sent.raw, sent.image, zone)?.into())
}

async fn sent(headers: &HeaderMap, body: Bytes) -> Result<Sent, Refusal> {
    match parts::is_multipart(headers) {
        true => of_form(parts::split(headers, body).await?),
        false => Ok(of_json(&body)?),
    }
}

struct Sent {
    fields: Fields,
    /// The fields without the picture.
    raw: String,
    image: Bytes,
}

fn of_form(parts: Vec<Part>) -> Result<Sent, Refusal> {
    let mut fields = Fields::default();
    let mut image = None;
    for part in parts {
        if part.is_file || ["image", "file", "screenshot"].contains(&part.name.as_str()) {
            image.get_or_insert(part.bytes);
        } else {
            let text = std::str::from_utf8(&part.bytes)
                .map_err(|_| Wrong::new("bad_text", format!("{} is not UTF-8", part.name)))?;
            fields.put(&part.name, text);
        }
    }
    let image = image.ok_or_else(|| Refusal::bad("missing_part", "the form has no file"))?;
    Ok(Sent { raw: fields.to_string(), fields, image })
}

fn of_json(body: &[u8]) -> Result<Sent, Wrong> {
    let mut fields = Fields::read(body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body))?;
    let image = needed("image", fields.text("image")?)?;
    // Some agents send the form that browsers use: data:image/png;base64,...
    let packed = image.split_once(";base64,").map_or(image.as_str(), |(_, packed)| packed);
    let image = STANDARD.decode(packed.trim()).map_err(|_| Wrong::new("bad_text", "image is not base 64"))?;
    Ok(Sent { raw: fields.to_string(), fields, image: image.into() })
}

fn read<'a>(mut fields: Fields, raw: &'a str, image: Bytes, zone: &Zone) -> Result<Shot<'a>, Wrong> {
    let shot = Shot {
        ts: moment(&needed("datetime", fields.text("datetime")?)?, zone)?,
        computer_uid: needed("computerUid", fields.name("computerUid")?)?,
        user_sid: fields.name("userSid")?,
        user_name: fields.name("userName")?,
        app: fields.name("processName")?,
        title: fields.short("title", Limit::TITLE)?,
        monitor: 0,
        blurred: false,
        raw,
        image,
    };
    counter!("nazorat_ingest_unknown_fields_total").increment(fields.unknown());
    Ok(shot)
}

#[cfg(test)]
mod tests {
    use axum::body::Bytes;

    use super::of_form;
    use super::of_json;
    use super::read;
    use crate::ingest::parts::Part;
    use crate::kernel::Zone;

    #[test]
    fn json_brings_the_picture_in_base_64() {
        for image in ["AQID", "data:image/png;base64,AQID"] {
            let body = format!(r#"{{"computerUid":"pc-1","datetime":"2026-11-20 09:12:00","image":"{image}"}}"#);
            let sent = of_json(body.as_bytes()).unwrap();
            assert_eq!(&*sent.image, [1, 2, 3]);
            assert!(!sent.raw.contains("AQID"));
            let shot = read(sent.fields, &sent.raw, sent.image, &Zone::default()).unwrap();
            assert_eq!(shot.ts.to_string(), "2026-11-20T04:12:00Z");
        }
        assert_eq!(of_json(br#"{"image":"?"}"#).err().unwrap().code, "bad_text");
        assert_eq!(of_json(b"{}").err().unwrap().code, "missing_field");
    }

    #[test]
    fn a_form_brings_it_as_a_file_of_any_name() {
        let part = |name: &str, is_file, bytes: &'static [u8]| Part {
            name: name.to_owned(),
            is_file,
            bytes: Bytes::from_static(bytes),
        };
        let sent = of_form(vec![part("computerUid", false, b"pc-1"), part("upload", true, b"abc")]).ok().unwrap();
        assert_eq!((&*sent.image, sent.raw.as_str()), (&b"abc"[..], r#"{"computerUid":"pc-1"}"#));
        assert!(of_form(vec![part("computerUid", false, b"pc-1")]).is_err());
        assert!(of_form(vec![part("computerUid", false, b"\xff"), part("file", false, b"abc")]).is_err());
    }
}
