//! The rows of the page: own rules, what comes from above, what was used lately.

use crate::monitoring::Catalogue;
use crate::monitoring::Top;
use crate::people::Directory;
use crate::policy::ResourceGroup;
use crate::policy::Rule;
use crate::policy::Target;
use crate::web::Texts;
use crate::web::Visitor;
use crate::web::pages::categories::whom;
use crate::web::pages::categories::whom::Whom;

/// Names in the list of what was used lately.
const USED: usize = 12;

/// Use of applications and of sites in the last days.
pub(super) type Seen<'a> = (&'a Top, &'a Top);

pub(super) struct OwnRow {
    pub(super) id: String,
    pub(super) kind: &'static str,
    pub(super) kind_word: String,
    pub(super) name: String,
    pub(super) rating: &'static str,
    pub(super) rating_word: String,
    pub(super) lately: String,
}

/// A rule that comes from above.
pub(super) struct AboveRow {
    pub(super) kind_word: String,
    pub(super) name: String,
    pub(super) rating: &'static str,
    pub(super) rating_word: String,
    pub(super) from: String,
    pub(super) href: String,
}

pub(super) struct UsedRow {
    pub(super) kind: &'static str,
    pub(super) kind_word: String,
    pub(super) name: String,
    pub(super) rating: &'static str,
    pub(super) rating_word: String,
    pub(super) lately: String,
}

fn kind_word(texts: Texts, kind: &str) -> String {
    texts.t(match kind {
        "site" => "categories-site",
        "group" => "categories-group",
        _ => "categories-application",
    })
}

/// What a rule is about, one by one.
pub(super) fn single<'a>(target: &'a Target, groups: &'a [ResourceGroup]) -> Vec<&'a Target> {
    match target {
        Target::Group(name) => {
            let group = groups.iter().find(|one| one.name == *name);
            group.map(|one| one.members.iter().collect()).unwrap_or_default()
        }
        one => vec![one],
    }
}

pub(super) fn own_row(texts: Texts, (rule, groups): (&Rule, &[ResourceGroup]), seen: Option<Seen<'_>>) -> OwnRow {
    let lasted = |(applications, sites): Seen<'_>, target: &Target| match target {
        Target::Application(name) => lasted(applications, |one| fits(name, one)),
        Target::Site(name) => lasted(sites, |one| one == name || one.ends_with(&format!(".{name}"))),
        Target::Group(_) => 0,
    };
    let targets = single(&rule.target, groups);
    let ms: i64 = seen.map_or(0, |seen| targets.iter().map(|target| lasted(seen, target)).sum());
    OwnRow {
        id: rule.id.to_string(),
        kind: rule.target.kind(),
        kind_word: kind_word(texts, rule.target.kind()),
        name: rule.target.name().to_owned(),
        rating: rule.rating.name(),
        rating_word: texts.t(&format!("state-{}", rule.rating.name())),
        lately: match seen {
            None => "\u{2013}".to_owned(),
            Some(_) if ms > 0 => texts.duration_ms(ms),
            Some(_) => texts.t("none"),
        },
    }
}

/// What others on the way up have decided, the nearest first, unless somebody nearer says something about the same.
pub(super) fn above(visitor: &Visitor, (directory, whom): (&Directory, &Whom), all: &[Rule]) -> Vec<AboveRow> {
    let texts = visitor.texts;
    let mut said: Vec<&Rule> = all.iter().filter(|rule| rule.applies_to == whom.applies_to).collect();
    let mut rows = Vec::new();
    for layer in whom.chain.iter().filter(|one| **one != whom.applies_to) {
        let of_layer: Vec<&Rule> = all.iter().rev().filter(|rule| rule.applies_to == *layer).collect();
        for rule in &of_layer {
            if said.iter().any(|nearer| nearer.target.is_same(&rule.target)) {
                continue;
            }
            rows.push(AboveRow {
                kind_word: kind_word(texts, rule.target.kind()),
                name: rule.target.name().to_owned(),
                rating: rule.rating.name(),
                rating_word: texts.t(&format!("state-{}", rule.rating.name())),
                from: whom::name(visitor, directory, *layer),
                href: whom::href(*layer),
            });
        }
        said.extend(of_layer);
    }
    rows
}

fn lasted(top: &Top, wanted: impl Fn(&str) -> bool) -> i64 {
    top.rows.iter().filter(|row| wanted(&row.name)).map(|row| row.ms).sum()
}

fn fits(pattern: &str, name: &str) -> bool {
    let (pattern, name) = (pattern.to_lowercase(), name.to_lowercase());
    match pattern.strip_suffix('*') {
        Some(head) => name.starts_with(head),
        None => name == pattern,
    }
}

/// What was used most lately and has no own rule: where a new rule changes most.
pub(super) fn used(
    texts: Texts,
    (rules, groups): (&[Rule], &[ResourceGroup]),
    catalogue: &Catalogue,
    (applications, sites): Seen<'_>,
) -> Vec<UsedRow> {
    let ruled: Vec<&Target> = rules.iter().flat_map(|rule| single(&rule.target, groups)).collect();
    let has_rule = |kind: &str, name: &str| ruled.iter().any(|one| one.kind() == kind && fits(one.name(), name));
    let row = |kind: &'static str, top: &Top| -> Vec<(i64, UsedRow)> {
        let named = top.rows.iter().filter(|row| !row.name.is_empty() && !has_rule(kind, &row.name));
        let shown = named.filter(|row| kind == "site" || !catalogue.is_browser(&row.name)).take(USED);
        let rows = shown.map(|row| {
            let category = row.category();
            let shown = UsedRow {
                kind,
                kind_word: kind_word(texts, kind),
                name: row.name.clone(),
                rating: category.name(),
                rating_word: texts.t(&format!("state-{}", category.name())),
                lately: texts.duration_ms(row.ms),
            };
            (row.ms, shown)
        });
        rows.collect()
    };
    let mut found = row("application", applications);
    found.extend(row("site", sites));
    found.sort_by_key(|(ms, _)| std::cmp::Reverse(*ms));
    found.into_iter().take(USED).map(|(_, row)| row).collect()
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn a_star_stands_for_anything() {
        assert!(fits("telegram*", "Telegram Desktop") && !fits("telegram", "Telegram Desktop"));
    }
}
