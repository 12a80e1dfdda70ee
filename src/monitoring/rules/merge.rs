//! Joining segments of one thing, and choosing what can be drawn.
//!
//! Agents report what lasts in pieces, and a title that changes makes a new piece. Neighbours of one application and
//! category at most two seconds apart are one segment; `ms` stays the time that was measured, without the gap.

use crate::kernel::Span;
use crate::kernel::Timestamp;
use crate::monitoring::Category;
use crate::monitoring::Segment;

/// Watchers look once a second, so a change of window may leave a second or two between pieces.
const GAP_MS: i64 = 2_000;

/// The most shapes in a lane that a browser draws without effort.
const MOST: usize = 600;

/// Neighbours of one application and category as one.
pub(super) fn applications(pieces: Vec<Segment>) -> Vec<Segment> {
    join(pieces, GAP_MS, |a, b| a.account == b.account && a.app == b.app && a.category == b.category)
}

/// Neighbours of one site as one.
pub(super) fn sites(pieces: Vec<Segment>) -> Vec<Segment> {
    join(pieces, GAP_MS, |a, b| a.account == b.account && a.site == b.site)
}

fn join(pieces: Vec<Segment>, gap_ms: i64, same: impl Fn(&Segment, &Segment) -> bool) -> Vec<Segment> {
    let mut joined: Vec<Segment> = Vec::with_capacity(pieces.len());
    let mut longest = 0;
    for piece in pieces {
        match joined.last_mut() {
            Some(last) if same(last, &piece) && Span::new(last.span.to, piece.span.from).millis() <= gap_ms => {
                last.span.to = last.span.to.max(piece.span.to);
                last.ms += piece.ms;
                if piece.ms > longest {
                    longest = piece.ms;
                    last.title = piece.title;
                    last.site = piece.site;
                }
            }
            _ => {
                longest = piece.ms;
                joined.push(piece);
            }
        }
    }
    joined
}

/// What of a lane can be drawn at `px_per_ms` when nothing is narrower than `min_px`: one application and category
/// closer than that are one shape, and where several share the width of one shape, the one with most time is drawn; on
/// a tie never what is distracting. At most 600 shapes. Times are for drawing only: take sums from the totals.
pub fn thin(segments: &[Segment], px_per_ms: f64, min_px: f64) -> Vec<Segment> {
    let mut narrowest = (min_px / px_per_ms).ceil().max(1.0) as i64;
    loop {
        let drawn = thin_to(segments, narrowest);
        if drawn.len() <= MOST {
            return drawn;
        }
        narrowest = narrowest.saturating_mul(2);
    }
}

fn thin_to(segments: &[Segment], narrowest: i64) -> Vec<Segment> {
    let same = |a: &Segment, b: &Segment| a.app == b.app && a.category == b.category;
    let segments = join(segments.to_vec(), narrowest - 1, same);
    let mut drawn = Vec::with_capacity(segments.len());
    let mut rest = segments.as_slice();
    while let Some((first, behind)) = rest.split_first() {
        if first.span.millis() >= narrowest {
            drawn.push(first.clone());
            rest = behind;
            continue;
        }
        let end = later(first.span.from, narrowest);
        let is_small = |one: &Segment| one.span.from < end && one.span.millis() < narrowest;
        let count = rest.iter().take_while(|one| is_small(one)).count();
        let (cluster, behind) = rest.split_at(count);
        // A long neighbour keeps its own begin; too little room before it is left to it.
        let to = behind.first().map_or(end, |next| end.min(next.span.from));
        if let Some(mut shape) = heaviest(cluster).filter(|_| Span::new(first.span.from, to).millis() * 2 >= narrowest)
        {
            shape.span = Span::new(first.span.from, to);
            drawn.push(shape);
        }
        rest = behind;
    }
    drawn
}

fn heaviest(cluster: &[Segment]) -> Option<Segment> {
    let mut sums: Vec<Segment> = Vec::with_capacity(cluster.len());
    for one in cluster {
        match sums.iter_mut().find(|sum| sum.app == one.app && sum.category == one.category) {
            Some(sum) => sum.ms += one.ms,
            None => sums.push(one.clone()),
        }
    }
    sums.into_iter().max_by_key(|sum| (sum.ms, sum.category != Category::Distracting))
}

fn later(at: Timestamp, ms: i64) -> Timestamp {
    let ms = at.as_millisecond().saturating_add(ms);
    Timestamp::from_millisecond(ms).unwrap_or(Timestamp::MAX)
}
