//! The answers of the first run as they travel in the address, and how far they reach.

use crate::kernel::Kind;
use crate::kernel::Language;
use crate::kernel::Zone;
use crate::tenancy::OrganizationName;
use crate::tenancy::Settings;
use crate::web::Failure;
use crate::web::Problems;
use crate::web::Texts;
use crate::web::encode;

/// More computers than any single box is made for.
const MOST_COMPUTERS: u32 = 20_000;

/// The steps in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    Kind,
    Organization,
    Size,
    Login,
    /// Instead of all others but the first, for a gateway.
    Gateway,
}

impl Step {
    pub(super) const ALL: [Step; 4] = [Step::Kind, Step::Organization, Step::Size, Step::Login];
    pub(super) const OF_GATEWAY: [Step; 2] = [Step::Kind, Step::Gateway];

    /// The steps on the way to a kind of box.
    pub(super) fn way(kind: &str) -> &'static [Step] {
        if kind == "gateway" { &Self::OF_GATEWAY } else { &Self::ALL }
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Step::Kind => "kind",
            Step::Organization => "organization",
            Step::Size => "size",
            Step::Login => "login",
            Step::Gateway => "gateway",
        }
    }

    fn parse(name: &str) -> Self {
        let all = Self::ALL.into_iter().chain([Step::Gateway]);
        all.into_iter().find(|step| step.name() == name).unwrap_or(Step::Kind)
    }
}

/// All answers, as typed.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(default)]
pub(in crate::web) struct Answers {
    pub(super) token: String,
    pub(super) step: String,
    pub(super) kind: String,
    pub(super) name: String,
    pub(super) zone: String,
    pub(super) language: String,
    pub(super) computers: String,
    pub(super) shots: String,
    pub(super) keep_windows: String,
    pub(super) keep_sites: String,
    pub(super) keep_sessions: String,
    pub(super) keep_screenshots: String,
}

impl Answers {
    /// The step to show: the wanted one, or the first one before it whose answer is no good.
    pub(super) fn reached(&self, texts: Texts) -> (Step, Problems) {
        let wanted = Step::parse(&self.step);
        let mut problems = Problems::none();
        if wanted != Step::Kind && self.kind == "gateway" {
            return (Step::Gateway, problems);
        }
        if matches!(wanted, Step::Kind | Step::Gateway) || self.kind != "new" {
            return (Step::Kind, problems);
        }
        if wanted > Step::Organization {
            self.organization(texts, &mut problems);
            if !problems.is_empty() {
                return (Step::Organization, problems);
            }
        }
        if wanted > Step::Size && self.computers().is_none() {
            problems.add("computers", texts.t("setup-computers-wrong"));
            return (Step::Size, problems);
        }
        (wanted, problems)
    }

    /// The organization, when all of it is good.
    pub(super) fn organization(&self, texts: Texts, problems: &mut Problems) -> Option<Settings> {
        let wrong = |code: &str| Failure::new(Kind::Invalid, code, "");
        let name = OrganizationName::parse(&self.name).map_err(|_| wrong("invalid_organization_name"));
        let name = problems.take("name", texts, name);
        let zone = Zone::parse(self.zone.trim()).map_err(|_| wrong("invalid_time_zone"));
        let zone = problems.take("zone", texts, zone);
        let language = Language::parse(&self.language).unwrap_or(texts.language());
        Some(Settings { name: name?, zone: zone?, language })
    }

    /// How many computers there are.
    pub(super) fn computers(&self) -> Option<u32> {
        self.computers.trim().parse().ok().filter(|count| (1..=MOST_COMPUTERS).contains(count))
    }

    /// All answers by their names, for hidden fields and links; the token first.
    pub(super) fn all(&self) -> [(&'static str, &str); 11] {
        [
            ("token", &self.token),
            ("kind", &self.kind),
            ("name", &self.name),
            ("zone", &self.zone),
            ("language", &self.language),
            ("computers", &self.computers),
            ("shots", &self.shots),
            ("keep_windows", &self.keep_windows),
            ("keep_sites", &self.keep_sites),
            ("keep_sessions", &self.keep_sessions),
            ("keep_screenshots", &self.keep_screenshots),
        ]
    }

    /// The address of a step with all answers.
    pub(super) fn address(&self, step: Step) -> String {
        let mut address = format!("/setup?step={}", step.name());
        for (name, value) in self.all().into_iter().filter(|(_, value)| !value.is_empty()) {
            address.push_str(&format!("&{name}={}", encode(value)));
        }
        address
    }
}

#[cfg(test)]
mod tests {
    use super::Answers;
    use super::Step;
    use crate::kernel::Language;
    use crate::web::Texts;

    #[test]
    fn no_step_is_reached_over_a_wrong_answer() {
        let texts = Texts::of(Language::En);
        let mut answers = Answers { step: "login".to_owned(), ..Answers::default() };
        assert_eq!(answers.reached(texts).0, Step::Kind);
        answers.kind = "new".to_owned();
        let (step, problems) = answers.reached(texts);
        assert_eq!((step, problems.items().len()), (Step::Organization, 2));
        (answers.name, answers.zone) = ("Zarafshon Savdo".to_owned(), "Asia/Tashkent".to_owned());
        assert_eq!(answers.reached(texts).0, Step::Size);
        answers.computers = "170".to_owned();
        assert_eq!(answers.reached(texts).0, Step::Login);
        answers.step = "gateway".to_owned();
        assert_eq!(answers.reached(texts).0, Step::Kind, "not on the way to an appliance");
        (answers.kind, answers.step) = ("gateway".to_owned(), "organization".to_owned());
        assert_eq!(answers.reached(texts).0, Step::Gateway);
    }
}
