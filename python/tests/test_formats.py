"""Every format says the same to pyarrow, pandas, polars and DuckDB, through this package and without it."""

import json
from datetime import datetime, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas
import polars
import pyarrow as pa
import pytest
from conftest import Export

import bookreel

FORMATS = ["parquet", "arrow", "arrows", "csv", "csv.gz", "jsonl", "jsonl.gz"]
KINDS = ["events", "books", "trades", "bars", "flow", "quality", "levels"]
# Enough for every kind of row: a lost connection is in it.
SOME = ("--to", "2025-03-05T23:58:52Z", "--every", "5s")


def python_value(value: Any) -> Any:
    return None if value is pandas.NA or value is pandas.NaT or value != value else value


def of_pandas(frame: pandas.DataFrame) -> list[dict[str, Any]]:
    columns = {name: [python_value(value) for value in frame[name].tolist()] for name in frame.columns}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def of_duckdb(relation: duckdb.DuckDBPyRelation) -> list[dict[str, Any]]:
    return [dict(zip(relation.columns, row, strict=True)) for row in relation.fetchall()]


@pytest.mark.parametrize("kind", KINDS)
def test_every_format_and_reader_gives_equal_values(kind: str, export: Export) -> None:
    words = SOME if kind in ("bars", "flow", "books") else SOME[:2]
    rows = bookreel.open(export(kind, f"{kind}.parquet", *words)).arrow().to_pylist()
    assert len(rows) > 3
    for ending in FORMATS:
        opened = bookreel.open(export(kind, f"{kind}.{ending}", *words))
        assert opened.arrow().to_pylist() == rows, ending
        assert opened.polars().collect().to_dicts() == rows, ending
        assert of_duckdb(opened.duckdb()) == rows, ending
        assert of_pandas(opened.pandas()) == rows, ending
        assert opened.metadata["kind"] == kind
        names = ["receive_time", "seq"]
        assert opened.arrow(names).to_pylist() == [{name: row[name] for name in names} for row in rows]


def test_files_open_without_this_package(export: Export) -> None:
    rows = bookreel.open(export("trades", "trades.parquet")).arrow().to_pylist()
    parquet, csv = str(export("trades", "trades.parquet")), str(export("trades", "trades.csv.gz"))
    lines, arrow = str(export("trades", "trades.jsonl")), str(export("trades", "trades.arrow"))
    assert of_pandas(pandas.read_parquet(parquet)) == rows
    assert polars.read_parquet(parquet).to_dicts() == rows
    assert of_duckdb(duckdb.read_parquet(parquet)) == rows
    assert polars.read_ipc(arrow).to_dicts() == rows
    assert of_pandas(pandas.read_feather(arrow)) == rows
    prices = [row["price"] for row in rows]
    assert [Decimal(text) for text in pandas.read_csv(csv, dtype={"price": str})["price"]] == prices
    assert [
        Decimal(text) for text in polars.read_csv(csv, schema_overrides={"price": polars.String})["price"]
    ] == prices
    assert [
        row[0] for row in duckdb.sql(f"select price::decimal(18, 8) from read_csv('{csv}')").fetchall()
    ] == prices
    assert [Decimal(text) for text in polars.read_ndjson(lines)["price"]] == prices
    told = [json.loads(line) for line in Path(lines).read_text().splitlines()]
    assert [row["receive_time"] for row in told] == [
        int(row["receive_time"].timestamp()) * 1_000_000 + row["receive_time"].microsecond for row in rows
    ]


def test_a_folder_is_one_data_set(export: Export) -> None:
    rows = bookreel.open(export("trades", "days"))
    assert rows.columns[0] == "stream" and rows.columns[-1] == "date"
    table = rows.arrow().to_pylist()
    assert {row["stream"] for row in table} == {"coinbase:BTC-USD", "bitfinex:BTC-USD"}
    assert all(row["date"] == row["receive_time"].date() for row in table)
    assert rows.polars().collect().to_dicts() == table
    assert of_duckdb(rows.duckdb()) == table
    assert rows.metadata["streams"] == "bitfinex:BTC-USD,coinbase:BTC-USD"
    as_arrow = bookreel.open(export("trades", "arrow-days", "--format", "arrow"))
    assert as_arrow.arrow().to_pylist() == table
    assert as_arrow.polars().collect().to_dicts() == table
    some = rows.polars().filter(polars.col("stream") == "coinbase:BTC-USD").select("seq").collect()
    assert some["seq"].to_list() == [row["seq"] for row in table if row["stream"] == "coinbase:BTC-USD"]


