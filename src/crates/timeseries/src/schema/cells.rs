//! Values out of Arrow columns, with a typed error where a file does not hold what its schema says.

use arrow::array::Array;
use arrow::array::AsArray;
use arrow::datatypes::Int32Type;
use arrow::datatypes::Int64Type;
use arrow::datatypes::TimestampMicrosecondType;
use arrow::datatypes::UInt8Type;
use arrow::datatypes::UInt64Type;
use arrow::record_batch::RecordBatch;

/// A column was missing or of another type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("column {0} is not what its schema says")]
pub(crate) struct WrongColumn(pub(crate) usize);

/// One result batch; columns are numbered from 0.
pub(crate) struct Cells<'a>(pub(crate) &'a RecordBatch);

type Cell<T> = Result<T, WrongColumn>;

impl Cells<'_> {
    fn column(&self, column: usize) -> Cell<&dyn Array> {
        self.0.columns().get(column).map(|array| array.as_ref()).ok_or(WrongColumn(column))
    }

    pub(crate) fn rows(&self) -> usize {
        self.0.num_rows()
    }

    pub(crate) fn is_null(&self, column: usize, row: usize) -> Cell<bool> {
        Ok(self.column(column)?.is_null(row))
    }

    pub(crate) fn timestamp(&self, column: usize, row: usize) -> Cell<i64> {
        let array = self.column(column)?.as_primitive_opt::<TimestampMicrosecondType>().ok_or(WrongColumn(column))?;
        Ok(array.value(row))
    }

    pub(crate) fn maybe_timestamp(&self, column: usize, row: usize) -> Cell<Option<i64>> {
        Ok(if self.is_null(column, row)? { None } else { Some(self.timestamp(column, row)?) })
    }

    pub(crate) fn long(&self, column: usize, row: usize) -> Cell<i64> {
        let array = self.column(column)?.as_primitive_opt::<Int64Type>().ok_or(WrongColumn(column))?;
        Ok(array.value(row))
    }

    pub(crate) fn maybe_long(&self, column: usize, row: usize) -> Cell<Option<i64>> {
        Ok(if self.is_null(column, row)? { None } else { Some(self.long(column, row)?) })
    }

    pub(crate) fn unsigned(&self, column: usize, row: usize) -> Cell<u64> {
        let array = self.column(column)?.as_primitive_opt::<UInt64Type>().ok_or(WrongColumn(column))?;
        Ok(array.value(row))
    }

    pub(crate) fn int(&self, column: usize, row: usize) -> Cell<u32> {
        let array = self.column(column)?.as_primitive_opt::<Int32Type>().ok_or(WrongColumn(column))?;
        Ok(u32::try_from(array.value(row)).unwrap_or(0))
    }

    pub(crate) fn signed(&self, column: usize, row: usize) -> Cell<i32> {
        let array = self.column(column)?.as_primitive_opt::<Int32Type>().ok_or(WrongColumn(column))?;
        Ok(array.value(row))
    }

    pub(crate) fn tiny(&self, column: usize, row: usize) -> Cell<u8> {
        let array = self.column(column)?.as_primitive_opt::<UInt8Type>().ok_or(WrongColumn(column))?;
        Ok(array.value(row))
    }

    pub(crate) fn text(&self, column: usize, row: usize) -> Cell<&str> {
        let array = self.column(column)?.as_string_opt::<i32>().ok_or(WrongColumn(column))?;
        Ok(if array.is_null(row) { "" } else { array.value(row) })
    }

    pub(crate) fn owned(&self, column: usize, row: usize) -> Cell<String> {
        self.text(column, row).map(str::to_owned)
    }

    pub(crate) fn blob(&self, column: usize, row: usize) -> Cell<&[u8]> {
        let array = self.column(column)?.as_binary_opt::<i32>().ok_or(WrongColumn(column))?;
        Ok(array.value(row))
    }

    pub(crate) fn digest(&self, column: usize, row: usize) -> Cell<[u8; 32]> {
        self.blob(column, row)?.try_into().map_err(|_| WrongColumn(column))
    }

    pub(crate) fn flag(&self, column: usize, row: usize) -> Cell<bool> {
        let array = self.column(column)?.as_boolean_opt().ok_or(WrongColumn(column))?;
        Ok(array.value(row))
    }
}
