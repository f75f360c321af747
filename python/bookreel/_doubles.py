"""Exact decimals as doubles: each becomes the nearest one, which Arrow's own cast does not promise."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

# Whole numbers up to this one are doubles.
_EXACT = 2**53


def _of_array(array: pa.Decimal128Array) -> pa.Array:
    """Whole numbers of 10^-scale, divided in one correctly rounded operation; what is wider goes one by one."""
    scale = array.type.scale
    _, data = array.buffers()
    if data is None:
        return pc.cast(array, pa.float64())
    words = np.frombuffer(data, dtype="<i8")[2 * array.offset : 2 * (array.offset + len(array))]
    low, high = words[0::2], words[1::2]
    absent = np.asarray(pc.is_null(array)) if array.null_count > 0 else None
    values = low.astype(np.float64)
    values /= 10.0**scale
    is_wide = (high != low >> 63) | (low > _EXACT) | (low < -_EXACT) | (scale > 22)
    if absent is not None:
        is_wide &= ~absent
    for row in np.flatnonzero(is_wide):
        values[row] = float(array[row].as_py())
    return pa.array(values, mask=absent)


def doubles(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A column of decimals as a column of doubles."""
    return pa.chunked_array([_of_array(chunk) for chunk in column.chunks], type=pa.float64())


def schema_with_doubles(schema: pa.Schema) -> pa.Schema:
    """The schema with a double in the place of every decimal."""
    for index, field in enumerate(schema):
        if pa.types.is_decimal(field.type):
            schema = schema.set(index, field.with_type(pa.float64()))
    return schema


def batch_with_doubles(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The batch with a double in the place of every decimal."""
    schema = schema_with_doubles(batch.schema)
    if schema.equals(batch.schema):
        return batch
    columns = [_of_array(column) if pa.types.is_decimal(column.type) else column for column in batch.columns]
    return pa.RecordBatch.from_arrays(columns, schema=schema)
