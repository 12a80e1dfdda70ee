//! Refused events: reading them, and putting them back once their cause is gone.

use nazorat_timeseries::Dataset;
use nazorat_timeseries::Event;
use nazorat_timeseries::EventQuery;
use nazorat_timeseries::EventRow;
use nazorat_timeseries::Filter;
use nazorat_timeseries::HubError;
use nazorat_timeseries::Order;
use nazorat_timeseries::Position;
use nazorat_timeseries::RejectedEvent;
use nazorat_wire::decode_logs;
use sha2::Digest as _;
use sha2::Sha256;

use crate::intake::AcceptError;
use crate::intake::BatchKey;
use crate::intake::Intake;
use crate::intake::IntakeError;
use crate::intake::NewBatch;
use crate::intake::Source;
use crate::intake::TimeWindow;
use crate::kernel::Actor;
use crate::kernel::Classify;
use crate::kernel::Cursor;
use crate::kernel::CursorError;
use crate::kernel::Denied;
use crate::kernel::Kind;
use crate::kernel::OrganizationId;
use crate::kernel::Page;
use crate::kernel::PageRequest;
use crate::kernel::Permission;
use crate::kernel::Span;
use crate::kernel::Timestamp;
use crate::runtime::blocking;

/// How many letters are looked at for the list of codes.
const LOOKED_AT: usize = 2_000;
/// How old an event may be that a person puts back.
const PUT_BACK_DAYS: u32 = 3_650;

/// An event that was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// Its name for ever.
    pub place: String,
    /// When it arrived.
    pub at: Timestamp,
    /// Who sent it, such as `key:3`.
    pub source: String,
    /// Why it was refused, as a stable word.
    pub code: String,
    /// Why, as a sentence for programmers.
    pub detail: String,
    /// The event as it was sent; what was too long is cut off.
    pub raw: String,
}

/// What became of the letters that were to be put back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PutBack {
    /// Events that are stored now.
    pub stored: usize,
    /// Events that were put back before.
    pub known: usize,
    /// Events that cannot be read as they are.
    pub refused: usize,
}

