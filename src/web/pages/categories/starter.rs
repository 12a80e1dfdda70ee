//! The starter catalogue in its groups, to be looked through.

use crate::kernel::fold;
use crate::monitoring;
use crate::monitoring::Catalogue;
use crate::monitoring::Category;
use crate::web::Texts;

/// A group of the starter catalogue.
pub(super) struct Group {
    pub(super) name: String,
    pub(super) rating: &'static str,
    pub(super) rating_word: String,
    pub(super) count: String,
    pub(super) applications: String,
    pub(super) sites: String,
    pub(super) open: bool,
}

/// The starter catalogue, of which only what fits the search is shown.
pub(super) fn groups(texts: Texts, q: &str) -> Vec<Group> {
    let wanted = fold(q);
    let mut groups: Vec<(&str, Category, Vec<&str>, Vec<&str>)> = Vec::new();
    for known in Catalogue::known() {
        let (monitoring::Target::Application(name) | monitoring::Target::Site(name)) = &known.target;
        if !fold(name).contains(&wanted) {
            continue;
        }
        if groups.last().is_none_or(|(group, category, ..)| *group != known.group || *category != known.category) {
            groups.push((&known.group, known.category, Vec::new(), Vec::new()));
        }
        let Some((_, _, applications, sites)) = groups.last_mut() else {
            continue;
        };
        match known.target {
            monitoring::Target::Application(_) => applications.push(name),
            monitoring::Target::Site(_) => sites.push(name),
        }
    }
    let group = |(name, category, applications, sites): (&str, Category, Vec<&str>, Vec<&str>)| Group {
        name: texts.t(&format!("categories-group-{}", name.replace('_', "-"))),
        rating: category.name(),
        rating_word: texts.t(&format!("state-{}", category.name())),
        count: texts.number((applications.len() + sites.len()) as u64),
        applications: applications.join(", "),
        sites: sites.join(", "),
        open: !wanted.is_empty(),
    };
    groups.into_iter().map(group).collect()
}

#[cfg(test)]
mod tests {
    use super::groups;
    use crate::kernel::Language;
    use crate::web::Texts;

    #[test]
    fn a_search_keeps_only_what_fits() {
        let texts = Texts::of(Language::En);
        let found = groups(texts, "YouTube");
        assert!(found.iter().all(|group| group.sites.contains("youtube") || group.applications.contains("YouTube")));
        assert!(found.len() < groups(texts, "").len());
    }
}
