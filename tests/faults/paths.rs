//! Names that would lead out of the folder, wherever a name can be sent.

use std::collections::BTreeSet;
use std::path::Path;

use super::journal::Batch;
use super::journal::files_ending;
use super::office::Closed;
use super::office::Office;
use super::raw::Peer;

/// Ways out, as they stand in an address.
const WAYS: [&str; 22] = [
    "../master.key",
    "../../master.key",
    "../../../../../../../../etc/passwd",
    "..%2f..%2f..%2f..%2fetc%2fpasswd",
    "%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
    "%2e%2e%2f%2e%2e%2fmaster.key",
    "..%252f..%252fmaster.key",
    "..%c0%af..%c0%afmaster.key",
    "%c0%ae%c0%ae/%c0%ae%c0%ae/master.key",
    "..%5c..%5cmaster.key",
    "..\\..\\master.key",
    "/etc/passwd",
    "//etc/passwd",
    "%2fetc%2fpasswd",
    "file:///etc/passwd",
    "C:%5cwindows%5cwin.ini",
    "master.key%00.png",
    "%00",
    "....//....//master.key",
    "..;/master.key",
    ".%00./master.key",
    "~root/.ssh/id_rsa",
];

/// Places where a name stands in an address; the star is the name.
const PLACES: [&str; 26] = [
    "/*",
    "/static/*",
    "/static/css/*",
    "/dashboard/docs/*",
    "/agent/docs/*",
    "/health/*",
    "/people/*",
    "/people/*/day.csv",
    "/people/*/table",
    "/departments/*",
    "/computers/*",
    "/screenshots/*",
    "/screenshots/*/thumbnail",
    "/people/1/screenshots/*",
    "/files/*",
    "/exports/*",
    "/backups/*",
    "/logs/*",
    "/api/v1/employees/*",
    "/api/v1/departments/*",
    "/api/v1/computers/*",
    "/api/v1/organizations/*",
    "/api/v1/screenshots/*",
    "/api/v1/events/*",
    "/api/v1/audit?organization_id=*",
    "/api/v1/employees?cursor=*",
];

/// Everything below a folder, by its path in it.
fn listing(folder: &Path) -> BTreeSet<String> {
    let name = |path: std::path::PathBuf| path.strip_prefix(folder).unwrap().to_string_lossy().into_owned();
    files_ending(folder, "").into_iter().map(name).collect()
}

fn check_places(office: &Office, token: &str, secret: &str) {
    let address = office.appliance.plain_address();
    for place in PLACES {
        for way in WAYS {
            let target = place.replace('*', way);
            let mut peer = Peer::connect(address);
            let request = format!(
                "GET {target} HTTP/1.1\r\nHost: office\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\r\n"
            );
            assert!(peer.send(request.as_bytes()));
            let answer = peer.answer();
            // An address that means one of our own pages in another spelling leads to signing in.
            assert!(
                matches!(answer.status, 303 | 307 | 308 | 400 | 401 | 404 | 405 | 414 | 422),
                "{target}: {answer:?}"
            );
            assert!(!answer.text.contains("root:x:0") && !answer.text.contains(secret), "{target}");
        }
    }
}

/// The names of a batch that would lead somewhere if they were taken for paths.
async fn check_uploads(office: &Office) {
    let now = nazorat::kernel::Clock::system().now();
    for (number, way) in WAYS.iter().chain(&["/tmp/evil", "../../evil", "..\\..\\evil", "evil\u{0}", "/"]).enumerate() {
        let event = serde_json::json!({
            "kind": "active_window", "ts": now.to_string(), "computer_uid": way, "user_name": way, "user_sid": way,
            "duration_ms": 1, "app": way, "title": format!("evil {way}"),
        });
        let body = serde_json::json!({ "events": [event] }).to_string();
        let answer = office.send(&Batch { name: format!("../../evil-{number}"), numbers: 0..0, body }).await;
        assert_eq!((answer.status, &answer.body["accepted"]), (200, &1.into()), "{way}: {answer:?}");
        let form = reqwest::multipart::Form::new()
            .part("meta", reqwest::multipart::Part::text(event_of_picture(&now.to_string(), way)).file_name(*way))
            .part("image", reqwest::multipart::Part::bytes(picture()).file_name(format!("../../evil/{way}.png")));
        let request = office.http.post(office.appliance.plain("/v2/ingest/screenshots")).bearer_auth(&office.key);
        let status = request.multipart(form).send().await.unwrap().status().as_u16();
        assert!(matches!(status, 200 | 400), "{way}: {status}");
    }
}

fn event_of_picture(ts: &str, way: &str) -> String {
    serde_json::json!({ "ts": ts, "computer_uid": way, "user_name": way, "app": way, "id": way, "file_key": way })
        .to_string()
}

fn picture() -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    let drawn = image::RgbImage::from_fn(64, 48, |x, y| image::Rgb([x as u8, y as u8, 7]));
    drawn.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}

#[tokio::test]
async fn f32_path_traversal_everywhere() {
    let closed = Closed::new();
    let token = closed.token("malika");
    let data = closed.place.data();
    let around = data.parent().unwrap().to_owned();
    let office = closed.open();
    let key: String = std::fs::read(data.join("master.key")).unwrap().iter().map(|byte| char::from(*byte)).collect();
    let secret: String = key.trim().chars().filter(char::is_ascii_graphic).take(24).collect();
    let outside = |all: BTreeSet<String>| -> BTreeSet<String> {
        all.into_iter().filter(|path| !path.starts_with("data/")).collect()
    };
    let before = outside(listing(&around));
    check_places(&office, &token, if secret.len() >= 8 { &secret } else { "master.key content" });
    check_uploads(&office).await;
    assert_eq!(office.health().await, (200, Vec::new()));
    let closed = office.stop();
    assert!(!closed.place.log().contains("panicked"));
    let after = listing(&around);
    // Next to the data folder is what was there before, and in it are only names that we made.
    assert_eq!(outside(after.clone()), before);
    for path in &after {
        let ours = path.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/._-:".contains(&byte));
        assert!(ours && !path.contains("evil") && !path.contains(".."), "{path}");
    }
    assert!(!Path::new("/tmp/evil").exists());
}
