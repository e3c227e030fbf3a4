"""Files to tables: which format, which encoding, which separator, which types.

    read_table   a file of any format but pickle   table, notes, rows left out
    write_csv    table                             CSV or TSV, whole or not at all

A delimited file goes through ``encoding``, ``separator``, ``quoting``, ``header`` and
``csv``; its cells get their types in ``from_text``.
"""

from dovetail.data.reading.read import Read, read_table
from dovetail.data.reading.write import write_csv

__all__ = ["Read", "read_table", "write_csv"]
