//! For those who keep something beside commands: it is read together with them, and forgotten with them.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use serde_json::Value;

use crate::fleet::commands::model::Command;
use crate::fleet::commands::records::BODIES;
use crate::fleet::commands::records::COMMANDS;
use crate::kernel::CommandId;
use crate::kernel::GatewayId;
use crate::store::Read;
use crate::store::StoreError;
use crate::store::WriteTx;

/// Forgets what is kept beside a command, in the transaction that forgets the command.
pub type Forget = fn(&WriteTx<'_>, CommandId) -> Result<(), StoreError>;

/// Everything that is kept beside commands.
#[derive(Clone, Default)]
pub(super) struct Beside(Arc<Mutex<Vec<Forget>>>);

impl Beside {
    pub(super) fn add(&self, forget: Forget) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(forget);
    }

    /// Forgets a command with all that belongs to it.
    pub(super) fn forget(&self, tx: &WriteTx<'_>, key: (GatewayId, CommandId)) -> Result<(), StoreError> {
        tx.remove(&COMMANDS, &key)?;
        tx.remove(&BODIES, &key)?;
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        all.into_iter().try_for_each(|forget| forget(tx, key.1))
    }
}

/// All commands to a gateway that are remembered, oldest first.
pub fn list_in(tx: &impl Read, gateway: GatewayId) -> Result<Vec<Command>, StoreError> {
    let found = tx.list_below(&COMMANDS, &gateway)?;
    Ok(found.into_iter().map(|(key, record)| record.into_model(key)).collect())
}

/// What a command brought back, while it is kept. Whoever shows it sees to it that it may be seen.
pub fn body_in(tx: &impl Read, command: &Command) -> Result<Option<Value>, StoreError> {
    if !command.has_body {
        return Ok(None);
    }
    Ok(tx.find(&BODIES, &(command.gateway, command.id))?.map(|record| record.body))
}

/// The commands of an organization that are remembered.
pub fn remembered_in(tx: &impl Read) -> Result<HashSet<CommandId>, StoreError> {
    Ok(tx.list(&COMMANDS)?.into_iter().map(|((_, id), _)| id).collect())
}
