//! What stands around every page: menu, breadcrumb, language, theme, how complete the data is.

use http::HeaderMap;

use crate::kernel::Language;
use crate::kernel::Permission;
use crate::kernel::Role;
use crate::kernel::initials;
use crate::web::Texts;
use crate::web::assets;

/// The frame of a signed-in page; field `l` of the page's struct.
#[derive(Debug, Clone)]
pub struct Layout {
    pub lang: &'static str,
    pub theme: &'static str,
    pub page_title: String,
    pub asset_version: &'static str,
    pub path: String,
    pub organization: String,
    pub organization_href: String,
    pub operator_name: String,
    pub role_label: String,
    pub initials: String,
    /// Guards have one screen: their menu lies on top of it.
    pub menu_on_top: bool,
    pub nav: Vec<NavGroup>,
    pub bottom_nav: Vec<NavItem>,
    pub crumbs: Vec<Crumb>,
    pub search: Option<SearchBox>,
    pub alerts: Option<Alerts>,
    pub complete_light: &'static str,
    pub complete_text: String,
    pub complete_href: String,
    pub languages: Vec<LanguageChoice>,
    pub flash: Option<Toast>,
    texts: Texts,
}

/// The frame of pages for people who are not signed in.
#[derive(Debug, Clone)]
pub struct PlainLayout {
    pub lang: &'static str,
    pub theme: &'static str,
    pub page_title: String,
    pub asset_version: &'static str,
    pub path: String,
    pub languages: Vec<LanguageChoice>,
    texts: Texts,
}

#[derive(Debug, Clone)]
pub struct NavGroup {
    pub label: String,
    pub items: Vec<NavItem>,
}

#[derive(Debug, Clone)]
pub struct NavItem {
    pub href: String,
    pub icon: &'static str,
    pub label: String,
    pub count: Option<String>,
    pub alert: bool,
    pub current: bool,
}

#[derive(Debug, Clone)]
pub struct Crumb {
    pub href: String,
    pub label: String,
}

#[derive(Debug, Clone)]
pub struct SearchBox {
    pub action: String,
    pub value: String,
    pub label: String,
}

#[derive(Debug, Clone)]
pub struct Alerts {
    pub href: String,
    pub count: String,
    pub label: String,
}

#[derive(Debug, Clone)]
pub struct LanguageChoice {
    pub code: &'static str,
    pub name: &'static str,
    pub current: bool,
}

/// A short message after something was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Toast {
    pub text: String,
    pub href: String,
    pub link: String,
}

/// The pages of the menu. A page names itself, and the menu marks it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Section {
    Overview,
    People,
    Departments,
    Doors,
    Desk,
    Activity,
    Computers,
    Unassigned,
    Categories,
    Policies,
    Organizations,
    Operators,
    Gateways,
    Devices,
    Alerts,
    ApiKeys,
    DeadLetters,
    Storage,
    Audit,
    About,
    Account,
}

impl Section {
    const DAILY: [Section; 5] =
        [Section::Overview, Section::Desk, Section::People, Section::Departments, Section::Doors];
    const COMPUTERS: [Section; 5] =
        [Section::Activity, Section::Computers, Section::Unassigned, Section::Policies, Section::Categories];
    const SYSTEM: [Section; 9] = [
        Section::Organizations,
        Section::Operators,
        Section::Gateways,
        Section::Devices,
        Section::ApiKeys,
        Section::DeadLetters,
        Section::Storage,
        Section::Audit,
        Section::About,
    ];
    const SHORT: [Section; 4] = [Section::Overview, Section::People, Section::Doors, Section::Activity];
    /// The same for those who have no overview.
    const SHORT_AT_DOORS: [Section; 4] = [Section::Desk, Section::Doors, Section::People, Section::Devices];

