//! Why a list cannot come in, as a whole or row by row.

use crate::kernel::Classify;
use crate::kernel::Denied;
use crate::kernel::Kind;
use crate::people::FieldError;
use crate::people::PeopleError;
use crate::store::StoreError;

/// The whole list is refused.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// More bytes than are read.
    #[error("file is larger than {max} bytes")]
    TooLarge {
        /// The most it may have.
        max: usize,
    },
    /// More rows than are read.
    #[error("file has more than {max} rows")]
    TooManyRows {
        /// The most it may have.
        max: usize,
    },
    /// It is no text.
    #[error("file is not a text file; save the table as CSV")]
    NotText,
    /// There is no row below the headings.
    #[error("file has no rows below the headings")]
    Empty,
    /// A column without which nothing can be done is missing.
    #[error("column {0} is missing; its heading must stand in the first row")]
    ColumnMissing(&'static str),
    /// Two columns say the same.
    #[error("column {0} is there twice")]
    ColumnRepeated(&'static str),
    /// The list or the people are not what was shown.
    #[error("something has changed since the preview; look at it again")]
    Changed,
    /// The people could not be read or changed.
    #[error(transparent)]
    People(#[from] PeopleError),
}

impl Classify for ImportError {
    fn kind(&self) -> Kind {
        match self {
            Self::TooLarge { .. } | Self::TooManyRows { .. } => Kind::TooMany,
            Self::NotText | Self::Empty | Self::ColumnMissing(_) | Self::ColumnRepeated(_) => Kind::Invalid,
            Self::Changed => Kind::Conflict,
            Self::People(people) => people.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "import_too_large",
            Self::TooManyRows { .. } => "import_too_many_rows",
            Self::NotText => "import_not_text",
            Self::Empty => "import_empty",
            Self::ColumnMissing(_) => "import_column_missing",
            Self::ColumnRepeated(_) => "import_column_repeated",
            Self::Changed => "import_changed",
            Self::People(people) => people.code(),
        }
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::ColumnMissing(column) | Self::ColumnRepeated(column) => Some(column),
            Self::People(people) => people.field(),
            _ => Some("file"),
        }
    }
}

impl From<StoreError> for ImportError {
    fn from(source: StoreError) -> Self {
        Self::People(source.into())
    }
}

impl From<Denied> for ImportError {
    fn from(source: Denied) -> Self {
        Self::People(source.into())
    }
}

/// One row is refused; the others are not touched by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RowError {
    /// A cell holds what it must not.
    #[error(transparent)]
    Field(#[from] FieldError),
    /// More cells than headings.
    #[error("row has more cells than there are headings")]
    TooManyCells,
    /// A row further up is about the same.
    #[error("row {line} is about the same")]
    Repeated {
        /// Which one.
        line: u64,
    },
    /// More than one employee could be meant.
    #[error("more than one employee has this name; give the personnel number")]
    AmbiguousEmployee,
    /// More than one department could be meant.
    #[error("more than one department has this name; give the whole path")]
    AmbiguousDepartment,
}

impl RowError {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Field(field) => field.problem.code(),
            Self::TooManyCells => "row_too_many_cells",
            Self::Repeated { .. } => "row_repeated",
            Self::AmbiguousEmployee => "row_ambiguous_employee",
            Self::AmbiguousDepartment => "row_ambiguous_department",
        }
    }

    /// The column that it is about.
    pub const fn field(&self) -> Option<&'static str> {
        match self {
            Self::Field(field) => Some(field.field),
            Self::AmbiguousDepartment => Some("department"),
            Self::TooManyCells | Self::Repeated { .. } | Self::AmbiguousEmployee => None,
        }
    }
}