/// Letters could not be read or put back.
#[derive(Debug, thiserror::Error)]
pub enum LettersError {
    /// The actor may not.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The cursor is of another list.
    #[error(transparent)]
    Cursor(#[from] CursorError),
    /// Partitions failed.
    #[error("partitions failed")]
    Hub(#[from] HubError),
    /// An event was not taken in.
    #[error(transparent)]
    Accept(#[from] AcceptError),
}

impl Classify for LettersError {
    fn kind(&self) -> Kind {
        match self {
            Self::Denied(denied) => denied.kind(),
            Self::Cursor(_) => Kind::Invalid,
            Self::Hub(_) => Kind::Internal,
            Self::Accept(accept) => accept.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Denied(denied) => denied.code(),
            Self::Cursor(_) => "cursor_invalid",
            Self::Hub(_) => "storage_failed",
            Self::Accept(accept) => accept.code(),
        }
    }
}

impl Intake {
    /// A page of refused events, newest first; of one code if asked.
    pub async fn letters(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        code: Option<String>,
        page: PageRequest,
    ) -> Result<Page<Letter>, LettersError> {
        actor.require(Permission::ReadPolicies)?;
        actor.tenant(organization)?;
        let mut after = page.after.as_ref().map(position).transpose()?;
        let hub = self.hub.clone();
        blocking(move || {
            let mut items = Vec::new();
            // The engine looks for the word anywhere, so what has it elsewhere is dropped here.
            loop {
                let filter = filter(organization, code.clone());
                let limit = page.limit - items.len();
                let found = hub.events(&EventQuery { filter, order: Order::Newest, after, limit })?;
                let wanted = |letter: &Letter| code.as_ref().is_none_or(|code| letter.code == *code);
                items.extend(found.rows.into_iter().filter_map(letter_of).filter(wanted));
                after = found.next;
                if after.is_none() || items.len() >= page.limit {
                    let next = after.map(|next| Cursor::new(next.encode()));
                    return Ok(Page { items, next });
                }
            }
        })
        .await
    }

    /// How many events were refused in a time.
    pub async fn count_letters(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        within: Span,
    ) -> Result<u64, LettersError> {
        actor.require(Permission::ReadPolicies)?;
        actor.tenant(organization)?;
        let filter = Filter {
            from_us: within.from.as_microsecond(),
            to_us: within.to.as_microsecond(),
            ..filter(organization, None)
        };
        let hub = self.hub.clone();
        blocking(move || Ok(hub.count(&filter)?.rows)).await
    }

    /// The codes of the newest refused events, the most frequent first.
    pub async fn letter_codes(
        &self,
        actor: &Actor,
        organization: OrganizationId,
    ) -> Result<Vec<(String, u64)>, LettersError> {
        let request = |after| PageRequest { limit: PageRequest::MAX, after };
        let mut counts = std::collections::BTreeMap::<String, u64>::new();
        let (mut seen, mut after) = (0, None);
        while seen < LOOKED_AT {
            let page = self.letters(actor, organization, None, request(after)).await?;
            seen += page.items.len();
            page.items.into_iter().for_each(|letter| *counts.entry(letter.code).or_default() += 1);
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        let mut codes: Vec<(String, u64)> = counts.into_iter().collect();
        codes.sort_by(|(a, one), (b, two)| two.cmp(one).then_with(|| a.cmp(b)));
        Ok(codes)
    }

    /// Takes refused events in after all, also those whose time was too old. Each is a batch of its own with a name
    /// that never changes, so doing it twice stores them once.
    pub async fn put_back(
        &self,
        actor: &Actor,
        organization: OrganizationId,
        places: &[String],
    ) -> Result<PutBack, LettersError> {
        actor.require(Permission::EditMonitoring)?;
        actor.tenant(organization)?;
        let mut done = PutBack::default();
        for place in places.iter().take(PageRequest::MAX) {
            let Some(letter) = self.letter(organization, place).await? else { continue };
            match self.take_again(organization, &letter).await? {
                Some(answer) if answer.duplicate => done.known += 1,
                Some(_) => done.stored += 1,
                None => done.refused += 1,
            }
        }
        Ok(done)
    }

    async fn letter(&self, organization: OrganizationId, place: &str) -> Result<Option<Letter>, LettersError> {
        let Some(wanted) = Position::parse(place) else { return Ok(None) };
        let hub = self.hub.clone();
        blocking(move || {
            let filter = Filter { from_us: wanted.ts_us, to_us: wanted.ts_us + 1, ..filter(organization, None) };
            let after = Some(Position { idx: wanted.idx.saturating_add(1), ..wanted });
            let found = hub.events(&EventQuery { filter, order: Order::Newest, after, limit: 1 })?;
            let row = found.rows.into_iter().find(|row| row.position == wanted);
            Ok(row.and_then(letter_of))
        })
        .await
    }

    /// `None` when the event still cannot be read.
    async fn take_again(
        &self,
        organization: OrganizationId,
        letter: &Letter,
    ) -> Result<Option<nazorat_wire::IngestAnswer>, LettersError> {
        let body = format!("{{\"events\":[{}]}}", letter.raw);
        let Ok(decoded) = decode_logs(body.as_bytes()) else { return Ok(None) };
        let key = BatchKey::parse(&format!("putback:{}", letter.place));
        let read = decoded.events.len() + decoded.accesses.len();
        let (Ok(key), 1, true) = (key, read, decoded.rejected.is_empty()) else { return Ok(None) };
        let received_at = self.clock.now();
        let times = TimeWindow { accept_days: PUT_BACK_DAYS };
        let still = |ts| crate::intake::rules::disbelief(times, received_at, ts).is_some();
        let accesses = decoded.accesses.iter().map(|one| one.event.ts.as_microsecond());
        if decoded.events.iter().map(|one| one.event.ts).chain(accesses).any(still) {
            return Ok(None);
        }
        let batch = NewBatch {
            organization,
            source: Source::new(&letter.source),
            key,
            digest: Sha256::digest(&body).into(),
            received_at,
            events: decoded.events,
            accesses: decoded.accesses,
            rejected: Vec::new(),
            screenshots: Vec::new(),
        };
        Ok(Some(self.accept_within(batch, times).await?))
    }
}

fn filter(organization: OrganizationId, text: Option<String>) -> Filter {
    let dataset = Dataset::RejectedEvents;
    Filter { organization: organization.get(), dataset, from_us: 0, to_us: i64::MAX, who: None, q: text }
}

fn position(cursor: &Cursor) -> Result<Position, CursorError> {
    std::str::from_utf8(cursor.as_bytes()).ok().and_then(Position::parse).ok_or(CursorError)
}

fn letter_of(row: EventRow) -> Option<Letter> {
    let Event::RejectedEvent(RejectedEvent { code, detail, event, .. }) = row.event else { return None };
    let at = Timestamp::from_microsecond(row.received_at_us).ok()?;
    Some(Letter { place: row.position.encode(), at, source: row.source, code, detail, raw: event })
}

impl From<IntakeError> for LettersError {
    fn from(problem: IntakeError) -> Self {
        Self::Accept(AcceptError::Failed(problem))
    }
}