    /// Address, icon and key of the word.
    pub const fn parts(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Section::Overview => ("/", "overview", "nav-overview"),
            Section::People => ("/people", "people", "nav-people"),
            Section::Departments => ("/departments", "departments", "nav-departments"),
            Section::Doors => ("/doors", "door", "nav-doors"),
            Section::Desk => ("/doors/desk", "desk", "nav-desk"),
            Section::Devices => ("/devices", "device", "nav-devices"),
            Section::Activity => ("/activity", "activity", "nav-activity"),
            Section::Computers => ("/computers", "computer", "nav-computers"),
            Section::Unassigned => ("/unassigned", "unassigned", "nav-unassigned"),
            Section::Categories => ("/categories", "categories", "nav-categories"),
            Section::Policies => ("/policies", "policies", "nav-policies"),
            Section::Organizations => ("/organizations", "organizations", "nav-organizations"),
            Section::Operators => ("/operators", "operators", "nav-operators"),
            Section::Gateways => ("/gateways", "gateway", "nav-gateways"),
            Section::Alerts => ("/alerts", "bell", "nav-alerts"),
            Section::ApiKeys => ("/api-keys", "key", "nav-api-keys"),
            Section::DeadLetters => ("/dead-letters", "letters", "nav-dead-letters"),
            Section::Storage => ("/storage", "storage", "nav-storage"),
            Section::Audit => ("/audit", "audit", "nav-audit"),
            Section::About => ("/about", "info", "nav-about"),
            Section::Account => ("/account", "operators", "layout-account"),
        }
    }

    /// What one must be allowed to do for the page to be in the menu.
    pub const fn permission(self) -> Permission {
        match self {
            Section::Overview | Section::Activity => Permission::ReadMonitoring,
            Section::People | Section::Departments | Section::Account => Permission::ReadPeople,
            Section::Computers => Permission::ReadComputers,
            Section::Doors => Permission::ReadAccess,
            Section::Desk => Permission::OpenDoors,
            Section::Devices => Permission::ReadDevices,
            Section::Unassigned => Permission::EditPeople,
            Section::Categories | Section::Policies => Permission::ReadPolicies,
            Section::Organizations => Permission::EditOrganizations,
            Section::Operators => Permission::EditOperators,
            Section::Gateways | Section::Alerts => Permission::ReadGateways,
            Section::ApiKeys => Permission::EditApiKeys,
            Section::DeadLetters => Permission::ReadPolicies,
            Section::Storage | Section::About => Permission::ReadSystem,
            Section::Audit => Permission::ReadAudit,
        }
    }
}

/// What the frame must know of the one who looks at it.
#[derive(Debug, Clone)]
pub struct Viewer {
    pub texts: Texts,
    pub theme: &'static str,
    pub role: Role,
    pub name: String,
    pub organization: String,
    pub can_switch: bool,
    pub path: String,
    pub completeness: Completeness,
    /// How many alerts are open; none for those who may not see them.
    pub alerts: Option<usize>,
    pub flash: Option<Toast>,
}

/// How sure the numbers of a page are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completeness {
    pub light: &'static str,
    pub text: String,
}

impl Layout {
    /// The frame of a page of one section. `thing` is the page's own title when it is not the section itself.
    pub fn new(viewer: &Viewer, section: Section, thing: &str) -> Self {
        let texts = viewer.texts;
        let word = texts.t(section.parts().2);
        let product = texts.t("product-name");
        let page_title = if thing.is_empty() {
            format!("{word} \u{b7} {product}")
        } else {
            format!("{thing} \u{b7} {word} \u{b7} {product}")
        };
        let mut crumbs = vec![Crumb { href: section.parts().0.to_owned(), label: word }];
        if !thing.is_empty() {
            crumbs.push(Crumb { href: String::new(), label: thing.to_owned() });
        }
        Self { page_title, crumbs, ..Self::frame(viewer, Some(section)) }
    }

    /// The frame of a page that stands in no section, such as one that says that something does not exist.
    pub fn outside(viewer: &Viewer, title: &str) -> Self {
        let page_title = format!("{title} \u{b7} {}", viewer.texts.t("product-name"));
        let crumbs = vec![Crumb { href: String::new(), label: title.to_owned() }];
        Self { page_title, crumbs, ..Self::frame(viewer, None) }
    }

    fn frame(viewer: &Viewer, current: Option<Section>) -> Self {
        let texts = viewer.texts;
        Self {
            lang: texts.language().tag(),
            theme: viewer.theme,
            page_title: String::new(),
            asset_version: assets::version(),
            path: viewer.path.clone(),
            organization: viewer.organization.clone(),
            organization_href: if viewer.can_switch { "/organizations".to_owned() } else { String::new() },
            operator_name: viewer.name.clone(),
            role_label: texts.t(role_key(viewer.role)),
            initials: initials(&viewer.name),
            menu_on_top: viewer.role == Role::Guard,
            nav: menu(viewer, current),
            bottom_nav: items(viewer, current, short(viewer)),
            crumbs: Vec::new(),
            search: viewer.role.may(Permission::ReadMonitoring).then(|| SearchBox {
                action: "/search".to_owned(),
                value: String::new(),
                label: texts.t("layout-search"),
            }),
            alerts: viewer.alerts.map(|count| bell(texts, count)),
            complete_light: viewer.completeness.light,
            complete_text: viewer.completeness.text.clone(),
            complete_href: if viewer.role.may(Permission::ReadSystem) { "/storage" } else { "/" }.to_owned(),
            languages: languages(texts.language()),
            flash: viewer.flash.clone(),
            texts,
        }
    }

