"""Rows of one kind of export, whatever they come from, as what people work in."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from bookreel._doubles import batch_with_doubles, doubles, schema_with_doubles
from bookreel._pandas import to_pandas
from bookreel._problem import BookreelError, UsageError
from bookreel._source import Source

if TYPE_CHECKING:
    import duckdb
    import pandas
    import polars


class Rows:
    """A table that is read when it is asked for, anew each time.

    Prices and sizes are exact decimals unless `floats` was asked for; times are microseconds in UTC; words of which there
    are few are categories. It is an Arrow stream too: what takes one (`polars.DataFrame`, DuckDB's `from`) takes it.
    """

    def __init__(self, source: Source, floats: bool) -> None:
        self._source = source
        self._floats = floats

    @property
    def schema(self) -> pa.Schema:
        """Columns and their types."""
        schema = self._source.schema
        return schema_with_doubles(schema) if self._floats else schema

    @property
    def columns(self) -> list[str]:
        """Names of the columns."""
        return list(self._source.schema.names)

    @property
    def metadata(self) -> Mapping[str, str]:
        """What the export says of itself: `kind`, `streams`, `from`, `to`, `software`, `source` (a digest of the log) …"""
        found = self._source.schema.metadata or {}
        return {
            name.decode().removeprefix("bookreel."): value.decode()
            for name, value in found.items()
            if name.startswith(b"bookreel.")
        }

    def batches(self, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        """The rows in order, a piece at a time: memory stays that of a piece."""
        self._check(columns)
        try:
            for batch in self._source.batches(columns):
                yield batch_with_doubles(batch) if self._floats else batch
        except (pa.ArrowException, OSError) as error:
            raise BookreelError(f"The rows cannot be read to their end: {error}") from error

    def reader(self, columns: Sequence[str] | None = None) -> pa.RecordBatchReader:
        """One pass over the rows."""
        self._check(columns)
        schema = self.schema
        if columns is not None:
            schema = pa.schema([schema.field(name) for name in columns], metadata=schema.metadata)
        return pa.RecordBatchReader.from_batches(schema, self.batches(columns))

    def arrow(self, columns: Sequence[str] | None = None) -> pa.Table:
        """All rows as a pyarrow table."""
        batches = list(self.batches(columns))
        # The schema of a table that was read is there; where there are no rows it is asked for.
        return pa.Table.from_batches(batches) if batches else self.reader(columns).read_all()

    def pandas(self, columns: Sequence[str] | None = None) -> "pandas.DataFrame":
        """All rows as a pandas frame. Exact decimals are `decimal128(…)[pyarrow]`; `floats` gives float64."""
        return to_pandas(self.arrow(columns))

    def numpy(self, columns: Sequence[str] | None = None) -> dict[str, npt.NDArray[Any]]:
        """Arrays by column: decimals and whole numbers that may be absent as doubles (NaN where absent), times as
        datetime64[us] (UTC), words as objects."""
        table = self.arrow(columns)
        arrays: dict[str, npt.NDArray[Any]] = {}
        for field, column in zip(table.schema, table.columns, strict=True):
            if pa.types.is_decimal(field.type):
                column = doubles(column)
            elif pa.types.is_integer(field.type) and field.nullable:
                column = column.cast(pa.float64())
            elif pa.types.is_dictionary(field.type):
                column = column.cast(pa.string())
            elif pa.types.is_timestamp(field.type):
                column = column.cast(pa.timestamp("us"))
            arrays[field.name] = np.asarray(column.to_numpy())
        return arrays

    def polars(self) -> "polars.LazyFrame":
        """A lazy frame: columns that are not wanted are not read."""
        try:
            import polars.selectors as selectors
        except ImportError as error:
            raise BookreelError("polars is not installed: pip install polars.") from error
        frame = self._source.polars()
        if not self._floats:
            return frame
        import polars

        return frame.with_columns(selectors.decimal().cast(polars.Float64))

    def duckdb(self, connection: "duckdb.DuckDBPyConnection | None" = None) -> "duckdb.DuckDBPyRelation":
        """A relation of a DuckDB connection (its default one when left out)."""
        try:
            import duckdb
        except ImportError as error:
            raise BookreelError("duckdb is not installed: pip install duckdb.") from error
        relation = self._source.duckdb(duckdb.default_connection() if connection is None else connection)
        if not self._floats:
            return relation
        decimals = {field.name for field in self._source.schema if pa.types.is_decimal(field.type)}
        names = [f'"{name}"' for name in self.columns]
        return relation.project(
            ", ".join(
                f"{quoted}::double as {quoted}" if name in decimals else quoted
                for name, quoted in zip(self.columns, names, strict=True)
            )
        )

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        return self.reader().__arrow_c_stream__(requested_schema)

    def __repr__(self) -> str:
        metadata = self.metadata
        return f"<bookreel {metadata.get('kind', 'rows')} of {metadata.get('streams', '?')}>"

    def _check(self, columns: Sequence[str] | None) -> None:
        if isinstance(columns, str):
            raise UsageError(f'Columns are a list: ["{columns}"].')
        if columns is None:
            return
        known = set(self.columns)
        for name in columns:
            if name not in known:
                raise UsageError(f'There is no column "{name}": there are {", ".join(self.columns)}.')
