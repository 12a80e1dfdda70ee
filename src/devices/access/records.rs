//! Groups as they are stored.

use serde::Deserialize;
use serde::Serialize;

use crate::devices::access::AccessGroup;
use crate::devices::access::Gates;
use crate::devices::access::Members;
use crate::identity::DisplayName;
use crate::kernel::AccessGroupId;
use crate::store::Record;
use crate::store::Table;

pub(super) const GROUPS: Table<AccessGroupId, GroupRecord> = Table::new("access_groups_v1");

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct GroupRecord {
    pub(super) name: String,
    #[serde(default)]
    pub(super) members: Members,
    #[serde(default)]
    pub(super) gates: Gates,
}

impl Record for GroupRecord {}

impl GroupRecord {
    pub(super) fn to_model(&self, id: AccessGroupId) -> AccessGroup {
        let name = DisplayName::stored(self.name.clone());
        AccessGroup { id, name, members: self.members.clone(), gates: self.gates.clone() }
    }
}
