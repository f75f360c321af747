#!/usr/bin/env bash
# Tests of the Python package and of the notebooks, in an environment of their own (python/.venv) with the exact versions of
# requirements-test.txt. Other words go to pytest. Needs a build (`npm run test:python` makes it).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

python=${PYTHON:-python3}
if ! command -v "$python" >/dev/null; then
  echo 'python3 is not installed: the tests of the Python package are skipped.'
  exit 0
fi

made=.venv/made-from
if ! cmp --silent requirements-test.txt "$made" 2>/dev/null; then
  rm -rf .venv
  "$python" -m venv .venv
  .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-compile --no-deps --requirement requirements-test.txt
  # As a user installs it, but for its dependencies: they are there in exact versions.
  .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
  cp requirements-test.txt "$made"
fi

.venv/bin/ruff check --config pyproject.toml . ../docs/notebooks/*.py
.venv/bin/ruff format --check --config pyproject.toml . ../docs/notebooks/*.py
.venv/bin/mypy
.venv/bin/python -m pytest "$@"
