"""A recording of two simulated venues with interruptions, and its exports; each is made once and by the built command line."""

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
CLI = ROOT / "dist/src/cli/main.js"

Export = Callable[..., Path]
Told = Callable[..., Any]
Run = Callable[..., str]


@pytest.fixture(scope="session", autouse=True)
def command_line() -> None:
    if not CLI.exists():
        pytest.exit(f"{CLI} is not there: npm run build makes it.", returncode=1)
    os.environ["BOOKREEL_CLI"] = f"node '{CLI}'"


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Four minutes around midnight: a lost connection and a lost frame on Coinbase, a lost frame on Bitfinex."""
    folder = tmp_path_factory.mktemp("recording") / "minutes"
    subprocess.run(["node", ROOT / "docs/notebooks/make-data.mjs", "minutes", folder], check=True)
    return f"file:{folder}"


@pytest.fixture(scope="session")
def run() -> Iterator[Run]:
    """Runs a command and gives what it printed."""
    command = ["node", str(Path(__file__).with_name("commands.mjs"))]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None and process.stdout is not None

        def ran(*words: str) -> str:
            print(json.dumps(words), file=process.stdin, flush=True)
            told = json.loads(process.stdout.readline())
            assert told["code"] == 0, told["stderr"]
            return str(told["stdout"])

        yield ran
        process.stdin.close()


@pytest.fixture(scope="session")
def export(store: str, run: Run, tmp_path_factory: pytest.TempPathFactory) -> Export:
    """Makes an export of a kind: `export("books", "books.csv", "--levels", "3")`; the same one once."""
    folder = tmp_path_factory.mktemp("exports")
    made: dict[tuple[str, ...], Path] = {}

    def exported(kind: str, name: str, *words: str) -> Path:
        asked = (kind, name, *words)
        if asked not in made:
            out = folder / str(len(made)) / name
            run("export", kind, *words, "--store", store, "--out", str(out))
            made[asked] = out
        return made[asked]

    return exported


@pytest.fixture(scope="session")
def book(store: str, run: Run) -> Told:
    """What `bookreel book` tells of a stream after an entry."""

    def told(stream: str, seq: int) -> Any:
        return json.loads(run("book", stream, "--at", f"seq:{seq}", "--store", store, "--json"))

    return told
