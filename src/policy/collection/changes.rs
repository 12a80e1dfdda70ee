//! What is different between two settings, field by field.

use nazorat_wire::policy::Effective;
use nazorat_wire::policy::Layer;
use nazorat_wire::policy::Settings;
use serde_json::Map;
use serde_json::Value;

/// A field that is different.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[schema(as = PolicyChange)]
pub struct Change {
    /// Its name, as in the settings.
    pub field: String,
    /// What it said; null when it was not set.
    pub before: Value,
    /// What it says; null when it is not set.
    pub after: Value,
}

/// Everything that is different. An exclusion that came or went is a change of its own.
pub fn changes(before: &Settings, after: &Settings) -> Vec<Change> {
    let (old, new) = (fields(before), fields(after));
    let mut names: Vec<&String> = old.keys().chain(new.keys()).filter(|name| *name != "exclusions").collect();
    names.sort_unstable();
    names.dedup();
    let value = |of: &Map<String, Value>, name: &str| of.get(name).cloned().unwrap_or_default();
    let different = names.into_iter().filter(|name| old.get(*name) != new.get(*name));
    let mut all: Vec<Change> = different
        .map(|name| Change { field: name.clone(), before: value(&old, name), after: value(&new, name) })
        .collect();
    let json = |exclusion| serde_json::to_value(exclusion).unwrap_or_default();
    let one = |before, after| Change { field: "exclusions".to_owned(), before, after };
    let gone = before.exclusions.iter().filter(|exclusion| !after.exclusions.contains(exclusion));
    all.extend(gone.map(|exclusion| one(json(exclusion), Value::Null)));
    let came = after.exclusions.iter().filter(|exclusion| !before.exclusions.contains(exclusion));
    all.extend(came.map(|exclusion| one(Value::Null, json(exclusion))));
    all
}

/// Whether agents start again to follow the new settings.
pub(super) fn requires_restart(before: &Settings, after: &Settings) -> bool {
    let decided = |settings| Effective::of([(Layer::Organization, settings)]).0;
    decided(before).requires_restart(&decided(after))
}

fn fields(settings: &Settings) -> Map<String, Value> {
    match serde_json::to_value(settings) {
        Ok(Value::Object(fields)) => fields,
        _ => Map::new(),
    }
}
