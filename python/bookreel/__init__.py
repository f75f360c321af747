"""Recorded order books as pandas, polars, DuckDB and pyarrow tables.

`open` reads what `bookreel export` wrote; `read` runs that export for you and hands over its Arrow stream.
"""

from bookreel._cli import read
from bookreel._files import open
from bookreel._problem import BookreelError, UsageError
from bookreel._rows import Rows

__all__ = ["BookreelError", "Rows", "UsageError", "open", "read"]
__version__ = "0.1.0"
