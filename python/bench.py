"""How long an hour of top-10 books takes to open, beside pandas alone on the same file: `npm run bench:python`. Prints, asserts nothing."""

import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pandas

import bookreel

ROOT = Path(__file__).resolve().parents[1]
ROUNDS = 9


def median_seconds(action: Callable[[], object]) -> float:
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        action()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        store, out = Path(folder) / "day", Path(folder) / "books.parquet"
        subprocess.run(["node", ROOT / "docs/notebooks/make-data.mjs", "day", store], check=True)
        hour = ["--from", "2025-03-03T12:00:00Z", "--to", "2025-03-03T12:59:59Z"]
        words = ["export", "books", "coinbase:BTC-USD", "--every", "1s", "--levels", "10", *hour]
        command = [
            "node",
            str(ROOT / "dist/src/cli/main.js"),
            *words,
            "--store",
            f"file:{store}",
            "--out",
            str(out),
        ]
        subprocess.run(command, check=True)
        rows, columns = bookreel.open(out).pandas().shape
        ours = median_seconds(lambda: bookreel.open(out).pandas())
        doubles = median_seconds(lambda: bookreel.open(out, floats=True).pandas())
        alone = median_seconds(lambda: pandas.read_parquet(out, dtype_backend="pyarrow"))
        print(f"{rows} rows, {columns} columns; medians of {ROUNDS}, load {os.getloadavg()[0]:.1f}")
        print(f"bookreel.open(…).pandas()               {ours:.3f} s  target 1 s for an hour")
        print(f"bookreel.open(…, floats=True).pandas()  {doubles:.3f} s")
        print(f"pandas.read_parquet alone               {alone:.3f} s")


if __name__ == "__main__":
    main()
