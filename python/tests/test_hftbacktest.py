"""hftbacktest loads our arrays, runs through them and sees the best prices that we tell."""

import json
import subprocess
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from conftest import ROOT, Run

import bookreel

hftbacktest = pytest.importorskip("hftbacktest")
numba = pytest.importorskip("numba")

SECOND = 1_000_000_000

if not (ROOT / "dist/src/export/formats/npz-encoder.js").exists():
    pytest.skip("this build writes no arrays for hftbacktest", allow_module_level=True)


@numba.njit  # type: ignore[untyped-decorator]
def sampled(backtest, first, found):  # type: ignore[no-untyped-def]
    """Best prices and sizes at every whole second from the first on; how many seconds there were."""
    if backtest.elapse(0) != 0 or backtest.elapse(first - backtest.current_timestamp) != 0:
        return 0
    for row in range(len(found)):
        depth = backtest.depth(0)
        found[row] = (depth.best_bid, depth.best_ask, depth.best_bid_qty, depth.best_ask_qty)
        if backtest.elapse(1_000_000_000) != 0:
            return row + 1
    return len(found)


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Orders are amended there, across the other side too, where hftbacktest would take what they cross for gone."""
    folder = tmp_path_factory.mktemp("market") / "store"
    subprocess.run(["node", ROOT / "docs/notebooks/make-data.mjs", "backtest", folder], check=True)
    return f"file:{folder}"


@pytest.mark.parametrize(
    ("stream", "kind", "orders"),
    [
        ("coinbase:BTC-USD", "events", True),
        ("coinbase:BTC-USD", "levels", False),
        ("bitfinex:BTC-USD", "levels", False),
    ],
)
def test_it_sees_the_same_best_prices(
    stream: str, kind: str, orders: bool, market: str, run: Run, tmp_path: Path
) -> None:
    arrays = tmp_path / "feed.npz"
    run("export", kind, stream, "--store", market, "--out", str(arrays))
    asset = hftbacktest.BacktestAsset().data([str(arrays)]).linear_asset(1.0)
    asset = asset.constant_order_latency(0, 0).tick_size(0.01).lot_size(1e-8).no_partial_fill_exchange()
    asset = asset.l3_fifo_queue_model() if orders else asset.risk_adverse_queue_model()
    begins = int(np.load(arrays)["data"]["local_ts"][0])

    names = ["bid_price_1", "ask_price_1", "bid_size_1", "ask_size_1"]
    books = bookreel.read(market, stream, kind="books", start=begins // 1000, levels=1, floats=True)
    told = books.numpy(["time", "valid", *names])
    first = int(told["time"][0].astype(np.int64)) * 1000
    assert 0 < first - begins < 3 * SECOND
    expected = np.column_stack([told[name] for name in names])
    found: npt.NDArray[np.float64] = np.full((len(expected) - 1, 4), np.nan)
    backtest = hftbacktest.HashMapMarketDepthBacktest([asset])
    seconds = sampled(backtest, first, found)
    backtest.close()

    valid = told["valid"][:seconds].astype(bool)
    assert seconds > 60 and valid.sum() > 50
    np.testing.assert_allclose(found[:seconds][valid], expected[:seconds][valid], atol=1e-9, rtol=1e-12)
    assert np.isnan(found[:seconds][~valid][:, :2]).all()
    assert json.loads((tmp_path / "feed.npz.meta.json").read_text())["notes"]["bookreel.kind"] == kind
