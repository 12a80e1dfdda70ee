//! Handles: the store as a whole, and the part of it that belongs to one tenant.

use std::sync::Arc;

use redb::Database;
use redb::Durability;

use crate::kernel::Tenant;
use crate::runtime::blocking;
use crate::store::ReadTx;
use crate::store::StoreError;
use crate::store::WriteTx;

/// The tenant store. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    pub(super) db: Arc<Database>,
}

impl Store {
    /// One tenant's records.
    pub fn tenant(&self, tenant: Tenant) -> TenantStore {
        TenantStore { db: Arc::clone(&self.db), prefix: tenant.organization().get().to_be_bytes() }
    }

    /// The system's own records. `tests/rules` knows who may call this.
    pub fn system(&self) -> TenantStore {
        TenantStore { db: Arc::clone(&self.db), prefix: [0; 4] }
    }
}

/// The records of one tenant, or of the system.
#[derive(Clone)]
pub struct TenantStore {
    db: Arc<Database>,
    prefix: [u8; 4],
}

impl TenantStore {
    /// Reads in one consistent view.
    pub async fn read<T, E>(&self, work: impl FnOnce(&ReadTx<'_>) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let store = self.clone();
        blocking(move || store.read_now(work)).await
    }

    /// Changes records; an error from `work` leaves everything as it was.
    pub async fn write<T, E>(&self, work: impl FnOnce(&WriteTx<'_>) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let store = self.clone();
        blocking(move || store.write_now(work)).await
    }

    /// `read` for code that already is on a blocking thread.
    pub fn read_now<T, E: From<StoreError>>(&self, work: impl FnOnce(&ReadTx<'_>) -> Result<T, E>) -> Result<T, E> {
        let tx = redb::ReadableDatabase::begin_read(&*self.db).map_err(StoreError::from)?;
        work(&ReadTx { tx: &tx, prefix: self.prefix })
    }

    /// `write` for code that already is on a blocking thread.
    pub fn write_now<T, E: From<StoreError>>(&self, work: impl FnOnce(&WriteTx<'_>) -> Result<T, E>) -> Result<T, E> {
        self.commit(Flush::Now, work)
    }

    /// Changes that may be forgotten at a power cut until the next durable change: when something was last seen.
    pub fn touch_now<T, E: From<StoreError>>(&self, work: impl FnOnce(&WriteTx<'_>) -> Result<T, E>) -> Result<T, E> {
        self.commit(Flush::WithTheNext, work)
    }

    fn commit<T, E: From<StoreError>>(
        &self,
        flush: Flush,
        work: impl FnOnce(&WriteTx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut tx = self.db.begin_write().map_err(StoreError::from)?;
        match flush {
            Flush::Now => {
                tx.set_two_phase_commit(true);
                tx.set_quick_repair(true);
            }
            Flush::WithTheNext => tx.set_durability(Durability::None).map_err(StoreError::from)?,
        }
        let value = work(&WriteTx { tx: &tx, prefix: self.prefix })?;
        tx.commit().map_err(StoreError::from)?;
        Ok(value)
    }
}

enum Flush {
    Now,
    WithTheNext,
}
