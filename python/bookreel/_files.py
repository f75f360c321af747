"""Files that `bookreel export` wrote: one file, or a folder of one file for each stream and day."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.dataset as ds

from bookreel._problem import BookreelError, UsageError
from bookreel._rows import Rows
from bookreel._source import Stream, category_type, is_category
from bookreel._text import TextSource

if TYPE_CHECKING:
    import duckdb
    import polars

# What the folders of a data set say.
_FOLDERS = pa.schema([("stream", pa.string()), ("date", pa.date32())])
_TEXT = (".csv", ".csv.gz", ".jsonl", ".jsonl.gz")
_ENDINGS = (".parquet", ".arrow", ".arrows", *_TEXT)


def _ending(path: Path) -> str | None:
    return next((ending for ending in _ENDINGS if path.name.endswith(ending)), None)


def _files_in(folder: Path) -> list[Path]:
    """Files of a data set, by stream and day; what is hidden or noted beside them is none."""
    return sorted(
        path for path in folder.glob("stream=*/date=*/*") if path.name[0] not in "._" and _ending(path)
    )


class _DatasetSource:
    """Parquet, or Arrow files."""

    def __init__(self, path: Path, files: list[Path], ending: str) -> None:
        self._path = path
        self._files = [str(file) for file in files]
        self._is_parquet = ending == ".parquet"
        self._is_folder = path.is_dir()
        partitioning = ds.partitioning(_FOLDERS, flavor="hive") if self._is_folder else None
        first = ds.dataset(self._files[0], format="parquet" if self._is_parquet else "ipc")
        words = [field.name for field in first.schema if is_category(field)]
        options = ds.ParquetReadOptions(dictionary_columns=words)
        self._dataset = ds.dataset(
            self._files,
            format=ds.ParquetFileFormat(read_options=options) if self._is_parquet else ds.IpcFileFormat(),
            partitioning=partitioning,
            partition_base_dir=str(path) if self._is_folder else None,
        )

    @property
    def schema(self) -> pa.Schema:
        found = self._dataset.schema
        if not self._is_folder:
            return found
        names = ["stream", *(name for name in found.names if name != "stream")]
        fields = [found.field(name) for name in names]
        fields[0] = pa.field("stream", category_type(), nullable=False)
        return pa.schema(fields, metadata={**(found.metadata or {}), **self._told_by_folders()})

    def _told_by_folders(self) -> dict[bytes, bytes]:
        """Each file tells of its own stream and day: what the folders tell is true of all."""
        folders = [[part.partition("=")[2] for part in Path(file).parts[-3:-1]] for file in self._files]
        streams = sorted({unquote(stream) for stream, _ in folders})
        dates = sorted(date for _, date in folders)
        told = {"streams": ",".join(streams), "from": dates[0], "to": dates[-1], "source": ""}
        return {f"bookreel.{name}".encode(): value.encode() for name, value in told.items()}

    def batches(self, columns: Sequence[str] | None) -> Iterator[pa.RecordBatch]:
        schema = self.schema
        if columns is not None:
            schema = pa.schema([schema.field(name) for name in columns], metadata=schema.metadata)
        for batch in self._dataset.scanner(columns=schema.names).to_batches():
            if batch.num_rows == 0:
                continue
            columns_read = [
                _as_category(column) if field.name == "stream" and self._is_folder else column
                for field, column in zip(schema, batch.columns, strict=True)
            ]
            yield pa.RecordBatch.from_arrays(columns_read, schema=schema)

    def polars(self) -> "polars.LazyFrame":
        import polars

        if not self._is_parquet:
            return polars.scan_pyarrow_dataset(self._dataset).select(self.schema.names)
        folders = {"stream": polars.String(), "date": polars.Date()}
        frame = polars.scan_parquet(
            self._files,
            hive_partitioning=self._is_folder,
            hive_schema=folders if self._is_folder else None,
        )
        words = [field.name for field in self.schema if pa.types.is_dictionary(field.type)]
        return frame.select(self.schema.names).with_columns(polars.col(words).cast(polars.Categorical()))

    def duckdb(self, connection: "duckdb.DuckDBPyConnection") -> "duckdb.DuckDBPyRelation":
        if not self._is_parquet:
            return connection.from_arrow(Stream(self))
        relation = connection.read_parquet(self._files, hive_partitioning=self._is_folder)
        return relation.project(", ".join(f'"{name}"' for name in self.schema.names))


def _as_category(column: pa.Array) -> pa.Array:
    return column if pa.types.is_dictionary(column.type) else column.dictionary_encode()


class _StreamFileSource:
    """An Arrow stream in a file (`.arrows`)."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def schema(self) -> pa.Schema:
        with pa.OSFile(str(self._path)) as file:
            return pa.ipc.open_stream(file).schema

    def batches(self, columns: Sequence[str] | None) -> Iterator[pa.RecordBatch]:
        with pa.memory_map(str(self._path)) as file:
            for batch in pa.ipc.open_stream(file):
                yield batch if columns is None else batch.select(columns)

    def polars(self) -> "polars.LazyFrame":
        import polars

        return polars.DataFrame(Stream(self)).lazy()

    def duckdb(self, connection: "duckdb.DuckDBPyConnection") -> "duckdb.DuckDBPyRelation":
        return connection.from_arrow(Stream(self))


def open(path: str | os.PathLike[str], *, floats: bool = False) -> Rows:
    """Rows of an export: a file (`.parquet .arrow .arrows .csv .csv.gz .jsonl .jsonl.gz`) or a folder of Parquet or Arrow.

    Nothing but what says which columns there are is read before rows are asked for. With `floats` prices and sizes are
    doubles. A folder has two columns more than its files: `stream` first and `date` (of `receive_time`, UTC) last.

    Raises BookreelError where there is no such export, UsageError where its format is not known.
    """
    found = Path(path)
    if not found.exists():
        raise BookreelError(f"There is no export at {found}: bookreel export KIND --out {found} makes one.")
    files = _files_in(found) if found.is_dir() else [found]
    endings = {_ending(file) for file in files}
    if not files:
        raise BookreelError(f"{found} holds no files of an export: it has no stream=…/date=… folders.")
    ending = endings.pop()
    if ending is None or endings:
        raise UsageError(
            f"{found} is no format that can be read: name {', '.join(_ENDINGS)}, or a folder of one."
        )
    try:
        if ending in _TEXT:
            if found.is_dir():
                raise UsageError(
                    f"{found} is a folder of text: export it as Parquet, or open its files one by one."
                )
            return Rows(TextSource(found, is_csv=".csv" in ending), floats)
        if ending == ".arrows":
            if found.is_dir():
                raise UsageError(f"{found} is a folder of Arrow streams: export it as Parquet or Arrow.")
            return Rows(_StreamFileSource(found), floats)
        return Rows(_DatasetSource(found, files, ending), floats)
    except pa.ArrowInvalid as error:
        raise BookreelError(f"{found} cannot be read: {error}") from error
