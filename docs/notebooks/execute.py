"""Runs the notebooks from their first cell to their last.

`python execute.py` writes their outputs back; `python execute.py --check` only compares the texts among them. Names after
that: these notebooks alone.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat
from nbclient import NotebookClient

FOLDER = Path(__file__).parent
LIMIT = 300


def notebooks(names: list[str]) -> list[Path]:
    return [path for path in sorted(FOLDER.glob("*.ipynb")) if not names or path.name in names]


def executed(path: Path) -> nbformat.NotebookNode:
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = []
    resources = {"metadata": {"path": str(FOLDER)}}
    NotebookClient(notebook, timeout=LIMIT, resources=resources).execute()
    return plain(notebook)


def plain(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Without what tells of this machine and this moment."""
    kernel = notebook.metadata["kernelspec"]
    notebook.metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    for cell in notebook.cells:
        cell.metadata = {}
        for output in cell.get("outputs", []):
            output.get("metadata", {}).pop("needs_background", None)
            if "text" in output:
                output.text = output.text.replace("\r\n", "\n")
            if "data" in output:
                # The size of a picture in text would change with the library that draws it.
                output.data.pop("text/plain", None) if "image/png" in output.data else None
    return notebook


def texts(notebook: nbformat.NotebookNode) -> Iterator[tuple[str, str]]:
    """Each cell's source and what it printed; of a picture only that there is one."""
    for cell in notebook.cells:
        told = ""
        for output in cell.get("outputs", []):
            told += output.get("text", "")
            data = output.get("data", {})
            told += "<picture>" if "image/png" in data else data.get("text/plain", "")
        yield cell.source, re.sub(r"[ \t]+\n", "\n", told)


def main(words: list[str]) -> int:
    names = [word for word in words if word != "--check"]
    different = 0
    for path in notebooks(names):
        notebook = executed(path)
        if "--check" not in words:
            nbformat.write(notebook, path)
            print(f"{path.name}: written")
            continue
        kept = texts(plain(nbformat.read(path, as_version=4)))
        for number, (before, now) in enumerate(zip(kept, texts(notebook), strict=True), start=1):
            if before != now:
                different += 1
                print(f"{path.name}, cell {number}: kept\n{before[1]}\nnow\n{now[1]}")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
