"""The committed notebooks run, and say again what they say."""

import base64
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

FOLDER = Path(__file__).resolve().parents[2] / "docs/notebooks"
NOTEBOOKS = sorted(path.name for path in FOLDER.glob("*.ipynb"))
LARGEST_PICTURE = 150_000


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_running_it_again_gives_the_same_texts(name: str) -> None:
    command = [sys.executable, str(FOLDER / "execute.py"), "--check", name]
    finished = subprocess.run(command, capture_output=True, text=True)
    assert finished.returncode == 0, finished.stdout + finished.stderr


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_what_is_committed_is_small_and_tells_of_no_machine(name: str) -> None:
    notebook = nbformat.read(FOLDER / name, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert code[0].source == "!npm run --silent notebooks:data"
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    outputs = [output for cell in code for output in cell.outputs]
    assert all(output.output_type != "error" for output in outputs)
    pictures = [
        base64.b64decode(output.data["image/png"])
        for output in outputs
        if "image/png" in output.get("data", {})
    ]
    assert pictures and all(len(picture) < LARGEST_PICTURE for picture in pictures)
    text = re.sub(r'"image/png": "[^"]*"', "", (FOLDER / name).read_text())
    assert not re.search(r"/(home|root|tmp|work|Users)/", text)


def test_there_are_five() -> None:
    assert [name.partition("-")[0] for name in NOTEBOOKS] == ["1", "2", "3", "4", "5"]
