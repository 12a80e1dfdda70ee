use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;
use image::DynamicImage;
use image::ImageFormat;
use nazorat_timeseries::Dataset;
use nazorat_timeseries::Event;
use serde_json::json;

use super::World;
use crate::store::FileKind;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_older_agents_send_is_stored_once() {
    let world = World::new().await;
    let item = json!({ "datetime": "2026-11-23 13:30:00", "title": "Hisobot", "processName": "EXCEL.EXE", "activeTime": 60,
        "url": "https://didox.uz/a", "type": "LOCK" });
    let body = json!({ "computerUid": "pc-1", "userSid": "S-1-5", "data": [item, { "title": "no time" }] }).to_string();
    for endpoint in ["active-windows", "visited-sites", "user-sessions"] {
        let path = format!("/api/agent/{endpoint}");
        for duplicate in [false, true] {
            let (status, answer) = world.send(&path, "application/json", body.clone()).await;
            assert_eq!(
                (status, &answer["accepted"], &answer["duplicate"]),
                (StatusCode::OK, &1.into(), &duplicate.into()),
                "{answer}"
            );
            assert_eq!(
                (&answer["rejected"][0]["index"], &answer["rejected"][0]["code"]),
                (&1.into(), &"missing_field".into())
            );
        }
    }
    let at = 1_795_422_600_000_000;
    let windows = world.stored(Dataset::ActiveWindows).await;
    assert!(
        matches!(&windows[..], [(ts, Event::ActiveWindow(window))] if (*ts, window.duration_ms) == (at, 60_000)),
        "{windows:?}"
    );
    let sites = world.stored(Dataset::VisitedSites).await;
    assert!(matches!(&sites[..], [(ts, Event::VisitedSite(_))] if *ts == at), "{sites:?}");
    let sessions = world.stored(Dataset::UserSessions).await;
    assert!(
        matches!(&sessions[..], [(ts, Event::UserSession(session))] if (*ts, session.action) == (at, 3)),
        "{sessions:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_screenshot_of_an_older_agent_comes_as_json_or_as_a_form() {
    let world = World::new().await;
    let mut image = std::io::Cursor::new(Vec::new());
    DynamicImage::new_rgb8(64, 36).write_to(&mut image, ImageFormat::Jpeg).unwrap();
    let image = image.into_inner();
    let path = "/api/agent/screenshots";
    let body = json!({ "computerUid": "pc-1", "datetime": "2026-11-23 13:30:00", "image": STANDARD.encode(&image) });
    let (status, answer) = world.send(path, "application/json", body.to_string()).await;
    assert_eq!((status, &answer["accepted"]), (StatusCode::OK, &1.into()), "{answer}");
    let mut form = Vec::new();
    for (name, value) in [("computerUid", "pc-1"), ("userSid", "S-1-5"), ("datetime", "2026-11-23 13:31:00")] {
        form.extend(format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").bytes());
    }
    form.extend(b"--x\r\nContent-Disposition: form-data; name=\"f\"; filename=\"1.jpg\"\r\n\r\n");
    form.extend(&image);
    form.extend(b"\r\n--x--\r\n");
    let (status, answer) = world.send(path, "multipart/form-data; boundary=x", form).await;
    assert_eq!((status, &answer["accepted"]), (StatusCode::OK, &1.into()), "{answer}");
    assert_eq!(world.files(FileKind::Screenshot).await.len(), 2);
    assert_eq!(world.stored(Dataset::Screenshots).await.len(), 2);
}
