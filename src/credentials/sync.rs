//! The verbs of the appliance itself, for what terminals should hold and whose a card is.

use std::collections::BTreeMap;

use crate::credentials::CardNumber;
use crate::credentials::Credentials;
use crate::credentials::CredentialsError;
use crate::credentials::Held;
use crate::credentials::records;
use crate::credentials::rules;
use crate::kernel::Actor;
use crate::kernel::EmployeeId;
use crate::kernel::OrganizationId;
use crate::people::State;
use crate::store::FileError;
use crate::store::StoreError;

impl Credentials {
    /// What terminals should know of everybody who is at work. Who has nothing that opens a door is not in it.
    pub async fn held(&self, organization: OrganizationId) -> Result<BTreeMap<EmployeeId, Held>, CredentialsError> {
        let tenant = Actor::system().tenant(organization)?;
        let store = self.0.from.store.tenant(tenant);
        let both = |tx: &crate::store::ReadTx<'_>| Ok::<_, StoreError>((records::cards(tx)?, records::faces(tx)?));
        let (cards, faces) = store.read(both).await?;
        // Read behind the credentials: who is deleted meanwhile is missing here, and nobody appears who was not there.
        let directory = self.0.from.people.directory(tenant).await?;
        let is_at_work = |id| directory.employee(id).is_some_and(|employee| employee.state == State::Active);
        Ok(rules::held(cards, faces, is_at_work))
    }

    /// Numbers of cards that are blocked, whoever has them.
    pub async fn blocked(&self, organization: OrganizationId) -> Result<Vec<String>, CredentialsError> {
        let tenant = Actor::system().tenant(organization)?;
        let cards = self.0.from.store.tenant(tenant).read(|tx| records::cards(tx)).await?;
        Ok(cards.into_iter().filter(|card| card.blocked).map(|card| card.number.to_string()).collect())
    }

    /// The JPEG with this hash, in hexadecimal digits, as `held` names it. Whoever hands it on records that.
    pub async fn face_by_digest(
        &self,
        organization: OrganizationId,
        sha256: &str,
    ) -> Result<Option<Vec<u8>>, CredentialsError> {
        let tenant = Actor::system().tenant(organization)?;
        let mut hash = [0; 32];
        if hex::decode_to_slice(sha256, &mut hash).is_err() {
            return Ok(None);
        }
        let found = self.0.from.store.tenant(tenant).read(move |tx| records::face_of(tx, hash)).await?;
        let Some((_, file)) = found else {
            return Ok(None);
        };
        match self.0.from.files.read(tenant, &file).await {
            Ok(jpeg) => Ok(Some(jpeg)),
            // Replaced or removed a moment ago.
            Err(FileError::NotFound(_)) => Ok(None),
            Err(problem) => Err(problem.into()),
        }
    }

    /// Whose a card is, also one that is blocked. The number may be written in any way that people write it.
    pub async fn find_card(
        &self,
        organization: OrganizationId,
        number: &str,
    ) -> Result<Option<EmployeeId>, CredentialsError> {
        let tenant = Actor::system().tenant(organization)?;
        let Ok(number) = CardNumber::parse(number) else {
            return Ok(None);
        };
        Ok(self.0.from.store.tenant(tenant).read(move |tx| records::holder(tx, &number)).await?)
    }
}
