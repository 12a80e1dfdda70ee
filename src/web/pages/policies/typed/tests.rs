//! The form and the settings are the same thing twice.

use nazorat_wire::policy::Action;
use nazorat_wire::policy::Exclusion;
use nazorat_wire::policy::Hours;
use nazorat_wire::policy::Part;
use nazorat_wire::policy::Pattern;
use nazorat_wire::policy::Screenshots;
use nazorat_wire::policy::Settings;
use nazorat_wire::policy::SiteDetail;
use nazorat_wire::policy::Span;
use nazorat_wire::policy::WindowDetail;

use super::Typed;
use super::TypedExclusion;
use crate::kernel::Language;
use crate::web::Texts;

const ZONE: &str = "Asia/Tashkent";

fn full() -> Settings {
    let pattern = Pattern { text: "^bank".to_owned(), regex: true };
    let day = vec![Span { from: 540, to: 780 }, Span { from: 840, to: 1_080 }, Span { from: 1_200, to: 120 }];
    Settings {
        windows: Some(WindowDetail::Title),
        sites: Some(SiteDetail::Path),
        screenshots: Some(Screenshots { every_minutes: 20, blur: true, ..Screenshots::OFF }),
        input: Some(false),
        sessions: Some(true),
        hours: Some(Hours { zone: "Asia/Samarkand".to_owned(), week: [vec![day; 6], vec![Vec::new()]].concat() }),
        private_windows: Some(false),
        idle_minutes: Some(5),
        upload_seconds: Some(60),
        buffer_megabytes: Some(512),
        exclusions: vec![Exclusion { part: Part::Title, pattern, action: Action::Hash }],
    }
}

#[test]
fn the_form_gives_back_the_settings_that_it_shows() {
    let texts = Texts::of(Language::En);
    let always = Hours { zone: ZONE.to_owned(), week: vec![vec![Span { from: 0, to: 1_440 }]; 7] };
    for settings in [Settings::default(), full(), Settings { hours: Some(always), ..full() }] {
        let (again, wrong) = Typed::of(&settings, ZONE).settings(texts);
        assert!(wrong.is_empty());
        assert_eq!(again, settings);
    }
}

#[test]
fn nonsense_is_told_at_its_field_and_by_its_number() {
    let texts = Texts::of(Language::En);
    let mut typed = Typed::of(&full(), ZONE);
    typed.idle_minutes = "soon".to_owned();
    typed.every = String::new();
    typed.exclusions.push(TypedExclusion::new());
    typed.exclusions.push(TypedExclusion { kind: "regex".to_owned(), text: "(".to_owned(), ..TypedExclusion::new() });
    let (_, wrong) = typed.settings(texts);
    let fields: Vec<&str> = wrong.iter().map(|one| one.field.as_str()).collect();
    assert_eq!(fields, ["every", "idle_minutes", "text-1", "text-2"]);
    assert!(wrong[2].text.contains("Exclusion 2") && wrong[3].text.contains("Exclusion 3"));
}
