"""Rows straight out of a store: runs `bookreel export` and reads the Arrow stream that it writes. No server, no text between."""

import contextlib
import os
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import IO, TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from bookreel._problem import BookreelError, UsageError
from bookreel._rows import Rows
from bookreel._source import Stream

if TYPE_CHECKING:
    import duckdb
    import polars

Instant = str | int | datetime | np.datetime64
"""ISO-8601, microseconds since 1970, a datetime with its time zone, numpy's datetime64 (UTC), or `seq:N`."""

_USAGE = 2


def _command() -> list[str]:
    """How the command line is run: BOOKREEL_CLI, `bookreel` on the path, or the npm package of the current folder."""
    named = os.environ.get("BOOKREEL_CLI", "")
    if named.strip():
        words = shlex.split(named)
        return ["node", *words] if len(words) == 1 and words[0].endswith((".js", ".mjs")) else words
    if (found := shutil.which("bookreel")) is not None:
        return [found]
    # Without --no it would download whatever has that name.
    if (npx := shutil.which("npx")) is not None:
        return [npx, "--no", "bookreel"]
    raise BookreelError(
        "bookreel's command line is not to be found: npm install --global bookreel, or name it in BOOKREEL_CLI."
    )


def _sentence(errors: str, exit_code: int) -> str:
    told = [line.removeprefix("bookreel: ") for line in errors.splitlines() if line.startswith("bookreel: ")]
    return " ".join(told) or errors.strip() or f"bookreel's command line ended with exit code {exit_code}."


class _Export:
    """One run of the command line."""

    def __init__(self, words: Sequence[str]) -> None:
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - `close` closes it
        try:
            self._process = subprocess.Popen(
                [*_command(), *words],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=self._errors,
            )
        except OSError as error:
            self._errors.close()
            raise BookreelError(
                f"bookreel's command line cannot be run: {error.strerror}: {error.filename}."
            ) from error
        try:
            self.reader = pa.ipc.open_stream(self._process.stdout)
        except pa.ArrowInvalid as error:
            self.check(error)
            raise

    def check(self, cause: Exception | None = None) -> None:
        """Waits for the end, which says whether the rows were all."""
        if self._process.stdout is not None:
            self._process.stdout.close()
        exit_code = self._process.wait()
        self._errors.seek(0)
        errors = self._errors.read().decode(errors="replace")
        if exit_code == 0 and cause is None:
            return
        self.close()
        problem = UsageError if exit_code == _USAGE else BookreelError
        raise problem(_sentence(errors, exit_code), exit_code) from None

    def close(self) -> None:
        """Ends it, wherever it is."""
        if self._process.poll() is None:
            self._process.kill()
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._process.wait()
        self._errors.close()


class _StoreSource:
    def __init__(self, words: Sequence[str], columns: Sequence[str] | None) -> None:
        self._words = words
        self._columns = columns
        self._schema: pa.Schema | None = None

    @property
    def schema(self) -> pa.Schema:
        if self._schema is None:
            with contextlib.closing(self._export(None)) as export:
                self._schema = export.reader.schema
        return self._schema

    def batches(self, columns: Sequence[str] | None) -> Iterator[pa.RecordBatch]:
        with contextlib.closing(self._export(columns)) as export:
            if columns is None:
                self._schema = export.reader.schema
            while True:
                try:
                    batch = export.reader.read_next_batch()
                except StopIteration:
                    break
                except (pa.ArrowInvalid, OSError) as error:
                    export.check(error)
                    raise
                yield batch
            export.check()

    def polars(self) -> "polars.LazyFrame":
        import polars
        from polars.io.plugins import register_io_source

        def frames(
            columns: list[str] | None,
            predicate: "polars.Expr | None",
            rows: int | None,
            _batch_size: int | None,
        ) -> "Iterator[polars.DataFrame]":
            with contextlib.closing(self.batches(columns)) as batches:  # type: ignore[type-var]
                for batch in batches:
                    frame = polars.DataFrame(batch)
                    if rows is not None:
                        frame = frame.head(rows)
                        rows -= frame.height
                    yield frame if predicate is None else frame.filter(predicate)
                    if rows == 0:
                        return

        def schema() -> "polars.Schema":
            return polars.DataFrame(self.schema.empty_table()).schema

        return register_io_source(frames, schema=schema, is_pure=True)

    def duckdb(self, connection: "duckdb.DuckDBPyConnection") -> "duckdb.DuckDBPyRelation":
        return connection.from_arrow(Stream(self))

    def _export(self, columns: Sequence[str] | None) -> _Export:
        wanted = self._columns if columns is None else columns
        return _Export(self._words if wanted is None else [*self._words, f"--columns={','.join(wanted)}"])


def _instant(name: str, value: Instant) -> str:
    if isinstance(value, datetime):
        if value.utcoffset() is None:
            raise UsageError(f"{name} has no time zone: give datetime(…, tzinfo=timezone.utc).")
        return value.isoformat()
    if isinstance(value, np.datetime64):
        return str(value.astype("datetime64[us]").astype(np.int64))
    return str(value)


def _duration(value: str | timedelta) -> str:
    return value if isinstance(value, str) else f"{value / timedelta(milliseconds=1):f}ms"


def read(
    store: str,
    streams: str | Sequence[str] | None = None,
    *,
    kind: str,
    start: Instant | None = None,
    end: Instant | None = None,
    columns: Sequence[str] | None = None,
    where: str | None = None,
    every: str | timedelta | None = None,
    levels: int | None = None,
    layout: str | None = None,
    floats: bool = False,
    price_scale: int | None = None,
    size_scale: int | None = None,
) -> Rows:
    """Rows of `kind` (`events`, `levels`, `trades`, `books`, `bars`, `flow`, `quality` …) straight out of a store.

    `store` is `file:DIR` or `mongodb://HOST/DATABASE`; `streams` one name, several, or all when left out; `start` and `end`
    are both included. The others are the options of `bookreel export` (docs/export.md). Nothing is run before rows, or
    `schema`, are asked for; each time they are, the command line runs once more.

    Raises UsageError and BookreelError with the sentence of the command line.
    """
    names = [streams] if isinstance(streams, str) else list(streams or [])
    options: dict[str, Any] = {
        "store": store,
        "from": None if start is None else _instant("start", start),
        "to": None if end is None else _instant("end", end),
        "where": where,
        "every": None if every is None else _duration(every),
        "levels": levels,
        "layout": layout,
        "price-scale": price_scale,
        "size-scale": size_scale,
    }
    words = ["export", kind, *names, "--format=arrow", *(["--floats"] if floats else [])]
    words += [f"--{name}={value}" for name, value in options.items() if value is not None]
    return Rows(_StoreSource(words, columns), floats=False)
