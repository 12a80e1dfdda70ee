use proptest::prelude::*;

use super::Answer;
use super::Asked;
use super::Challenge;
use super::Login;
use super::choose;

const LOGIN: Login<'_> = Login { user: "gateway", password: "Demo-Pass-7" };
const INFO: Asked<'_> = Asked { method: "GET", uri: "/ISAPI/System/deviceInfo" };
const LOG: Asked<'_> = Asked { method: "POST", uri: "/ISAPI/AccessControl/AcsEvent?format=json" };

fn challenge(rest: &str) -> Challenge {
    Challenge::parse(&format!("Digest realm=\"DS-8A1F\", nonce=\"5f3c9a7e2b1d4c60\"{rest}")).unwrap()
}

/// The response of our header, which must also convince the other side.
fn response(challenge: &Challenge, asked: Asked<'_>, nc: u32) -> String {
    let header = challenge.authorize(LOGIN, asked, (nc, "0a4f113b"));
    let answer = Answer::parse(&header).unwrap();
    assert!(challenge.proves(&answer, LOGIN, asked.method), "{header}");
    assert!(!challenge.proves(&answer, Login { password: "demo-pass-7", ..LOGIN }, asked.method));
    assert!(!challenge.proves(&answer, LOGIN, "DELETE"));
    answer.response
}

#[test]
fn md5_is_computed_as_worked_out_by_hand() {
    let md5 = challenge(", qop=\"auth\", stale=\"FALSE\"");
    assert_eq!(response(&md5, INFO, 1), "00bbc2a7d29723c923287431aeeafc45");
    assert_eq!(response(&md5, INFO, 2), "3c586a1c5522aabd5c8f33988c7a18ab");
    assert_eq!(response(&md5, LOG, 3), "7885f48c8e96ab3d065b650c58b85bc5");
}

#[test]
fn without_qop_the_oldest_calculation_is_used_and_no_count_is_sent() {
    let old = challenge("");
    assert_eq!(response(&old, INFO, 1), "9017c06877e126345e46fd59719da253");
    let header = old.authorize(LOGIN, INFO, (1, "0a4f113b"));
    assert!(!header.contains("nc=") && !header.contains("cnonce") && !header.contains("qop"), "{header}");
}

#[test]
fn sha_256_is_computed_as_worked_out_by_hand() {
    let sha = challenge(", algorithm=SHA-256, qop=\"auth,auth-int\"");
    assert_eq!(response(&sha, INFO, 1), "a8023815f173cb16fdd13427cb85878361e2d6b7b032f9a42c4e671c24e15cad");
    assert_eq!(response(&sha, INFO, 2), "e486051a01aa32a519eeab73452a1eecd00bb53eea28d37edf878450b3c75261");
    assert_eq!(response(&sha, LOG, 3), "a5091cafbfddd7b8b10720649c762a8f544634dead6c86a14ed4637b4f5afd89");
}

#[test]
fn the_examples_of_rfc_7616_come_out() {
    let login = Login { user: "Mufasa", password: "Circle of Life" };
    let asked = Asked { method: "GET", uri: "/dir/index.html" };
    let cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";
    let header = "Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", algorithm=NAME, \
                  nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", \
                  opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"";
    for (name, expected) in [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ] {
        let challenge = Challenge::parse(&header.replace("NAME", name)).unwrap();
        let sent = challenge.authorize(login, asked, (1, cnonce));
        assert!(sent.contains(expected) && sent.contains("opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\""));
    }
}

#[test]
fn sessions_mix_both_nonces_into_the_secret() {
    for name in ["MD5-sess", "SHA-256-sess", "md5-SESS"] {
        let sess = challenge(&format!(", algorithm={name}, qop=auth"));
        let plain = challenge(&format!(", algorithm={}, qop=auth", &name[..name.len() - 5]));
        assert_ne!(response(&sess, INFO, 1), response(&plain, INFO, 1));
        assert!(
            sess.authorize(LOGIN, INFO, (1, "c")).contains(&format!("algorithm={name}")),
            "echoed as it was spelled"
        );
    }
}

#[test]
fn the_strongest_of_several_challenges_is_chosen() {
    let md5 = "Digest qop=\"auth\", realm=\"r\", nonce=\"a:b,c\", stale=\"FALSE\"";
    let sha = "Digest qop=\"auth\", realm=\"r\", nonce=\"2\", algorithm=SHA-256";
    let chosen = |headers: &[&str]| choose(headers.iter().copied()).map(|challenge| challenge.nonce);
    assert_eq!(chosen(&[md5, sha]).as_deref(), Some("2"));
    assert_eq!(chosen(&[sha, md5]).as_deref(), Some("2"));
    assert_eq!(chosen(&[&format!("{md5}, {sha}")]).as_deref(), Some("2"));
    assert_eq!(chosen(&["Basic realm=\"r\"", md5]).as_deref(), Some("a:b,c"));
    assert_eq!(chosen(&["Basic realm=\"Digest realm=x\"", "Digest realm=\"r\", nonce=\"n\", algorithm=SHA3"]), None);
    assert_eq!(chosen(&["Digest realm=\"r\", nonce=\"n\", qop=\"auth-int\""]), None);
}

#[test]
fn stale_is_read_in_any_spelling() {
    for (text, expected) in
        [("stale=true", true), ("stale=\"TRUE\"", true), ("Stale=True", true), ("stale=\"FALSE\"", false)]
    {
        assert_eq!(challenge(&format!(", {text}")).stale, expected, "{text}");
    }
}

proptest! {
    #[test]
    fn no_header_panics(header in "(Digest )?.{0,200}", quoted in "[\\PC\"\\\\=, ]{0,60}") {
        for text in [header.as_str(), &format!("Digest realm=\"{quoted}, nonce={quoted}")] {
            drop((choose([text]), Answer::parse(text)));
        }
    }

    #[test]
    fn what_is_quoted_comes_back(user in "\\PC{0,20}", realm in "\\PC{0,20}") {
        let challenge = Challenge::parse(&format!("Digest realm=\"{}\", nonce=\"n\"", super::quoted(&realm)));
        let challenge = challenge.expect("a quoted realm is readable");
        prop_assert_eq!(&challenge.realm, &realm);
        let login = Login { user: &user, password: "p" };
        let answer = Answer::parse(&challenge.authorize(login, INFO, (1, "c"))).expect("ours is readable");
        prop_assert!(challenge.proves(&answer, login, "GET"));
    }
}
