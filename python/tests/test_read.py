"""Rows straight out of a store, and what is said where there are none."""

import sys
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import duckdb
import numpy as np
import polars
import pytest
from conftest import Export

import bookreel

STREAM = "coinbase:BTC-USD"


def test_it_reads_what_the_export_writes(store: str, export: Export) -> None:
    read = bookreel.read(store, STREAM, kind="books", levels=3)
    table = read.arrow()
    assert table.equals(bookreel.open(export("books", "books.arrow", STREAM, "--levels", "3")).arrow())
    assert read.polars().collect().to_dicts() == table.to_pylist()
    assert read.pandas().shape == (table.num_rows, table.num_columns)
    assert read.metadata["streams"] == STREAM and repr(read) == f"<bookreel books of {STREAM}>"


def test_ranges_intervals_and_conditions(store: str) -> None:
    start = datetime(2025, 3, 5, 23, 59, tzinfo=timezone.utc)
    rows = bookreel.read(
        store,
        STREAM,
        kind="books",
        start=start,
        end=np.datetime64("2025-03-05T23:59:30"),
        every=timedelta(milliseconds=500),
        columns=["time", "bid_price_1", "valid"],
        floats=True,
    )
    times = rows.numpy()["time"]
    assert times[-1] <= np.datetime64("2025-03-05T23:59:30")
    assert times[0] >= np.datetime64("2025-03-05T23:59:00")
    assert set(np.diff(times).astype(int)) == {500_000}
    assert rows.columns == ["time", "bid_price_1", "valid"]
    assert rows.schema.field("bid_price_1").type == "double"
    large = bookreel.read(store, kind="trades", where="size >= 0.1").arrow()
    every = bookreel.read(store, kind="trades").arrow()
    sizes = [size for size in every.column("size").to_pylist() if size >= Decimal("0.1")]
    assert large.column("size").to_pylist() == sizes and 0 < len(sizes) < every.num_rows


def test_lazy_frames_ask_for_their_columns_alone(store: str) -> None:
    rows = bookreel.read(store, kind="trades")
    expected = bookreel.read(store, kind="trades").arrow()
    some = rows.polars().filter(polars.col("aggressor") == "buy").select("price", "size").collect()
    buys = [row for row in expected.to_pylist() if row["aggressor"] == "buy"]
    assert some.to_dicts() == [{"price": row["price"], "size": row["size"]} for row in buys]
    assert rows.polars().head(5).collect().to_dicts() == expected.to_pylist()[:5]


def test_relations_can_be_asked_again(store: str) -> None:
    relation = bookreel.read(store, kind="trades").duckdb(duckdb.connect())
    count = relation.aggregate("count(*)").fetchall()
    assert count == relation.aggregate("count(*)").fetchall() and count[0][0] > 0


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ({"kind": "boks"}, 'Unknown export kind "boks": this version exports'),
        ({"kind": "books", "levels": -1}, "--levels must be a whole number of at least 1."),
        ({"kind": "trades", "columns": ["prise"]}, 'there is no column "prise"; there are stream'),
        ({"kind": "books", "start": "yesterday"}, '--from "yesterday" is no instant'),
        ({"kind": "books", "every": "soon"}, '--every "soon" is no duration'),
        ({"kind": "books", "start": datetime(2025, 3, 5)}, "start has no time zone"),  # noqa: DTZ001
    ],
)
def test_wrong_wishes_are_told_in_the_words_of_the_command_line(
    words: dict[str, object], sentence: str, store: str
) -> None:
    with pytest.raises(bookreel.UsageError) as caught:
        bookreel.read(store, STREAM, **words).arrow()  # type: ignore[arg-type]
    assert sentence in str(caught.value)
    assert isinstance(caught.value, ValueError)


def test_what_is_not_there_is_told(store: str, tmp_path: Path) -> None:
    with pytest.raises(bookreel.BookreelError, match="There is no store at") as caught:
        bookreel.read(f"file:{tmp_path}/none", kind="trades").arrow()
    assert caught.value.exit_code == 1
    with pytest.raises(bookreel.BookreelError, match="coinbase:ETH-USD"):
        bookreel.read(store, "coinbase:ETH-USD", kind="trades").arrow()


def test_without_a_command_line_it_says_how_to_get_one(store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOOKREEL_CLI", "")
    monkeypatch.setenv("PATH", "")
    with pytest.raises(bookreel.BookreelError, match="BOOKREEL_CLI"):
        bookreel.read(store, kind="trades").arrow()
    monkeypatch.setenv("BOOKREEL_CLI", "/nowhere/bookreel")
    with pytest.raises(bookreel.BookreelError, match="cannot be run: No such file"):
        bookreel.read(store, kind="trades").arrow()


FAILING = """
import sys
with open({whole!r}, "rb") as file:
    whole = file.read()
sys.stdout.buffer.write(whole[: {kept}])
sys.stderr.write("bookreel: The disk went away.\\n")
sys.exit(1)
"""


@pytest.mark.parametrize("kept", ["len(whole) // 2", "len(whole) - 8", "len(whole)", "3", "0"])
def test_an_export_that_fails_half_way_is_an_error(
    kept: str, export: Export, store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "failing.py"
    whole = export("trades", "trades.arrows", STREAM)
    script.write_text(FAILING.format(whole=str(whole), kept=kept))
    monkeypatch.setenv("BOOKREEL_CLI", f"'{sys.executable}' '{script}'")
    with pytest.raises(bookreel.BookreelError) as caught:
        bookreel.read(store, STREAM, kind="trades").arrow()
    assert str(caught.value) == "The disk went away."
    with pytest.raises(Exception, match="The disk went away"):
        bookreel.read(store, STREAM, kind="trades").duckdb(duckdb.connect()).fetchall()


def test_who_stops_reading_leaves_no_process(store: str) -> None:
    batches = bookreel.read(store, kind="events").batches()
    assert next(batches).num_rows > 0
    batches.close()  # type: ignore[attr-defined]
    assert list(batches) == []
