//! The engines: tenant data in redb, files, and the install sentinel. Knows tenants, knows no rule.
//!
//! A domain declares [`Table`]s with a key and a [`Record`], and reaches them only inside of a transaction that a
//! tenant handle opened. Every key in the file begins with the organization's number; the handle puts it there, so a
//! domain cannot read across tenants even by mistake. Number 0 is the system's own space (the list of tenants,
//! operators, sessions), which only `tenancy`, `identity` and `appliance` may open.
//!
//! ## Design notes
//! - One redb table per kind of record, all of them bytes to bytes. Typed redb tables lost: a changed key type would
//!   make an old file unopenable, and keys of mixed length would need one table type each.
//! - A value is one version byte and JSON. JSON can be read by a person with the file in front of them, keeps unknown
//!   fields harmless and needs no schema to be restored.
//! - Two-phase commit and quick repair are on: the file sees a few writes per second and must open at once after a
//!   power cut.

mod export;
mod files;
mod handle;
mod install;
mod key;
mod mirror;
mod open;
mod record;
mod seal;
mod tx;

pub use export::{ExportError, ExportReport, export_to, restore_from};
pub use files::{FileError, FileKey, FileKind, FileStore, FilesConfig, S3Config, StoredFile};
pub use handle::{Store, TenantStore};
pub use install::{DataFolder, FolderError, InstallId, write_durably};
pub use key::Key;
pub use mirror::Mirror;
pub use open::OpenError;
pub use record::{Record, Table};
pub use seal::{MasterKey, MasterKeyError, SealError};
pub use tx::{Read, ReadTx, StoreError, WriteTx};
