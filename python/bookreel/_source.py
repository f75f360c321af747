"""The port between where rows come from (files, the command line) and what they are handed over as."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import pyarrow as pa

if TYPE_CHECKING:
    import duckdb
    import polars


class Source(Protocol):
    """Rows that can be read any number of times, each time from the beginning."""

    @property
    def schema(self) -> pa.Schema:
        """Columns, with the metadata of the export."""

    def batches(self, columns: Sequence[str] | None) -> Iterator[pa.RecordBatch]:
        """The rows in order; only these columns, in this order, where they are named."""

    def polars(self) -> "polars.LazyFrame":
        """Reads nothing but what says which columns there are."""

    def duckdb(self, connection: "duckdb.DuckDBPyConnection") -> "duckdb.DuckDBPyRelation":
        """Reads nothing but what says which columns there are."""


def is_category(field: pa.Field) -> bool:
    """Whether a column of words has few of them: all but the ids that venues give."""
    return pa.types.is_string(field.type) and not field.name.endswith("_id")


def category_type() -> pa.DataType:
    """How a column of few words is held."""
    return pa.dictionary(pa.int32(), pa.string())


class Stream:
    """What DuckDB and others take as a table that they may read again: a new pass at each call, begun when rows are asked for."""

    def __init__(self, source: Source) -> None:
        self._source = source

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        schema = self._source.schema
        reader = pa.RecordBatchReader.from_batches(schema, self._source.batches(None))
        return reader.__arrow_c_stream__(requested_schema)
