//! Policies as values.

use jiff::Timestamp;

use super::Action;
use super::Cause;
use super::Effective;
use super::Exclusion;
use super::Filter;
use super::Hours;
use super::Layer;
use super::Part;
use super::Pattern;
use super::Ruling;
use super::Screenshots;
use super::Settings;
use super::SettingsError;
use super::SiteDetail;
use super::Span;
use super::WindowDetail;
use crate::Fact;
use crate::InputState;
use crate::SessionAction;

const NOON: i64 = 1_795_849_200_000_000;

fn all() -> Settings {
    Settings { windows: Some(WindowDetail::Title), sites: Some(SiteDetail::Full), ..Settings::default() }
}

fn excluding(part: Part, text: &str, action: Action) -> Settings {
    let pattern = Pattern { text: text.to_owned(), regex: false };
    Settings { exclusions: vec![Exclusion { part, pattern, action }], ..all() }
}

fn filter(settings: &Settings) -> Filter {
    settings.check().unwrap();
    Filter::new(&Effective::of([(Layer::Organization, settings)]).0, b"salt").unwrap()
}

fn window<'a>(app: &'a str, title: &'a str) -> Fact<'a> {
    Fact::ActiveWindow { duration_ms: 5, app: app.into(), title: Some(title.into()) }
}

fn site(url: &str) -> Fact<'_> {
    let (domain, title, browser) = (crate::domain_of(url), Some("Hisob".into()), Some("firefox".into()));
    Fact::VisitedSite { duration_ms: 5, url: url.into(), domain, title, browser, private: false }
}

/// What is kept, as one line; `-` if nothing is.
fn kept(filter: &Filter, fact: Fact<'_>) -> String {
    match filter.judge(fact, NOON) {
        Ruling::Keep(fact) | Ruling::Less(fact, _) => match fact {
            Fact::ActiveWindow { app, title, .. } => format!("{app}|{}", title.unwrap_or_default()),
            Fact::VisitedSite { url, domain, title, .. } => format!("{url}|{domain}|{}", title.unwrap_or_default()),
            other => other.kind().to_owned(),
        },
        Ruling::Drop(_) => "-".to_owned(),
    }
}

#[test]
fn nobody_who_decides_nothing_collects_much() {
    let filter = filter(&Settings::default());
    assert_eq!(kept(&filter, window("EXCEL.EXE", "Oylik")), "-".replace('-', "EXCEL.EXE|"));
    assert_eq!(kept(&filter, site("https://my.soliq.uz/a?b=c")), "my.soliq.uz|my.soliq.uz|");
    let Fact::VisitedSite { duration_ms, url, domain, title, browser, .. } = site("https://a.uz") else { panic!() };
    let private = Fact::VisitedSite { duration_ms, url, domain, title, browser, private: true };
    assert_eq!(filter.judge(private, NOON), Ruling::Drop(Cause::PrivateWindow));
    assert_eq!(Effective::of([]).0.screenshots, Screenshots::OFF);
}

#[test]
fn the_nearest_decides_each_field_and_is_named() {
    let organization = Settings { idle_minutes: Some(5), ..all() };
    let department = Settings { sites: Some(SiteDetail::Domain), ..excluding(Part::Title, "maosh", Action::Redact) };
    let department = Settings { windows: None, ..department };
    let person = excluding(Part::Site, "bank.uz", Action::Drop);
    let person = Settings { windows: Some(WindowDetail::Off), sites: None, ..person };
    let layers =
        [(Layer::Person(7), &person), (Layer::Department(3), &department), (Layer::Organization, &organization)];
    let (effective, origins) = Effective::of(layers);
    assert_eq!((effective.windows, origins.windows), (WindowDetail::Off, Layer::Person(7)));
    assert_eq!((effective.sites, origins.sites), (SiteDetail::Domain, Layer::Department(3)));
    assert_eq!((effective.idle_minutes, origins.idle_minutes), (5, Layer::Organization));
    assert_eq!((effective.sessions, origins.sessions), (true, Layer::BuiltIn));
    assert_eq!(origins.exclusions, [Layer::Person(7), Layer::Department(3)], "all of them hold");
}

