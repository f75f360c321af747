"""Arrow tables as pandas frames with the same meaning: nothing rounded, nothing absent turned into a number."""

from typing import TYPE_CHECKING

import pyarrow as pa

from bookreel._problem import BookreelError

if TYPE_CHECKING:
    import pandas


def to_pandas(table: pa.Table) -> "pandas.DataFrame":
    """Decimals stay Arrow's, categories are categories, whole numbers that may be absent are Int64."""
    try:
        import pandas
    except ImportError as error:
        raise BookreelError("pandas is not installed: pip install pandas.") from error

    def series(field: pa.Field, column: pa.ChunkedArray) -> "pandas.Series":
        if pa.types.is_decimal(field.type):
            return pandas.Series(pandas.arrays.ArrowExtensionArray(column))
        if pa.types.is_integer(field.type) and field.nullable:
            return column.to_pandas(types_mapper={pa.int64(): pandas.Int64Dtype()}.get)
        return column.to_pandas()

    table = table.unify_dictionaries()
    columns = {field.name: series(field, table.column(index)) for index, field in enumerate(table.schema)}
    return pandas.DataFrame(columns, copy=False)
