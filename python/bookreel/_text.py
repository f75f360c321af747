"""CSV and JSON lines with the types that the note beside them (`NAME.meta.json`) tells, exact decimals included."""

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.json

from bookreel._problem import BookreelError
from bookreel._source import Stream, category_type

if TYPE_CHECKING:
    import duckdb
    import polars

_SIMPLE = {
    "int64": pa.int64(),
    "timestamp": pa.timestamp("us", tz="UTC"),
    "double": pa.float64(),
    "bool": pa.bool_(),
    "category": category_type(),
    "string": pa.string(),
}
_DECIMAL = re.compile(r"decimal\((\d+), (\d+)\)")


def _type_of(text: str) -> pa.DataType:
    decimal = _DECIMAL.fullmatch(text)
    return pa.decimal128(int(decimal[1]), int(decimal[2])) if decimal else _SIMPLE[text]


def _schema_of(path: Path) -> pa.Schema:
    note = Path(f"{path}.meta.json")
    try:
        told: dict[str, Any] = json.loads(note.read_text())
        fields = [
            pa.field(name, _type_of(column["type"]), nullable=column["optional"])
            for name, column in told["columns"].items()
        ]
    except (OSError, ValueError, KeyError) as error:
        raise BookreelError(
            f"{note} does not tell the types of {path.name}: export it with --out, or as Parquet or Arrow."
        ) from error
    return pa.schema(fields, metadata=told["notes"])


def _raw_type(kind: pa.DataType, is_csv: bool) -> pa.DataType:
    """What the parser gives: JSON lines have decimals as texts and times as whole microseconds."""
    if is_csv:
        return kind if not pa.types.is_dictionary(kind) else pa.string()
    if pa.types.is_timestamp(kind):
        return pa.int64()
    return pa.string() if pa.types.is_decimal(kind) or pa.types.is_dictionary(kind) else kind


class TextSource:
    """One file of text."""

    def __init__(self, path: Path, *, is_csv: bool) -> None:
        self._path = path
        self._is_csv = is_csv
        self.schema = _schema_of(path)

    def batches(self, columns: Sequence[str] | None) -> Iterator[pa.RecordBatch]:
        schema = self.schema
        if columns is not None:
            schema = pa.schema([schema.field(name) for name in columns], metadata=schema.metadata)
        for batch in self._parsed(schema):
            arrays = [pc.cast(batch.column(field.name), field.type) for field in schema]
            yield pa.RecordBatch.from_arrays(arrays, schema=schema)

    def _parsed(self, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        raw = {field.name: _raw_type(field.type, self._is_csv) for field in self.schema}
        if self._is_csv:
            options = pyarrow.csv.ConvertOptions(
                column_types=raw,
                include_columns=schema.names,
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
            )
            if self._path.stat().st_size == 0:
                return
            yield from pyarrow.csv.open_csv(str(self._path), convert_options=options)
            return
        parse = pyarrow.json.ParseOptions(
            explicit_schema=pa.schema(list(raw.items())), unexpected_field_behavior="error"
        )
        yield from pyarrow.json.read_json(str(self._path), parse_options=parse).to_batches()

    def polars(self) -> "polars.LazyFrame":
        import polars

        return polars.DataFrame(Stream(self)).lazy()

    def duckdb(self, connection: "duckdb.DuckDBPyConnection") -> "duckdb.DuckDBPyRelation":
        return connection.from_arrow(Stream(self))