#[test]
fn the_same_policy_is_the_same_text_for_ever() {
    let (effective, _) = Effective::of([(Layer::Organization, &excluding(Part::Site, "bank.uz", Action::Drop))]);
    let text = r#"{"windows":"title","sites":"full","screenshots":{"every_minutes":0,"grayscale":false,"blur":false,"all_monitors":false,"skip_unchanged":true},"input":true,"sessions":true,"hours":null,"private_windows":false,"idle_minutes":3,"upload_seconds":30,"buffer_megabytes":2048,"exclusions":[{"part":"site","pattern":{"text":"bank.uz"},"action":"drop"}]}"#;
    assert_eq!(effective.canonical(), text);
    assert_eq!(serde_json::from_str::<Effective>(text).unwrap(), effective);
    assert_eq!(effective.checksum().len(), 64);
    let other = Effective { idle_minutes: 4, ..effective.clone() };
    assert_ne!(other.checksum(), effective.checksum());
    assert!(!effective.requires_restart(&other));
    assert!(effective.requires_restart(&Effective { buffer_megabytes: 64, ..effective.clone() }));
}

#[test]
fn details_are_left_out() {
    let sites = |detail, url| kept(&filter(&Settings { sites: Some(detail), ..all() }), site(url));
    let url = "https://user:secret@shop.uz/cart?item=7#top";
    assert_eq!(sites(SiteDetail::Full, url), format!("{url}|shop.uz|Hisob"));
    assert_eq!(sites(SiteDetail::Path, url), "https://shop.uz/cart|shop.uz|Hisob");
    assert_eq!(sites(SiteDetail::Path, "shop.uz/cart?x"), "shop.uz/cart|shop.uz|Hisob");
    assert_eq!(sites(SiteDetail::Domain, url), "shop.uz|shop.uz|");
    assert_eq!(sites(SiteDetail::Off, url), "-");
    let other = Settings { input: Some(false), sessions: Some(false), ..all() };
    let input = Fact::InputActivity { duration_ms: 1, state: InputState::Active };
    assert_eq!(filter(&other).judge(input, NOON), Ruling::Drop(Cause::Kind));
    assert_eq!(kept(&filter(&other), Fact::UserSession { action: SessionAction::Lock }), "-");
}

#[test]
fn outside_of_the_hours_nothing_is_kept() {
    let day = Span { from: 9 * 60, to: 18 * 60 };
    let night = Span { from: 22 * 60, to: 6 * 60 };
    let week = vec![vec![day], vec![], vec![], vec![], vec![night], vec![], vec![Span { from: 0, to: 24 * 60 }]];
    let hours = Hours { zone: "Asia/Tashkent".to_owned(), week };
    let filter = filter(&Settings { hours: Some(hours), ..all() });
    let at = |text: &str| {
        let at: Timestamp = text.parse().unwrap();
        !matches!(filter.judge(window("a", "b"), at.as_microsecond()), Ruling::Drop(Cause::Hours))
    };
    // 2026-11-23 is a Monday.
    assert!(at("2026-11-23T09:00:00+05:00") && at("2026-11-23T17:59:59+05:00"));
    assert!(!at("2026-11-23T08:59:59+05:00") && !at("2026-11-23T18:00:00+05:00"));
    assert!(!at("2026-11-24T12:00:00+05:00"), "a free day");
    assert!(at("2026-11-27T23:00:00+05:00") && at("2026-11-28T05:59:00+05:00"), "over midnight");
    assert!(!at("2026-11-28T06:00:00+05:00") && !at("2026-11-27T05:00:00+05:00"));
    assert!(at("2026-11-29T00:00:00+05:00") && at("2026-11-29T23:59:59+05:00") && !at("2026-11-30T00:00:00+05:00"));
}