    /// Puts crumbs between the section and the thing.
    pub fn through(mut self, between: impl IntoIterator<Item = Crumb>) -> Self {
        let last = self.crumbs.len().saturating_sub(1).max(1);
        let tail = self.crumbs.split_off(last.min(self.crumbs.len()));
        self.crumbs.extend(between);
        self.crumbs.extend(tail);
        self
    }

    /// A text of the frame.
    pub fn t(&self, key: &str) -> String {
        self.texts.t(key)
    }
}

impl PlainLayout {
    /// The frame in a language; `title` names the page.
    pub fn new(texts: Texts, headers: &HeaderMap, path: &str, title: &str) -> Self {
        Self {
            lang: texts.language().tag(),
            theme: theme_of(headers),
            page_title: format!("{title} \u{b7} {}", texts.t("product-name")),
            asset_version: assets::version(),
            path: path.to_owned(),
            languages: languages(texts.language()),
            texts,
        }
    }

    /// A text of the frame.
    pub fn t(&self, key: &str) -> String {
        self.texts.t(key)
    }
}

fn bell(texts: Texts, count: usize) -> Alerts {
    let shown = if count == 0 { String::new() } else { texts.number(count as u64) };
    Alerts { href: "/alerts".to_owned(), count: shown, label: texts.count("layout-alerts", count) }
}

fn menu(viewer: &Viewer, current: Option<Section>) -> Vec<NavGroup> {
    let group = |key: &str, sections: &[Section]| NavGroup {
        label: if key.is_empty() { String::new() } else { viewer.texts.t(key) },
        items: items(viewer, current, sections),
    };
    let groups = [
        group("", &Section::DAILY),
        group("nav-group-computers", &Section::COMPUTERS),
        group("nav-group-system", &Section::SYSTEM),
    ];
    groups.into_iter().filter(|group| !group.items.is_empty()).collect()
}

fn short(viewer: &Viewer) -> &'static [Section] {
    match viewer.role.may(Section::Overview.permission()) {
        true => &Section::SHORT,
        false => &Section::SHORT_AT_DOORS,
    }
}

fn items(viewer: &Viewer, current: Option<Section>, sections: &[Section]) -> Vec<NavItem> {
    let allowed = sections.iter().filter(|section| viewer.role.may(section.permission()));
    let item = |section: &Section| {
        let (href, icon, key) = section.parts();
        NavItem {
            href: href.to_owned(),
            icon,
            label: viewer.texts.t(key),
            count: None,
            alert: false,
            current: Some(*section) == current,
        }
    };
    allowed.map(item).collect()
}

/// Key of the word for a role.
pub fn role_key(role: Role) -> &'static str {
    match role {
        Role::Admin => "role-admin",
        Role::Hr => "role-hr",
        Role::DepartmentLead => "role-department-lead",
        Role::Guard => "role-guard",
    }
}

/// The theme that the browser asks for in its cookie; empty when it follows the device.
pub fn theme_of(headers: &HeaderMap) -> &'static str {
    match cookie(headers, "nz_theme") {
        Some("light") => "light",
        Some("dark") => "dark",
        _ => "",
    }
}

/// The language of somebody who is not signed in: the cookie, or what the browser prefers.
pub fn language_of(headers: &HeaderMap) -> Option<Language> {
    let preferred = || headers.get(http::header::ACCEPT_LANGUAGE)?.to_str().ok();
    cookie(headers, "nz_lang").and_then(Language::parse).or_else(|| Language::negotiate(preferred()?))
}

/// The value of a cookie.
pub fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let all = headers.get_all(http::header::COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    all.flat_map(|value| value.split(';')).find_map(|pair| pair.trim().strip_prefix(name)?.strip_prefix('='))
}

fn languages(current: Language) -> Vec<LanguageChoice> {
    let name = |language| match language {
        Language::Uz => "O\u{2bb}zbekcha",
        Language::Ru => "\u{420}\u{443}\u{441}\u{441}\u{43a}\u{438}\u{439}",
        Language::En => "English",
    };
    Language::ALL
        .into_iter()
        .map(|language| LanguageChoice { code: language.tag(), name: name(language), current: language == current })
        .collect()
}
