"""Columns to order rows by: dates, times and text, to whole microseconds."""

from datetime import date, datetime

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from dovetail.data import times_of
from dovetail.errors import DataError, SchemaError

DAYS = ["2024-02-29", "1969-12-31", "2024-03-01"]


@pytest.mark.parametrize(
    "values",
    [
        DAYS,
        [date.fromisoformat(day) for day in DAYS],
        [datetime.fromisoformat(day) for day in DAYS],
        [f"{day}T09:00:00+09:00" for day in DAYS],
        pa.array(pd.to_datetime(DAYS).tz_localize("UTC")),
        pa.array(DAYS).dictionary_encode(),
    ],
)
def test_every_way_to_write_a_time_gives_the_microseconds_of_pandas(values):
    found = times_of(pa.chunked_array([values]), "day")
    wanted = pd.to_datetime(DAYS).astype("datetime64[us]").astype(np.int64)
    assert found.dtype == np.int64
    assert found.tolist() == wanted.tolist()


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([*DAYS, "soon"], "data row 9: 'soon' is not a date or time"),
        ([*DAYS, None], "data row 9: the cell is missing"),
        ([*DAYS, ""], r"data row 9: the cell is missing, .* \(1 rows in all\)"),
        ([5, 6, 7, 8], "data row 3: 5 is of type int64, where dates or times"),
        (pa.nulls(4), "data row 3: the cell is missing"),
    ],
)
def test_a_cell_that_gives_no_time_is_named_by_its_row(values, said):
    column = pa.chunked_array([values])
    with pytest.raises(DataError, match=f"^d.csv: column 'day', {said}") as caught:
        times_of(column, "day", where="d.csv", numbers=np.array([3, 5, 7, 9]))
    assert not isinstance(caught.value, SchemaError)  # no kind of column would help
    assert "--kind" not in caught.value.fix