def test_types_are_right(export: Export) -> None:
    frame = bookreel.open(export("books", "books.parquet")).pandas()
    assert str(frame["time"].dtype) == "datetime64[us, UTC]"
    assert str(frame["bid_price_1"].dtype) == "decimal128(18, 8)[pyarrow]"
    assert str(frame["bid_orders_1"].dtype) == "Int64"
    assert str(frame["seq"].dtype) == "int64"
    assert str(frame["valid"].dtype) == "bool"
    assert isinstance(frame["reason"].dtype, pandas.CategoricalDtype)
    doubles = bookreel.open(export("books", "books.parquet"), floats=True)
    exact = frame["bid_price_1"].dropna().map(float).tolist()
    assert doubles.pandas()["bid_price_1"].dropna().tolist() == exact
    assert doubles.polars().collect()["bid_price_1"].drop_nulls().to_list() == exact
    assert [row[0] for row in doubles.duckdb().project("bid_price_1").fetchall() if row[0]] == exact
    arrays = bookreel.open(export("books", "books.parquet")).numpy(["time", "bid_price_1", "bid_orders_1"])
    assert arrays["bid_price_1"].dtype == np.float64 and np.isnan(arrays["bid_price_1"]).any()
    assert arrays["time"].dtype == "datetime64[us]"


def test_doubles_are_the_nearest_ones() -> None:
    from bookreel._doubles import doubles

    random = np.random.default_rng(5)
    whole = random.integers(-(10**15), 10**15, 20_000)
    values = [Decimal(int(value)).scaleb(-8) for value in whole] + [None, Decimal("9999999999.99999999")]
    column = pa.chunked_array([pa.array(values, pa.decimal128(18, 8))]).slice(3)
    expected = [None if value is None else float(value) for value in values[3:]]
    assert doubles(column).to_pylist() == expected


def test_what_cannot_be_opened_is_told(export: Export, tmp_path: Path) -> None:
    with pytest.raises(bookreel.BookreelError, match="There is no export at"):
        bookreel.open(tmp_path / "nothing.parquet")
    with pytest.raises(bookreel.BookreelError, match="holds no files of an export"):
        bookreel.open(tmp_path)
    (tmp_path / "broken.parquet").write_bytes(b"PAR1 but no more")
    with pytest.raises(bookreel.BookreelError, match="cannot be read"):
        bookreel.open(tmp_path / "broken.parquet")
    (tmp_path / "some.xlsx").write_bytes(b"")
    with pytest.raises(bookreel.UsageError, match="is no format that can be read"):
        bookreel.open(tmp_path / "some.xlsx")
    (tmp_path / "bare.csv").write_text("seq\n1\n")
    with pytest.raises(bookreel.BookreelError, match="does not tell the types"):
        bookreel.open(tmp_path / "bare.csv")
    trades = bookreel.open(export("trades", "trades.parquet"))
    with pytest.raises(bookreel.UsageError, match='There is no column "prise": there are stream, seq'):
        trades.pandas(["prise"])
    with pytest.raises(bookreel.UsageError, match="Columns are a list"):
        trades.pandas("price")


@pytest.mark.parametrize("ending", FORMATS)
def test_a_cut_file_is_an_error(ending: str, export: Export, tmp_path: Path) -> None:
    whole = export("trades", f"trades.{ending}", *SOME[:2])
    cut = tmp_path / whole.name
    content = whole.read_bytes()
    cut.write_bytes(content[: len(content) // 2])
    if "csv" in ending or "jsonl" in ending:
        Path(f"{cut}.meta.json").write_bytes(Path(f"{whole}.meta.json").read_bytes())
    with pytest.raises(bookreel.BookreelError):
        bookreel.open(cut).arrow()


def test_a_time_is_in_utc(export: Export) -> None:
    (first,) = bookreel.open(export("quality", "quality.jsonl")).arrow(["start_time"]).slice(0, 1).to_pylist()
    assert first["start_time"].astimezone(timezone.utc) > datetime(2025, 3, 5, 23, 57, tzinfo=timezone.utc)
