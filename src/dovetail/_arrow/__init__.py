"""Any table or column of targets to ``pyarrow``, in few types.

    from dovetail import _arrow

    _arrow.table(data)                  the rows of a data frame, matrix, dict ...
    _arrow.columns(values, names)       targets: a list, Series, array ... or several

What the few types are stands in ``cells``.
"""

from dovetail._arrow.tables import columns, table

__all__ = ["columns", "table"]
