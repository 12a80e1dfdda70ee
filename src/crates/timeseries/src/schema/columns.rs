//! Rows into Arrow columns.

use std::sync::Arc;

use arrow::array::Array;
use arrow::array::ArrayRef;
use arrow::array::BinaryArray;
use arrow::array::BooleanArray;
use arrow::array::Int32Array;
use arrow::array::Int64Array;
use arrow::array::StringArray;
use arrow::array::TimestampMicrosecondArray;
use arrow::array::UInt8Array;
use arrow::array::UInt64Array;
use arrow::datatypes::Field;
use arrow::datatypes::Schema;
use arrow::record_batch::RecordBatch;

/// Collects columns of one length; the order must be the table's.
#[derive(Default)]
pub(crate) struct Columns {
    fields: Vec<Field>,
    arrays: Vec<ArrayRef>,
}

impl Columns {
    fn push(&mut self, array: impl Array + 'static) {
        self.fields.push(Field::new(format!("c{}", self.fields.len()), array.data_type().clone(), true));
        self.arrays.push(Arc::new(array));
    }

    pub(crate) fn timestamps(&mut self, values: impl Iterator<Item = i64>) {
        self.push(TimestampMicrosecondArray::from_iter_values(values));
    }

    pub(crate) fn maybe_timestamps(&mut self, values: impl Iterator<Item = Option<i64>>) {
        self.push(TimestampMicrosecondArray::from_iter(values));
    }

    pub(crate) fn longs(&mut self, values: impl Iterator<Item = i64>) {
        self.push(Int64Array::from_iter_values(values));
    }

    pub(crate) fn maybe_longs(&mut self, values: impl Iterator<Item = Option<i64>>) {
        self.push(Int64Array::from_iter(values));
    }

    pub(crate) fn unsigned(&mut self, values: impl Iterator<Item = u64>) {
        self.push(UInt64Array::from_iter_values(values));
    }

    /// Numbers beyond what the column holds are kept as its greatest.
    pub(crate) fn ints(&mut self, values: impl Iterator<Item = u32>) {
        self.push(Int32Array::from_iter_values(values.map(|value| i32::try_from(value).unwrap_or(i32::MAX))));
    }

    /// Day numbers, which may be before 1970.
    pub(crate) fn days(&mut self, values: impl Iterator<Item = i32>) {
        self.push(Int32Array::from_iter_values(values));
    }

    pub(crate) fn tiny(&mut self, values: impl Iterator<Item = u8>) {
        self.push(UInt8Array::from_iter_values(values));
    }

    pub(crate) fn texts<'a>(&mut self, values: impl Iterator<Item = &'a str>) {
        self.push(StringArray::from_iter_values(values));
    }

    pub(crate) fn maybe_texts<'a>(&mut self, values: impl Iterator<Item = Option<&'a str>>) {
        self.push(StringArray::from_iter(values));
    }

    pub(crate) fn blobs<'a>(&mut self, values: impl Iterator<Item = &'a [u8]>) {
        self.push(BinaryArray::from_iter_values(values));
    }

    pub(crate) fn flags(&mut self, values: impl Iterator<Item = bool>) {
        self.push(values.map(Some).collect::<BooleanArray>());
    }

    pub(crate) fn finish(self) -> Result<RecordBatch, arrow::error::ArrowError> {
        RecordBatch::try_new(Arc::new(Schema::new(self.fields)), self.arrays)
    }
}
