//! The documents say what the routes do.

use std::collections::BTreeSet;

use axum::body::Body;
use http::Request;
use nazorat::web::api;
use serde_json::Value;
use tower::ServiceExt as _;

use crate::support::app::Office;

#[tokio::test]
async fn every_operation_has_a_name_and_tells_its_problems() {
    let office = Office::new().await;
    let document: Value = serde_json::from_str(&office.documents[0].to_json().unwrap()).unwrap();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    let mut names = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let name = operation["operationId"].as_str().unwrap();
            assert!(names.insert(name.to_owned()), "{method} {path}: {name} twice");
            assert!(operation["summary"].is_string() && operation["tags"].is_array(), "{method} {path}");
            for status in ["401", "403", "404", "422", "500"] {
                let problem = &operation["responses"][status]["content"]["application/problem+json"]["schema"]["$ref"];
                assert_eq!(problem, "#/components/schemas/Problem", "{method} {path} {status}");
            }
        }
    }
    assert!(names.len() > 60, "{}", names.len());
}

#[tokio::test]
async fn the_pages_of_the_documents_need_nothing_from_elsewhere() {
    let office = Office::new().await;
    let [dashboard, _] = office.documents.clone();
    let docs = api::documented("/dashboard/docs", dashboard);
    let get = async |path: &str| {
        let answer = docs.clone().oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap();
        let (parts, body) = answer.into_parts();
        (parts, axum::body::to_bytes(body, 64 << 20).await.unwrap())
    };
    let (redirect, _) = get("/dashboard/docs").await;
    assert_eq!(redirect.headers["location"], "/dashboard/docs/");
    let (page, html) = get("/dashboard/docs/").await;
    assert_eq!(page.status, 200);
    let html = String::from_utf8(unpacked(&page.headers, &html)).unwrap();
    assert!(!html.contains("http://") && !html.contains("https://") && !html.contains("<style"), "{html}");
    // The policy of all pages allows files of our own only: no script may stand in the page itself.
    for script in html.split("<script").skip(1) {
        assert!(script.trim_start().starts_with("src=\"./"), "{script}");
        assert!(script.split_once('>').unwrap().1.trim_start().starts_with("</script>"), "{script}");
    }
    let (start, script) = get("/dashboard/docs/swagger-initializer.js").await;
    let script = String::from_utf8(unpacked(&start.headers, &script)).unwrap();
    assert!(
        script.contains("/dashboard/docs/openapi.json") && script.contains("\"validatorUrl\": \"none\""),
        "{script}"
    );
    for file in ["swagger-ui-bundle.js", "swagger-ui.css", "index.css", "swagger-ui-standalone-preset.js"] {
        assert_eq!(get(&format!("/dashboard/docs/{file}")).await.0.status, 200, "{file}");
    }
    let (found, _) = get("/dashboard/docs/openapi.json").await;
    assert_eq!(found.headers["content-type"], "application/json");
    assert_eq!(get("/dashboard/docs/..%2f..%2fCargo.toml").await.0.status, 404);
}

fn unpacked(headers: &http::HeaderMap, bytes: &[u8]) -> Vec<u8> {
    let mut text = bytes.to_vec();
    if headers.get("content-encoding").is_some_and(|encoding| encoding == "gzip") {
        text.clear();
        std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(bytes), &mut text).unwrap();
    }
    text
}
