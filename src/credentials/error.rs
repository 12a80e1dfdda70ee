//! What can go wrong with cards and faces.

use crate::credentials::NumberError;
use crate::kernel::Classify;
use crate::kernel::Denied;
use crate::kernel::EmployeeId;
use crate::kernel::Kind;
use crate::kernel::PortraitError;
use crate::people::PeopleError;
use crate::store::FileError;
use crate::store::StoreError;

/// A verb of credentials was refused or failed.
#[derive(Debug, thiserror::Error)]
pub enum CredentialsError {
    /// The actor may not, or the organization is not theirs.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The person has no such card. Its number is not repeated: what is said here may be written down.
    #[error("employee {0} has no such card")]
    UnknownCard(EmployeeId),
    /// The person has no face here.
    #[error("employee {0} has no face")]
    NoFace(EmployeeId),
    /// Its record is there and its file is not.
    #[error("the picture of the face of employee {0} is lost; upload it anew")]
    FaceLost(EmployeeId),
    /// What was typed is no number.
    #[error(transparent)]
    Number(#[from] NumberError),
    /// What a card is called.
    #[error("a card is called something of up to 60 letters in one line")]
    Label,
    /// A number belongs to one person.
    #[error("{}", taken(.0.as_ref()))]
    Taken(Option<Holder>),
    /// No more than that.
    #[error("a person has at most {0} cards; remove one first")]
    TooMany(usize),
    /// More than is taken.
    #[error("the picture has more than {0} bytes")]
    TooLarge(usize),
    /// The picture is none, or none of a face.
    #[error(transparent)]
    Portrait(#[from] PortraitError),
    /// People.
    #[error(transparent)]
    People(#[from] PeopleError),
    /// Files.
    #[error(transparent)]
    File(#[from] FileError),
    /// The store failed.
    #[error("credentials could not be read or stored")]
    Store(#[from] StoreError),
}

/// Whose a card is, for who may see that person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// The person.
    pub employee: EmployeeId,
    /// "Surname Given".
    pub name: String,
}

fn taken(holder: Option<&Holder>) -> String {
    match holder {
        Some(holder) => format!("the card already belongs to {}", holder.name),
        None => "the card already belongs to somebody else".to_owned(),
    }
}

impl Classify for CredentialsError {
    fn kind(&self) -> Kind {
        match self {
            Self::Denied(denied) => denied.kind(),
            Self::UnknownCard(_) | Self::NoFace(_) => Kind::NotFound,
            Self::Number(_) | Self::Label | Self::Portrait(_) => Kind::Invalid,
            Self::Taken(_) | Self::TooMany(_) | Self::FaceLost(_) => Kind::Conflict,
            Self::TooLarge(_) => Kind::TooMany,
            Self::People(people) => people.kind(),
            Self::File(file) => file.kind(),
            Self::Store(store) => store.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Denied(denied) => denied.code(),
            Self::UnknownCard(_) | Self::NoFace(_) => "not_found",
            Self::FaceLost(_) => "face_lost",
            Self::Number(problem) => match problem {
                NumberError::Missing => "card_number_missing",
                NumberError::Letters => "card_number_letters",
                NumberError::TooLong => "card_number_too_long",
                NumberError::Zero => "card_number_zero",
                NumberError::Facility => "card_number_facility",
            },
            Self::Label => "card_label",
            Self::Taken(_) => "card_taken",
            Self::TooMany(_) => "too_many_cards",
            Self::TooLarge(_) => "face_too_large",
            Self::Portrait(problem) => match problem {
                PortraitError::Unsupported => "face_unsupported",
                PortraitError::Broken(_) => "face_broken",
                PortraitError::TooManyPixels => "face_too_many_pixels",
                PortraitError::TooSmall { .. } => "face_too_small",
                PortraitError::TooLong { .. } => "face_too_long",
            },
            Self::People(people) => people.code(),
            Self::File(file) => file.code(),
            Self::Store(store) => store.code(),
        }
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::Number(_) | Self::Taken(_) | Self::TooMany(_) => Some("number"),
            Self::Label => Some("label"),
            Self::Portrait(_) | Self::TooLarge(_) => Some("face"),
            Self::People(people) => people.field(),
            _ => None,
        }
    }
}
