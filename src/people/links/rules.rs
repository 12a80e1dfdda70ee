//! Links of one account never overlap.

use crate::kernel::Span;
use crate::kernel::Timestamp;
use crate::people::FieldProblem;
use crate::people::PeopleError;
use crate::people::links::Link;

/// The time that a link covers.
pub(in crate::people) fn span(link: &Link) -> Span {
    Span { from: link.from.unwrap_or(Timestamp::MIN), to: link.to.unwrap_or(Timestamp::MAX) }
}

/// The part of a span that a link covers.
pub(in crate::people) fn clip(link: &Link, within: Span) -> Option<Span> {
    span(link).intersect(within)
}

/// The link that covers a moment.
pub(in crate::people) fn holder(links: &[Link], at: Timestamp) -> Option<&Link> {
    links.iter().find(|link| span(link).contains(at))
}

/// Where a new link begins when nobody says so: where the last one ended.
pub(super) fn default_from(links: &[Link]) -> Option<Timestamp> {
    links.iter().filter_map(|link| link.to).max()
}

/// Refuses a link that ends before it begins or covers time of another link of the same account.
pub(super) fn check(changed: &Link, links: &[Link]) -> Result<(), PeopleError> {
    let own = span(changed);
    if own.from >= own.to {
        return Err(FieldProblem::BeforeBegin.of("to").into());
    }
    let mut others = links.iter().filter(|other| other.id != changed.id);
    match others.find(|other| span(other).intersect(own).is_some()) {
        Some(other) => Err(PeopleError::LinkOverlaps(other.id)),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::any;
    use proptest::prelude::proptest;

    use super::check;
    use super::default_from;
    use super::holder;
    use crate::kernel::ComputerUserId;
    use crate::kernel::EmployeeId;
    use crate::kernel::LinkId;
    use crate::kernel::Timestamp;
    use crate::people::links::Link;

    fn link(id: u32, from: Option<i64>, to: Option<i64>) -> Link {
        let at = |second| Timestamp::from_second(second).unwrap();
        Link {
            id: LinkId::new(id),
            computer_user: ComputerUserId::new(1),
            employee: EmployeeId::new(id),
            from: from.map(at),
            to: to.map(at),
            created_at: at(0),
        }
    }

    #[test]
    fn the_next_link_begins_where_the_last_one_ended() {
        let links = [link(1, None, Some(10)), link(2, Some(10), Some(20))];
        assert_eq!(default_from(&links), Timestamp::from_second(20).ok());
        assert!(check(&link(3, Some(20), None), &links).is_ok());
        assert!(check(&link(3, Some(19), None), &links).is_err());
        assert!(check(&link(2, Some(15), None), &links).is_ok());
        assert!(check(&link(3, None, None), &[]).is_ok());
        assert!(check(&link(3, Some(5), Some(5)), &[]).is_err());
    }

    proptest! {
        #[test]
        fn checked_links_never_overlap(
            wishes in proptest::collection::vec(any::<(Option<u8>, Option<u8>)>(), 1..40),
        ) {
            let mut links: Vec<Link> = Vec::new();
            for ((from, to), id) in wishes.into_iter().zip(1..) {
                let wished = link(id, from.map(i64::from), to.map(i64::from));
                if check(&wished, &links).is_ok() {
                    links.push(wished);
                }
            }
            for second in -1..257 {
                let at = Timestamp::from_second(second).unwrap();
                let holders = links.iter().filter(|one| holder(std::slice::from_ref(one), at).is_some());
                assert!(holders.count() <= 1);
            }
        }
    }
}
