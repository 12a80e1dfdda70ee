//! Sessions that were planted, stolen, left behind, or used by another site.

use reqwest::Method;
use reqwest::Response;

use super::office::Closed;
use super::office::Office;

const PASSWORD: &str = "a long sentence";

/// A browser without its rules: it sends exactly what it is told to.
struct Browser<'a> {
    office: &'a Office,
    http: reqwest::Client,
}

impl Browser<'_> {
    async fn send(&self, method: Method, path: &str, cookie: &str, headers: &[(&str, &str)]) -> Response {
        let mut request = self.http.request(method, self.office.appliance.https(path));
        if !cookie.is_empty() {
            request = request.header("cookie", cookie);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.send().await.unwrap()
    }

    /// Signs in, with a cookie that somebody put into the browser before.
    async fn sign_in(&self, cookie: &str, headers: &[(&str, &str)]) -> Response {
        let mut request = self.http.post(self.office.appliance.https("/sign-in")).header("cookie", cookie);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let form = format!("login=malika&password={}", PASSWORD.replace(' ', "+"));
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        request.body(form).send().await.unwrap()
    }

    /// Status of the account's own data with this cookie.
    async fn api(&self, cookie: &str) -> u16 {
        self.send(Method::GET, "/api/v1/organizations", cookie, &[]).await.status().as_u16()
    }
}

/// Name and value of the session's cookie, and its attributes.
fn session_of(answer: &Response) -> Option<(String, String)> {
    let cookies = answer.headers().get_all("set-cookie").iter().map(|cookie| cookie.to_str().unwrap().to_owned());
    let (cookie, attributes) = cookies
        .filter_map(|cookie| {
            let (pair, attributes) = cookie.split_once(';')?;
            Some((pair.to_owned(), attributes.to_owned()))
        })
        .find(|(pair, _)| pair.starts_with("__Host-nz="))?;
    Some((cookie, attributes))
}

#[tokio::test]
async fn f34_session_fixation_csrf() {
    let office = Closed::new().open();
    let browser = Browser { office: &office, http: office.appliance.client() };

    // A planted id is worth nothing, before and after.
    let planted = "__Host-nz=AAAAAAAAAAAAAAAAAAAAAA";
    assert_eq!(browser.api(planted).await, 401);
    let answer = browser.sign_in(planted, &[]).await;
    assert_eq!(answer.status(), 303);
    let (first, attributes) = session_of(&answer).expect("a cookie");
    assert_ne!(first, planted);
    let attributes = attributes.to_ascii_lowercase();
    for needed in ["httponly", "secure", "path=/", "samesite="] {
        assert!(attributes.contains(needed), "{attributes}");
    }
    assert!(!attributes.contains("domain") && !attributes.contains("samesite=none"), "{attributes}");
    assert_eq!((browser.api(planted).await, browser.api(&first).await), (401, 200));

    // Signing in again gives another id, also to who is signed in.
    let (second, _) = session_of(&browser.sign_in(&first, &[]).await).expect("a cookie");
    assert_ne!(first, second);
    assert_eq!(browser.api(&second).await, 200);

    // Another site can change nothing, whatever it dresses its request as.
    let strangers: [&[(&str, &str)]; 4] = [
        &[("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")],
        &[("origin", "null")],
        &[("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "no-cors")],
        &[("origin", "http://evil.example"), ("content-type", "text/plain")],
    ];
    for headers in strangers {
        for (method, path) in [
            (Method::POST, "/sign-out"),
            (Method::POST, "/language"),
            (Method::POST, "/api/v1/organizations"),
            (Method::DELETE, "/api/v1/employees/1"),
        ] {
            let answer = browser.send(method.clone(), path, &second, headers).await;
            assert_eq!(answer.status(), 403, "{method} {path} {headers:?}");
        }
        assert_eq!(browser.sign_in("", headers).await.status(), 403);
    }
    assert_eq!(browser.api(&second).await, 200, "nobody was signed out by another site");
    // Reading does not change anything; JSON in other clothes is no JSON.
    let own = office.appliance.https("");
    let dressed = [("origin", own.as_str()), ("content-type", "text/plain")];
    let answer = browser.send(Method::POST, "/api/v1/organizations", &second, &dressed).await;
    assert!(matches!(answer.status().as_u16(), 403 | 415), "{}", answer.status());

    // What was signed out is gone, and does not come back.
    let answer =
        browser.send(Method::POST, "/sign-out", &second, &[("origin", &own), ("sec-fetch-site", "same-origin")]).await;
    assert_eq!(answer.status(), 303);
    assert_eq!(browser.api(&second).await, 401);
    // The id that was replaced at the second sign-in is dead as well.
    assert_eq!(browser.api(&first).await, 401);

    // A new password ends all sessions.
    let (third, _) = session_of(&browser.sign_in("", &[]).await).expect("a cookie");
    assert_eq!(browser.api(&third).await, 200);
    let password = office.appliance.place().password("another long sentence");
    let reset = office.appliance.place().run(&[
        "operator",
        "reset-password",
        "--operator",
        "malika",
        "--password-file",
        &password,
    ]);
    assert!(reset.status.success());
    assert_eq!(browser.api(&third).await, 401);
    assert_eq!(office.health().await, (200, Vec::new()));
    assert!(!office.stop().place.log().contains("panicked"));
}
