//! Sets of moments as sorted, disjoint parts. Milliseconds since 1970.

/// Half-open: `from` belongs to it, `to` does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Part {
    pub(crate) from: i64,
    pub(crate) to: i64,
}

impl Part {
    pub(crate) const fn new(from: i64, to: i64) -> Self {
        Self { from, to }
    }

    pub(crate) const fn ms(self) -> i64 {
        self.to - self.from
    }

    /// How much of it lies in which step, counted from `begin`; what lies before counts for the first.
    pub(crate) fn steps(self, begin: i64, step: i64) -> impl Iterator<Item = (usize, i64)> {
        let index = move |at: i64| (at - begin).div_euclid(step).max(0);
        let mut at = self.from;
        std::iter::from_fn(move || {
            let now = index(at);
            let to = self.to.min(begin + (now + 1) * step);
            let ms = to - at;
            at = to;
            (ms > 0).then_some((usize::try_from(now).unwrap_or(0), ms))
        })
    }
}

/// How long all of it is.
#[cfg(test)]
pub(crate) fn length(parts: &[Part]) -> i64 {
    parts.iter().map(|part| part.ms()).sum()
}

/// Sorts and joins what overlaps or touches.
pub(crate) fn union(mut parts: Vec<Part>) -> Vec<Part> {
    parts.retain(|part| part.from < part.to);
    parts.sort_unstable();
    let mut joined: Vec<Part> = Vec::with_capacity(parts.len());
    for part in parts {
        match joined.last_mut() {
            Some(last) if part.from <= last.to => last.to = last.to.max(part.to),
            _ => joined.push(part),
        }
    }
    joined
}

/// What is in both sets.
#[cfg(test)]
pub(crate) fn intersect(left: &[Part], right: &[Part]) -> Vec<Part> {
    let with_nothing: Vec<_> = left.iter().map(|part| (*part, ())).collect();
    cut(&with_nothing, right).into_iter().map(|(part, ())| part).collect()
}

/// What is in the left set only.
pub(crate) fn subtract(left: &[Part], right: &[Part]) -> Vec<Part> {
    let mut rest = Vec::with_capacity(left.len());
    let mut first = 0;
    for part in left {
        let mut from = part.from;
        while first < right.len() && right[first].to <= from {
            first += 1;
        }
        for hole in right[first..].iter().take_while(|hole| hole.from < part.to) {
            if from < hole.from {
                rest.push(Part::new(from, hole.from));
            }
            from = from.max(hole.to);
        }
        if from < part.to {
            rest.push(Part::new(from, part.to));
        }
    }
    rest
}

/// The items' pieces that lie within a set. Both are sorted and disjoint.
pub(crate) fn cut<T: Clone>(items: &[(Part, T)], within: &[Part]) -> Vec<(Part, T)> {
    let mut pieces = Vec::with_capacity(items.len());
    let mut first = 0;
    for (part, item) in items {
        while first < within.len() && within[first].to <= part.from {
            first += 1;
        }
        for frame in within[first..].iter().take_while(|frame| frame.from < part.to) {
            pieces.push((Part::new(part.from.max(frame.from), part.to.min(frame.to)), item.clone()));
        }
    }
    pieces
}

/// Resolves overlaps: at any moment the item that began last is in front. The result is sorted and disjoint and covers
/// exactly what the items covered.
pub(crate) fn latest_wins<T: Clone>(mut items: Vec<(Part, T)>) -> Vec<(Part, T)> {
    items.retain(|(part, _)| part.from < part.to);
    items.sort_by_key(|(part, _)| part.from);
    let mut shown: Vec<(Part, T)> = Vec::with_capacity(items.len());
    let mut below: Vec<(Part, T)> = Vec::new();
    let mut at = i64::MIN;
    for item in items {
        show_until(&mut below, &mut at, item.0.from, &mut shown);
        at = item.0.from;
        below.push(item);
    }
    show_until(&mut below, &mut at, i64::MAX, &mut shown);
    shown
}

fn show_until<T: Clone>(below: &mut Vec<(Part, T)>, at: &mut i64, until: i64, shown: &mut Vec<(Part, T)>) {
    while let Some((part, item)) = below.last() {
        if *at >= until {
            return;
        }
        if part.to > *at {
            let to = part.to.min(until);
            shown.push((Part::new(*at, to), item.clone()));
            *at = to;
        }
        if part.to <= *at {
            below.pop();
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::Strategy;
    use proptest::prelude::prop;
    use proptest::prelude::proptest;

    use super::Part;
    use super::intersect;
    use super::latest_wins;
    use super::length;
    use super::subtract;
    use super::union;

    fn parts() -> impl Strategy<Value = Vec<Part>> {
        prop::collection::vec((0_i64..200, 0_i64..40), 0..30)
            .prop_map(|raw| raw.into_iter().map(|(from, ms)| Part::new(from, from + ms)).collect())
    }

    fn holds(parts: &[Part], at: i64) -> bool {
        parts.iter().any(|part| part.from <= at && at < part.to)
    }

    fn is_disjoint(parts: &[Part]) -> bool {
        parts.windows(2).all(|pair| pair[0].to <= pair[1].from) && parts.iter().all(|part| part.from < part.to)
    }

    #[test]
    fn steps_add_up_to_the_whole() {
        let steps: Vec<_> = Part::new(-5, 25).steps(0, 10).collect();
        assert_eq!(steps, [(0, 15), (1, 10), (2, 5)]);
        assert_eq!(Part::new(10, 10).steps(0, 10).count(), 0);
    }

    proptest! {
        #[test]
        fn sets_of_moments_behave_like_sets(left in parts(), right in parts()) {
            let (a, b) = (union(left.clone()), union(right.clone()));
            let (both, rest) = (intersect(&a, &b), subtract(&a, &b));
            assert!(is_disjoint(&a) && is_disjoint(&both) && is_disjoint(&rest));
            for at in 0..250 {
                assert_eq!(holds(&a, at), holds(&left, at));
                assert_eq!(holds(&both, at), holds(&left, at) && holds(&right, at));
                assert_eq!(holds(&rest, at), holds(&left, at) && !holds(&right, at));
            }
        }

        #[test]
        fn at_every_moment_the_item_that_began_last_is_in_front(items in parts()) {
            let named: Vec<_> = items.iter().copied().enumerate().map(|(name, part)| (part, name)).collect();
            let shown = latest_wins(named);
            let spans: Vec<_> = shown.iter().map(|(part, _)| *part).collect();
            assert!(is_disjoint(&spans));
            assert_eq!(length(&spans), length(&union(items.clone())));
            for (part, name) in shown {
                let latest = items.iter().filter(|one| one.from <= part.from && part.from < one.to).map(|one| one.from).max();
                assert_eq!(Some(items[name].from), latest);
            }
        }
    }
}
