//! Pure decisions of identity.

use crate::identity::model::Assignment;
use crate::identity::model::Operator;
use crate::kernel::Actor;
use crate::kernel::OperatorId;
use crate::kernel::Scope;

/// True when after a change nobody could administrate any more. `after` is the operator as they would be, or nothing
/// when they would be gone.
pub(super) fn leaves_nobody(all: &[Operator], id: OperatorId, after: Option<&Operator>) -> bool {
    let administrates = |operator: &Operator| operator.active && operator.assignment == Assignment::Admin;
    let before = all.iter().any(administrates);
    let remaining = all.iter().filter(|operator| operator.id != id).chain(after).any(administrates);
    before && !remaining
}

/// True when the actor may know of the operator.
pub(super) fn sees(actor: &Actor, operator: &Operator) -> bool {
    match actor.scope() {
        Scope::All => true,
        Scope::Organization(own) | Scope::Department(own, _) => operator.assignment.organization() == Some(own),
    }
}

/// A browser's header in a few words: "Firefox, Windows".
pub(super) fn browser(header: &str) -> String {
    const BROWSERS: [(&str, &str); 8] = [
        ("YaBrowser/", "Yandex Browser"),
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("SamsungBrowser/", "Samsung Internet"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
        ("curl/", "curl"),
    ];
    const SYSTEMS: [(&str, &str); 6] = [
        ("Windows", "Windows"),
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Mac OS X", "macOS"),
        ("Linux", "Linux"),
    ];
    let find =
        |known: &[(&str, &'static str)]| known.iter().find(|(sign, _)| header.contains(sign)).map(|found| found.1);
    match (find(&BROWSERS), find(&SYSTEMS)) {
        (Some(browser), Some(system)) => format!("{browser}, {system}"),
        (Some(only), None) | (None, Some(only)) => only.to_owned(),
        (None, None) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::browser;
    use super::leaves_nobody;
    use crate::identity::model::Assignment;
    use crate::identity::model::DisplayName;
    use crate::identity::model::LoginName;
    use crate::identity::model::Operator;
    use crate::kernel::Language;
    use crate::kernel::OperatorId;
    use crate::kernel::OrganizationId;
    use crate::kernel::Timestamp;

    fn operator(id: u32, assignment: Assignment, active: bool) -> Operator {
        Operator {
            id: OperatorId::new(id),
            login: LoginName::stored(format!("op{id}")),
            display_name: DisplayName::stored(format!("Operator {id}")),
            assignment,
            language: Language::Uz,
            active,
            created_at: Timestamp::UNIX_EPOCH,
            password_set_at: Timestamp::UNIX_EPOCH,
            last_login_at: None,
        }
    }

    #[test]
    fn somebody_always_administrates() {
        let first = operator(1, Assignment::Admin, true);
        let resting = operator(2, Assignment::Admin, false);
        let hr = operator(3, Assignment::Hr(OrganizationId::new(1)), true);
        let all = [first.clone(), resting.clone(), hr.clone()];
        assert!(leaves_nobody(&all, first.id, None));
        assert!(leaves_nobody(&all, first.id, Some(&operator(1, Assignment::Admin, false))));
        assert!(leaves_nobody(&all, first.id, Some(&operator(1, hr.assignment, true))));
        assert!(!leaves_nobody(&all, first.id, Some(&first)));
        assert!(!leaves_nobody(&all, hr.id, None));
        assert!(!leaves_nobody(&all, resting.id, Some(&operator(2, Assignment::Admin, true))));
    }

    #[test]
    fn a_browser_is_named_in_two_words() {
        let chrome = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/129.0 Safari/537.36";
        assert_eq!(browser(chrome), "Chrome, Windows");
        assert_eq!(browser(&format!("{chrome} Edg/129.0")), "Edge, Windows");
        assert_eq!(browser("Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"), "Firefox, Linux");
        assert_eq!(browser("<script>"), "");
    }
}
