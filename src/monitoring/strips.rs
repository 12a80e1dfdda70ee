//! The running day of everybody as lists draw it: when computers were in use, never for what.

use std::collections::HashMap;
use std::collections::HashSet;

use crate::kernel::Actor;
use crate::kernel::EmployeeId;
use crate::kernel::OrganizationId;
use crate::kernel::Span;
use crate::monitoring::Monitoring;
use crate::monitoring::MonitoringError;
use crate::monitoring::State;
use crate::monitoring::StateSpan;
use crate::monitoring::Subject;
use crate::monitoring::calendar;
use crate::monitoring::calendar::number_of;
use crate::monitoring::service::Question;
use crate::monitoring::service::lock;

/// Shorter changes are not seen in a list.
const SEEN_MS: i64 = 2 * 60_000;

/// The running day, from midnight to midnight, and what was seen of each person.
#[derive(Debug, Clone, PartialEq)]
pub struct DayStrips {
    /// The day.
    pub span: Span,
    /// Stretches in order of time that do not overlap; of several computers the one in use counts.
    pub states: HashMap<EmployeeId, Vec<StateSpan>>,
}

impl Monitoring {
    /// The running day of everybody whom the actor may see.
    pub async fn strips(&self, actor: &Actor, organization: OrganizationId) -> Result<DayStrips, MonitoringError> {
        let question = self.ask(actor, organization).await?;
        self.read(question, |own, question| own.strips_so_far(question)).await
    }

    fn strips_so_far(&self, question: &Question) -> Result<DayStrips, MonitoringError> {
        let visible: HashSet<EmployeeId> = question.people_of(Subject::Organization)?.into_iter().collect();
        let mut found: HashMap<EmployeeId, Vec<StateSpan>> = HashMap::new();
        let number = number_of(question.zone.day_of(question.now));
        let today = lock(&self.shared.today);
        let known = today.get(&question.organization).filter(|today| today.day == number);
        for (account, so_far) in known.into_iter().flat_map(|today| &today.accounts) {
            let employee = question.directory.person_of(*account, question.now);
            if let Some(employee) = employee.filter(|employee| visible.contains(employee)) {
                found.entry(employee).or_default().extend(&so_far.states);
            }
        }
        drop(today);
        let states = found.into_iter().map(|(employee, states)| (employee, laid_over(&states))).collect();
        Ok(DayStrips { span: question.today(), states })
    }
}

/// Lays the states of several computers over each other and leaves out what is too short to be seen.
fn laid_over(states: &[StateSpan]) -> Vec<StateSpan> {
    const ORDER: [State; 3] = [State::Active, State::NoInput, State::Locked];
    let rank = |state: State| ORDER.iter().position(|one| *one == state);
    let mut edges: Vec<(i64, usize, i32)> = Vec::new();
    for one in states {
        if let Some(rank) = rank(one.state) {
            edges.push((one.span.from.as_millisecond(), rank, 1));
            edges.push((one.span.to.as_millisecond(), rank, -1));
        }
    }
    edges.sort_unstable();
    let mut open = [0_i32; ORDER.len()];
    let mut drawn: Vec<(i64, i64, State)> = Vec::new();
    let mut before = i64::MIN;
    for (at, rank, change) in edges {
        let top = ORDER.into_iter().zip(open).find(|(_, count)| *count > 0).map(|(state, _)| state);
        if let Some(state) = top.filter(|_| at > before) {
            add(&mut drawn, (before, at, state));
        }
        open[rank] += change;
        before = at;
    }
    let span =
        |(from, to, state)| StateSpan { span: Span::new(calendar::at(from * 1_000), calendar::at(to * 1_000)), state };
    drawn.into_iter().map(span).collect()
}

fn add(drawn: &mut Vec<(i64, i64, State)>, (from, to, state): (i64, i64, State)) {
    match drawn.last_mut() {
        Some((_, end, last)) if from - *end < SEEN_MS && (*last == state || to - from < SEEN_MS) => *end = to,
        _ => drawn.push((from, to, state)),
    }
}

#[cfg(test)]
mod tests {
    use super::laid_over;
    use crate::kernel::Span;
    use crate::monitoring::State;
    use crate::monitoring::StateSpan;
    use crate::monitoring::calendar;

    const MINUTE: i64 = 60_000_000;

    fn check(given: &[(i64, i64, State)], wanted: &[(i64, i64, State)]) {
        let span = |(from, to, state): &(i64, i64, State)| StateSpan {
            span: Span::new(calendar::at(from * MINUTE), calendar::at(to * MINUTE)),
            state: *state,
        };
        let given: Vec<StateSpan> = given.iter().map(span).collect();
        let wanted: Vec<StateSpan> = wanted.iter().map(span).collect();
        assert_eq!(laid_over(&given), wanted);
    }

    #[test]
    fn the_computer_in_use_hides_the_locked_one() {
        check(&[(0, 60, State::Active), (30, 90, State::Locked)], &[(0, 60, State::Active), (60, 90, State::Locked)]);
    }

    #[test]
    fn a_glance_away_is_not_drawn() {
        check(&[(0, 20, State::Active), (20, 21, State::NoInput), (21, 40, State::Active)], &[(0, 40, State::Active)]);
    }

    #[test]
    fn silence_stays_a_gap() {
        check(
            &[(0, 20, State::Active), (20, 50, State::NoData), (50, 60, State::Active)],
            &[(0, 20, State::Active), (50, 60, State::Active)],
        );
    }
}