#[test]
fn exclusions_drop_redact_and_hash() {
    let judged = |part, text, action, fact| kept(&filter(&excluding(part, text, action)), fact);
    assert_eq!(judged(Part::Application, "keepass", Action::Drop, window("KeePass.exe", "x")), "-");
    assert_eq!(judged(Part::Title, "MAOSH", Action::Redact, window("EXCEL", "Maosh varaqasi")), "EXCEL|");
    assert_eq!(judged(Part::Title, "maosh*", Action::Redact, window("EXCEL", "Oylik maosh")), "EXCEL|Oylik maosh");
    let hashed = judged(Part::Title, "maosh", Action::Hash, window("EXCEL", "maosh"));
    assert!(hashed.starts_with("EXCEL|#") && hashed.len() == "EXCEL|#".len() + 16, "{hashed}");
    assert_eq!(hashed, judged(Part::Title, "m", Action::Hash, window("EXCEL", "maosh")));
    let url = "https://online.bank.uz/account?id=1";
    assert_eq!(judged(Part::Site, "bank.uz", Action::Drop, site(url)), "-");
    assert_eq!(
        judged(Part::Site, "bank.uz", Action::Drop, site("https://notabank.uz/")),
        "https://notabank.uz/|notabank.uz|Hisob"
    );
    assert_eq!(judged(Part::Address, "/account", Action::DomainOnly, site(url)), "online.bank.uz|online.bank.uz|");
    assert_eq!(judged(Part::Address, "/account", Action::Redact, site(url)), "||");
    let mut both = excluding(Part::Title, "hisob", Action::Redact);
    both.exclusions.extend(excluding(Part::Site, "bank.uz", Action::Drop).exclusions);
    assert_eq!(filter(&both).judge(site(url), NOON), Ruling::Drop(Cause::Exclusion(1)), "nothing is kept of it");
}

#[test]
fn the_next_hop_finds_nothing_left_to_do() {
    for action in [Action::Redact, Action::Hash, Action::DomainOnly] {
        for (windows, sites) in [(WindowDetail::Application, SiteDetail::Path), (WindowDetail::Title, SiteDetail::Full)]
        {
            let mut settings = excluding(Part::Application, "*e*", action);
            (settings.windows, settings.sites) = (Some(windows), Some(sites));
            let filter = filter(&settings);
            for fact in [window("EXCEL", "Maosh"), site("https://u:p@a.bank.uz/x?y=z")] {
                let (Ruling::Less(once, _) | Ruling::Keep(once)) = filter.judge(fact, NOON) else { panic!() };
                assert_eq!(filter.judge(once.clone(), NOON), Ruling::Keep(once), "{action:?}");
            }
        }
    }
}

#[test]
fn hostile_patterns_are_refused_or_harmless() {
    let regex = |text: &str| {
        let pattern = Pattern { text: text.to_owned(), regex: true };
        let exclusion = Exclusion { part: Part::Title, pattern, action: Action::Drop };
        Settings { exclusions: vec![exclusion], ..all() }
    };
    let said = |settings: &Settings| settings.check().unwrap_err().to_string();
    assert_eq!(said(&regex("(")), "exclusion 1, (: unclosed group");
    assert!(said(&regex("(a{1000}){1000}")).ends_with("it is too large once it is compiled; make repetitions smaller"));
    assert!(said(&regex(&"(".repeat(200))).starts_with("exclusion 1, (((((((("));
    assert!(said(&regex(&"a".repeat(501))).contains("at most 500"));
    assert!(said(&excluding(Part::Title, " ** ", Action::Drop)).contains("would recognise everything"));
    let many = Settings { exclusions: vec![regex("a").exclusions[0].clone(); 10_000], ..all() };
    assert_eq!(many.check(), Err(SettingsError::TooMany(10_000)));
    // Backtracking would never come back from this.
    let long = format!("{}!", "a".repeat(64 << 10));
    assert_eq!(kept(&filter(&regex("^(a+)+$")), window("x", &long)).len(), "x|".len() + long.len());
}

#[test]
fn what_cannot_be_meant_is_named() {
    let said = |settings: Settings| settings.check().unwrap_err().to_string();
    assert_eq!(said(Settings { idle_minutes: Some(0), ..all() }), "idle_minutes: 0 is not from 1 to 60");
    let hours = |zone: &str, days| Some(Hours { zone: zone.to_owned(), week: vec![Vec::new(); days] });
    assert!(said(Settings { hours: hours("Mars/Base", 7), ..all() }).contains("Mars/Base"));
    assert_eq!(said(Settings { hours: hours("UTC", 6), ..all() }), "hours: a week has 7 days, not 6");
    let unknown = serde_json::from_str::<Settings>(r#"{"keystrokes":true}"#).unwrap_err().to_string();
    assert!(unknown.starts_with("unknown field `keystrokes`"), "{unknown}");
}
