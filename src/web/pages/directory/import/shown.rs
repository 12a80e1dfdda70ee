//! What a list would change, made readable.

use askama::Template;

use crate::people::FieldChange;
use crate::people::ImportKind;
use crate::people::ImportPlan;
use crate::people::ImportRow;
use crate::people::RowAction;
use crate::people::RowError;
use crate::web::Layout;
use crate::web::Texts;

/// More rows than that are counted, not shown.
const SHOWN: usize = 500;

#[derive(Template)]
#[template(path = "import/preview.html")]
pub(super) struct PreviewPage {
    l: Layout,
    kind: &'static str,
    list: String,
    token: String,
    counts: Vec<Count>,
    refused: Vec<Row>,
    refused_more: String,
    changed: Vec<Row>,
    changed_more: String,
    new_departments: Vec<String>,
    ignored: String,
    changes_anything: bool,
    apply: String,
}

struct Count {
    label: String,
    value: String,
}

/// A row of the list.
struct Row {
    line: String,
    label: String,
    action: String,
    tone: &'static str,
    details: Vec<Detail>,
}

/// A field that changes, or what is wrong.
struct Detail {
    name: String,
    before: String,
    after: String,
}

impl PreviewPage {
    pub(super) fn new(l: Layout, texts: Texts, plan: &ImportPlan, list: String) -> Self {
        let count = |action: RowAction, key: &str| Count {
            label: texts.t(key),
            value: texts.number(plan.count(action) as u64),
        };
        let changing = |row: &&ImportRow| !matches!(row.action, RowAction::Unchanged | RowAction::Refused);
        let refused = plan.rows.iter().filter(|row| row.action == RowAction::Refused);
        let changed = plan.rows.iter().filter(changing);
        let total = changed.clone().count();
        Self {
            l,
            kind: match plan.kind {
                ImportKind::Departments => "departments",
                ImportKind::Employees => "employees",
            },
            list,
            token: plan.token.to_string(),
            counts: vec![
                count(RowAction::Create, "import-new"),
                count(RowAction::Update, "import-updated"),
                count(RowAction::Move, "import-moved"),
                count(RowAction::Unchanged, "import-unchanged"),
                count(RowAction::Refused, "import-refused"),
            ],
            refused_more: more(texts, plan.count(RowAction::Refused)),
            refused: refused.take(SHOWN).map(|row| Row::refused(texts, row)).collect(),
            changed_more: more(texts, total),
            changed: changed.take(SHOWN).map(|row| Row::changed(texts, row)).collect(),
            new_departments: plan.new_departments.clone(),
            ignored: match plan.ignored_columns.is_empty() {
                true => String::new(),
                false => texts.with("import-ignored", [("columns", plan.ignored_columns.join(", ").into())]),
            },
            changes_anything: plan.changes_anything(),
            apply: texts.count("import-apply", total.max(plan.new_departments.len())),
        }
    }
}

fn more(texts: Texts, total: usize) -> String {
    match total.saturating_sub(SHOWN) {
        0 => String::new(),
        rest => texts.count("import-more-rows", rest),
    }
}

impl Row {
    fn changed(texts: Texts, row: &ImportRow) -> Self {
        let (key, tone) = match row.action {
            RowAction::Create => ("import-action-new", "ok"),
            RowAction::Move => ("import-action-move", "lapis"),
            RowAction::Update | RowAction::Unchanged | RowAction::Refused => ("import-action-update", "lapis"),
        };
        Self {
            line: row.line.to_string(),
            label: row.label.clone(),
            action: texts.t(key),
            tone,
            details: row.changes.iter().map(|change| Detail::changed(texts, change)).collect(),
        }
    }

    fn refused(texts: Texts, row: &ImportRow) -> Self {
        Self {
            line: row.line.to_string(),
            label: row.label.clone(),
            action: texts.t("import-action-refused"),
            tone: "bad",
            details: row.errors.iter().map(|error| Detail::wrong(texts, error)).collect(),
        }
    }
}

impl Detail {
    fn changed(texts: Texts, change: &FieldChange) -> Self {
        Self { name: field(texts, change.field), before: change.before.clone(), after: change.after.clone() }
    }

    fn wrong(texts: Texts, error: &RowError) -> Self {
        let key = format!("error-{}", error.code().replace('_', "-"));
        let sentence = match error {
            RowError::Repeated { line } => texts.with("error-row-repeated", [("line", line.to_string().into())]),
            _ => texts.t(&key),
        };
        let name = error.field().map(|name| field(texts, name)).unwrap_or_default();
        Self { name, before: String::new(), after: sentence }
    }
}

/// What a column is called.
fn field(texts: Texts, name: &str) -> String {
    texts.maybe(&format!("import-field-{}", name.replace('_', "-"))).unwrap_or_else(|| name.to_owned())
}
