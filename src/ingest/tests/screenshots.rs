use std::io::Cursor;

use http::StatusCode;
use image::DynamicImage;
use image::ImageFormat;
use nazorat_timeseries::Dataset;
use nazorat_timeseries::Event;
use serde_json::Value;

use super::World;
use crate::kernel::Actor;
use crate::kernel::Picture;
use crate::kernel::blurred_preview;
use crate::store::FileKey;
use crate::store::FileKind;

const META: &str =
    r#"{"ts":"2026-11-23T08:59:00Z","computer_uid":"pc-1","user_name":"dilnoza","app":"EXCEL.EXE","monitor":1}"#;

fn picture() -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::new_rgb8(640, 360).write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

fn form(meta_name: &str, meta: &str, image: &[u8]) -> Vec<u8> {
    let mut body = format!(
        "--cut\r\nContent-Disposition: form-data; name=\"{meta_name}\"\r\n\r\n{meta}\r\n--cut\r\nContent-Disposition: \
         form-data; name=\"image\"; filename=\"screen.jpg\"\r\nContent-Type: image/jpeg\r\n\r\n"
    )
    .into_bytes();
    body.extend_from_slice(image);
    body.extend_from_slice(b"\r\n--cut--\r\n");
    body
}

async fn send(world: &World, meta: &str, image: &[u8]) -> (StatusCode, Value) {
    world.send("/v2/ingest/screenshots", "multipart/form-data; boundary=cut", form("meta", meta, image)).await
}

async fn files(world: &World) -> (usize, usize) {
    (world.files(FileKind::Screenshot).await.len(), world.files(FileKind::Thumbnail).await.len())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_screenshot_is_stored_once_however_often_it_comes() {
    let world = World::new().await;
    let image = picture();
    let (status, first) = send(&world, META, &image).await;
    assert_eq!(
        (status, &first["accepted"], &first["duplicate"]),
        (StatusCode::OK, &1.into(), &false.into()),
        "{first}"
    );
    let body = form("metadata", META, &image);
    let (status, again) = world.send("/v2/ingest/screenshots", "multipart/form-data; boundary=cut", body).await;
    assert_eq!((status, &again["duplicate"]), (StatusCode::OK, &true.into()));
    assert_eq!(again["batch_id"], first["batch_id"]);
    assert_eq!(files(&world).await, (1, 1), "the files of the repeat are gone");
    let rows = world.stored(Dataset::Screenshots).await;
    let [(ts, Event::Screenshot(shot))] = &rows[..] else { panic!("{rows:?}") };
    assert_eq!(
        (*ts, shot.width, shot.height, shot.format.as_str(), shot.app.as_str()),
        (1_795_424_340_000_000, 640, 360, "png", "EXCEL.EXE")
    );
    let tenant = Actor::system().tenant(world.organization).unwrap();
    let kept = world.doors.files.read(tenant, &FileKey::parse(&shot.file_key).unwrap()).await.unwrap();
    assert_eq!(&kept[..], &image[..]);
    let thumbnail = world.doors.files.read(tenant, &FileKey::parse(&shot.thumb_key).unwrap()).await.unwrap();
    assert_eq!(Picture::examine(&thumbnail).unwrap().width, 320);
    assert_eq!(Picture::examine(&blurred_preview(&thumbnail).unwrap()).unwrap().width, 32);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_screenshot_of_another_time_is_rejected_and_leaves_no_file() {
    let world = World::new().await;
    for (ts, code) in [("2026-11-23T09:10:01Z", "time_in_future"), ("1970-01-01T00:00:00Z", "time_too_old")] {
        let (status, answer) = send(&world, &META.replace("2026-11-23T08:59:00Z", ts), &picture()).await;
        assert_eq!((status, &answer["accepted"]), (StatusCode::OK, &0.into()));
        assert_eq!(answer["rejected"][0]["code"], code);
    }
    assert_eq!(files(&world).await, (0, 0));
    assert!(world.stored(Dataset::Screenshots).await.is_empty());
    let letters = world.stored(Dataset::RejectedEvents).await;
    assert_eq!(letters.len(), 2);
    assert!(format!("{letters:?}").contains("pc-1"), "the metadata are in the dead letter");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_mistake_has_its_name_and_leaves_no_file() {
    let world = World::new().await;
    let image = picture();
    let code = async |meta: &str, image: &[u8]| {
        let (status, answer) = send(&world, meta, image).await;
        format!("{} {}", status.as_u16(), answer["code"].as_str().unwrap_or_default())
    };
    assert_eq!(code(META, b"GIF89a").await, "400 unsupported_image");
    assert_eq!(code(META, &image[..image.len() / 2]).await, "400 broken_image");
    assert_eq!(code("{", &image).await, "400 not_json");
    assert_eq!(code("{}", &image).await, "400 missing_field");
    let five_megabytes_and_one = vec![0; 5_000_001 - form("meta", META, b"").len()];
    assert_eq!(code(META, &five_megabytes_and_one).await, "413 body_too_large");
    let path = "/v2/ingest/screenshots";
    assert_eq!(world.send(path, "application/json", META).await.1["code"], "not_multipart");
    let nameless = world.send(path, "multipart/form-data; boundary=cut", form("other", META, &image)).await;
    assert_eq!(nameless.1["code"], "missing_part");
    assert_eq!(files(&world).await, (0, 0));
}
