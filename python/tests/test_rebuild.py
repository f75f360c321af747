"""Exported events, applied by an independent reader, are the books that bookreel tells."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import pytest
from book_rebuild import Book
from conftest import Export, Told

import bookreel

STREAMS = ["coinbase:BTC-USD", "bitfinex:BTC-USD"]
PLACES = 12


def rows_of(rows: bookreel.Rows, stream: str) -> list[Mapping[str, Any]]:
    return [row for row in rows.arrow().to_pylist() if row["stream"] == stream]


def places(rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """Entries spread over the rows, behind which the book can be used."""
    usable = sorted({row["seq"] for row in rows if row["valid"]})
    return usable[:: max(1, len(usable) // PLACES)]


def check(rows: Sequence[Mapping[str, Any]], stream: str, book: Told) -> None:
    wanted = places(rows)
    assert len(wanted) >= PLACES
    rebuilt = Book()
    at = 0
    for seq in wanted:
        while at < len(rows) and rows[at]["seq"] <= seq:
            rebuilt.apply(rows[at])
            at += 1
        told = book(stream, seq)
        assert told["valid"]
        assert rebuilt.digest() == told["digest"], f"{stream} after entry {seq}"
        for side, levels in (("bid", told["bids"]), ("ask", told["asks"])):
            expected = [(Decimal(level["price"]), Decimal(level["size"])) for level in levels]
            assert rebuilt.side(side) == expected


@pytest.mark.parametrize("stream", STREAMS)
def test_events_rebuild_every_book_queues_included(stream: str, export: Export, book: Told) -> None:
    check(rows_of(bookreel.open(export("events", "events.parquet")), stream), stream, book)


@pytest.mark.parametrize("stream", STREAMS)
def test_events_of_the_second_day_alone_rebuild_its_books(stream: str, export: Export, book: Told) -> None:
    rows = rows_of(bookreel.open(export("events", "days")), stream)
    second = max(row["date"] for row in rows)
    assert second > min(row["date"] for row in rows)
    later = [row for row in rows if row["date"] == second]
    assert later[0]["kind"] == "cleared" and later[1]["kind"] == "resting"
    check(later, stream, book)


@pytest.mark.parametrize("stream", STREAMS)
def test_exported_books_are_the_rebuilt_ones(stream: str, export: Export) -> None:
    events = rows_of(bookreel.open(export("events", "events.parquet")), stream)
    books = rows_of(bookreel.open(export("books", "books.parquet", "--levels", "5")), stream)
    rebuilt = Book()
    at = compared = 0
    for row in books:
        while at < len(events) and events[at]["receive_time"] <= row["time"]:
            rebuilt.apply(events[at])
            at += 1
        if not row["valid"]:
            assert row["bid_price_1"] is None
            continue
        for side in ("bid", "ask"):
            told = [(row[f"{side}_price_{level}"], row[f"{side}_size_{level}"]) for level in range(1, 6)]
            assert rebuilt.side(side)[:5] == told
        compared += 1
    assert compared > 200
