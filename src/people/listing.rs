//! Lists that stay sorted, are searched by folded text and are read page by page.

use std::collections::HashMap;
use std::hash::Hash;

use crate::kernel::CursorError;
use crate::kernel::Page;
use crate::kernel::PageRequest;
use crate::kernel::fold;
use crate::store::Key;

use crate::kernel::Cursor;

/// One item of a list.
#[derive(Debug)]
pub(super) struct Entry<K, T> {
    pub(super) id: K,
    pub(super) item: T,
    /// By what it is sorted, folded.
    pub(super) sort: String,
    /// In what it is searched, folded.
    pub(super) search: String,
    /// How much of the search text everybody may search.
    pub(super) public: usize,
}

/// A sorted list that also finds by identity.
#[derive(Debug)]
pub(super) struct Listing<K, T> {
    entries: Vec<Entry<K, T>>,
    by_id: HashMap<K, usize>,
}

impl<K: Key + Copy + Ord + Hash, T> Listing<K, T> {
    pub(super) fn new(mut entries: Vec<Entry<K, T>>) -> Self {
        entries.sort_by(|a, b| (&a.sort, a.id).cmp(&(&b.sort, b.id)));
        let by_id = entries.iter().zip(0..).map(|(entry, at)| (entry.id, at)).collect();
        Self { entries, by_id }
    }

    pub(super) fn find(&self, id: K) -> Option<&T> {
        self.entries.get(*self.by_id.get(&id)?).map(|entry| &entry.item)
    }

    pub(super) fn entries(&self) -> &[Entry<K, T>] {
        &self.entries
    }

    pub(super) fn items(&self) -> impl Iterator<Item = &T> {
        self.entries.iter().map(|entry| &entry.item)
    }

    /// The next page of those that are kept. A cursor is the place of the last item, not its number: the list may
    /// change between two pages without showing anything twice.
    pub(super) fn page(
        &self,
        request: &PageRequest,
        keep: impl Fn(&Entry<K, T>) -> bool,
    ) -> Result<Page<&T>, CursorError> {
        let start = match &request.after {
            None => 0,
            Some(cursor) => {
                let mut bytes = cursor.as_bytes();
                let id = K::decode(&mut bytes).ok_or(CursorError)?;
                let sort = std::str::from_utf8(bytes).map_err(|_| CursorError)?;
                self.entries.partition_point(|entry| (entry.sort.as_str(), entry.id) <= (sort, id))
            }
        };
        let mut kept = self.entries.iter().skip(start).filter(|entry| keep(entry));
        let found: Vec<_> = kept.by_ref().take(request.limit).collect();
        let next = match (found.last(), kept.next()) {
            (Some(last), Some(_)) => {
                let mut position = last.id.bytes();
                position.extend_from_slice(last.sort.as_bytes());
                Some(Cursor::new(position))
            }
            _ => None,
        };
        let items = found.into_iter().map(|entry| &entry.item).collect();
        Ok(Page { items, next })
    }
}

/// Words that were typed into a search field.
#[derive(Debug, Clone, Default)]
pub(super) struct Needle(Vec<String>);

impl Needle {
    pub(super) fn new(typed: &str) -> Self {
        Self(fold(typed).split(' ').filter(|word| !word.is_empty()).map(ToOwned::to_owned).collect())
    }

    /// True when every word is somewhere in the text.
    pub(super) fn is_in(&self, text: &str) -> bool {
        self.0.iter().all(|word| text.contains(word.as_str()))
    }
}
