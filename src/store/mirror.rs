//! A small table held in memory beside the store, for reads on hot paths.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::RwLock;

/// What was read from the store, shared by all clones. After each change its owner reads it again.
#[derive(Debug)]
pub struct Mirror<T>(Arc<Inner<T>>);

#[derive(Debug)]
struct Inner<T> {
    value: RwLock<Arc<T>>,
    turn: Mutex<()>,
}

impl<T> Clone for Mirror<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Mirror<T> {
    /// Holds a first value.
    pub fn new(value: T) -> Self {
        Self(Arc::new(Inner { value: RwLock::new(Arc::new(value)), turn: Mutex::new(()) }))
    }

    /// The value as of the last reload.
    pub fn get(&self) -> Arc<T> {
        Arc::clone(&self.0.value.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads anew from what is committed. Reloads take turns, so the last one to finish has seen every commit that
    /// came before it, and two writers cannot leave an older view behind.
    pub fn reload<E>(&self, read: impl FnOnce(&T) -> Result<T, E>) -> Result<(), E> {
        let _turn = self.0.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = Arc::new(read(&self.get())?);
        *self.0.value.write().unwrap_or_else(PoisonError::into_inner) = fresh;
        Ok(())
    }
}
