import json
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.preprocessing import RobustScaler

from dovetail.data import Schema
from dovetail.errors import ConfigError, DataError, FolderError, SchemaError

SHARED = Path(__file__).parents[3] / "shared" / "data"


def mixed(n=60, seed=0):
    rng = np.random.Generator(np.random.PCG64(seed))
    start = np.datetime64("2023-11-05T00:00", "us")
    age = rng.normal(40, 10, n)
    age[::7] = np.nan
    return pa.table(
        {
            "年龄": pa.array(age, from_pandas=True),
            "rooms": rng.integers(1, 9, n),
            "colour": pa.array(rng.choice(["red", "blue", "绿色", "🎉"], n)),
            "code": rng.integers(1, 4, n),
            "member": pa.array(rng.choice(["yes", "no"], n)),
            "seen": start + rng.integers(0, 10**13, n).astype("timedelta64[us]"),
            "row": np.arange(n),
            "y": rng.normal(size=n),
        }
    )


def fitted(table=None, **options):
    options = {"target": ["y"], "kinds": {"code": "category"}, **options}
    return Schema.fit(mixed() if table is None else table, **options)


def replaced(table, name, values):
    return table.set_column(table.column_names.index(name), name, pa.array(values))


def same(a, b):
    return torch.equal(a.numbers, b.numbers) and torch.equal(a.categories, b.categories)


def one(values, rows=None, **options):
    return Schema.fit(pa.table({"x": values}), target=(), rows=rows, **options)


def test_numbers_by_hand():
    # median 2, quartiles 1 and 3: z = (x - 2) / 2, then z / sqrt(1 + (z / 3)^2)
    schema = one([0.0, 1.0, 2.0, 3.0, 4.0])
    table = pa.table({"x": [2.0, 8.0, 1e9]})
    expected = [[0.0], [3 / np.sqrt(2)], [3.0]]
    found = schema.transform(table).numbers
    torch.testing.assert_close(found, torch.tensor(expected, dtype=torch.float32))


def test_quartiles_that_coincide():
    # quartiles 0 and 0: scale 2 / (max - min) = 2 / 5
    schema = one([0.0] * 9 + [5.0])
    found = schema.transform(pa.table({"x": [5.0]})).numbers.item()
    assert found == pytest.approx(2 / np.sqrt(1 + 4 / 9))


def test_scaling_is_scikit_learns_before_clipping():
    values = np.random.Generator(np.random.PCG64(1)).gamma(1.0, size=501)
    found = one(values).transform(pa.table({"x": values})).numbers.numpy()[:, 0]
    z = RobustScaler().fit_transform(values[:, None])[:, 0]
    np.testing.assert_allclose(found, z / np.sqrt(1 + (z / 3) ** 2), rtol=1e-6)


@given(
    st.lists(st.floats(allow_nan=True, allow_infinity=False), min_size=2, max_size=30)
)
@settings(max_examples=150, deadline=None)
def test_every_finite_column_becomes_finite_and_keeps_its_order(values):
    values = np.array(values)
    try:
        schema = one(values)
    except DataError as error:
        assert len(np.unique(values[~np.isnan(values)])) < 2, error  # noqa: PT017
        return
    numbers = schema.transform(pa.table({"x": values})).numbers[:, 0]
    assert numbers.isfinite().all()
    assert (numbers.abs() <= 3).all()
    present = ~np.isnan(values)
    order = np.argsort(values[present], kind="stable")
    assert (
        numbers.numpy()[present][order][1:] >= numbers.numpy()[present][order][:-1]
    ).all()


def test_missing_numbers_are_the_median_with_an_indicator():
    schema = one([1.0, None, 2.0, 3.0])
    assert schema.number_names == ("x", "x is missing")
    numbers = schema.transform(pa.table({"x": [None, 2.0]})).numbers
    assert numbers.tolist() == [[0.0, 1.0], [0.0, 0.0]]
    complete = one([1.0, 2.0, 3.0])
    assert complete.number_names == ("x",)
    assert (
        complete.transform(pa.table({"x": [None, 2.0]})).numbers.tolist() == [[0.0]] * 2
    )


def test_an_empty_text_is_missing():
    schema = one(["a", "a", "b", "b", ""])
    assert schema.transform(pa.table({"x": ["", None]})).categories.tolist() == [
        [1],
        [1],
    ]
    numbers = one([1.0, 2.0, 3.0]).transform(pa.table({"x": ["", "2"]})).numbers
    assert numbers.tolist() == [[0.0], [0.0]]


@pytest.mark.parametrize(
    "values",
    [
        [1.0, 2.0, 3.0, None],
        [True, False, True, None],
        [datetime(2024, 1, 1), datetime(2024, 1, 2), datetime(2024, 1, 3), None],
    ],
)
def test_an_indicator_stands_for_missing_cells_in_training_only(values):
    assert one(values).number_names[-1] == "x is missing"
    assert one(values, rows=np.arange(3)).number_names[-1] != "x is missing"


def test_booleans_are_signs():
    schema = one([True, False, None])
    numbers = schema.transform(pa.table({"x": ["Yes", "off", None, "1"]})).numbers
    assert numbers.tolist() == [[1, 0], [-1, 0], [0, 1], [1, 0]]


def test_dates_by_hand():
    days = [datetime(2024, 1, 1), datetime(2024, 4, 16, 6), None]  # a Monday, a Tuesday
    schema = one(days)
    assert schema.number_names == (
        "x time", "x month sin", "x month cos", "x day", "x weekday sin",
        "x weekday cos", "x hour sin", "x hour cos", "x is missing",
    )  # fmt: skip
    numbers = schema.transform(pa.table({"x": days})).numbers
    week = 2 * np.pi / 7
    expected = torch.tensor(
        [
            [0, 1, -1, 0, 1, 0, 1, 0],  # January, day 1, Monday, midnight
            [1, 0, 0, np.sin(week), np.cos(week), 1, 0, 0],  # April, 16, Tuesday, 6 h
            [0, 0, 0, 0, 0, 0, 0, 1],
        ],
    )
    torch.testing.assert_close(numbers[:, 1:], expected.float(), atol=1e-6, rtol=0)
    assert numbers[0, 0] == -numbers[1, 0] != 0


def test_parts_of_a_date_that_do_not_vary_are_left_out():
    schema = one([datetime(2024, 3, day) for day in (4, 11, 18)])  # Mondays in March
    assert schema.number_names == ("x time", "x day")


def test_dates_agree_with_pandas():
    rng = np.random.Generator(np.random.PCG64(3))
    stamps = pd.Series(pd.to_datetime(rng.integers(-(10**18), 10**18, 400)))
    names = Schema.fit(pa.table({"x": stamps}), target=()).number_names
    numbers = one(stamps).transform(pa.table({"x": stamps})).numbers.numpy()
    column = dict(zip(names, numbers.T, strict=True))
    seconds = stamps.dt.hour * 3600 + stamps.dt.minute * 60 + stamps.dt.second
    waves = {
        "month": (stamps.dt.month - 1) / 12,
        "weekday": stamps.map(datetime.weekday) / 7,
        "hour": seconds / 86400,
    }
    for part, turn in waves.items():
        angle = 2 * np.pi * turn.to_numpy()
        np.testing.assert_allclose(column[f"x {part} sin"], np.sin(angle), atol=1e-4)
        np.testing.assert_allclose(column[f"x {part} cos"], np.cos(angle), atol=1e-4)
    np.testing.assert_allclose(column["x day"], (stamps.dt.day - 16) / 15, atol=1e-6)


@pytest.mark.parametrize(
    "dates",
    [
        ["2024-01-05", "2024-03-07", None],
        pa.array([19727, 19789, None], pa.date32()),
        pa.array([1704412800, 1709769600, None], pa.timestamp("s", "Asia/Tokyo")),
    ],
)
def test_a_time_is_the_same_in_every_type(dates):
    days = [datetime(2024, 1, 5), datetime(2024, 3, 7), None]
    schema = one(days)
    assert same(
        schema.transform(pa.table({"x": days})),
        schema.transform(pa.table({"x": dates})),
    )


def test_only_training_rows_are_learnt_from():
    table, rows = mixed(), np.arange(40)
    other = mixed(seed=9)
    swapped = pa.table(
        {
            name: pa.chunked_array([table[name].slice(0, 40).combine_chunks(),
                                    other[name].slice(40).combine_chunks()])
            for name in table.column_names
        }
    )  # fmt: skip
    assert not swapped.equals(table)
    # Reasons describe whole columns; all that is learnt is compared through features.
    a, b = fitted(table, rows=rows), fitted(swapped, rows=rows)
    assert same(a.transform(table), b.transform(table))
    assert a.cardinalities == b.cardinalities
    assert a.trained_on == b.trained_on == 40
    assert not same(a.transform(table), fitted(table).transform(table))


def test_names_decide_and_not_positions():
    table, schema = mixed(), fitted()
    moved = table.select(table.column_names[::-1]).append_column(
        "new", pa.array(range(60))
    )
    assert same(schema.transform(moved), schema.transform(table))
    assert same(
        schema.transform(table.drop_columns(["y", "row"])), schema.transform(table)
    )


def test_missing_columns_are_all_named_with_what_is_near():
    table = mixed().rename_columns({"rooms": "Romos"}).drop_columns(["member"])
    with pytest.raises(SchemaError) as caught:
        fitted().transform(table, where="new.csv")
    text = str(caught.value)
    assert text.startswith("new.csv: 2 columns are missing: ")
    assert "'rooms' (the table has 'Romos')" in text
    assert "'member'" in text


def test_a_bad_cell_is_named():
    bad = replaced(mixed(), "rooms", [*map(str, range(58)), "many", "lots"])
    with pytest.raises(
        SchemaError, match=r"new\.csv: column 'rooms', data row 59: 'many'"
    ):
        fitted().transform(bad, where="new.csv")


@pytest.mark.parametrize(
    ("name", "kind", "bad"),
    [
        ("rooms", "number", "many"),
        ("rooms", "number", float("inf")),
        ("member", "boolean", "perhaps"),
        ("seen", "datetime", "soon"),
        ("colour", "category", [1]),
    ],
)
def test_a_bad_cell_is_named_by_the_number_that_its_row_has_for_the_user(
    name, kind, bad
):
    table, schema = mixed(), fitted()
    cells = [None] * 60
    cells[7] = bad
    table, numbers = replaced(table, name, cells), np.arange(60) * 2 + 1
    with pytest.raises(DataError, match=f"^new.csv: column '{name}', data row 15: "):
        schema.transform(table, where="new.csv", numbers=numbers)
    with pytest.raises(DataError, match=f"^new.csv: column '{name}', data row 15: "):
        fitted(table, kinds={name: kind}, where="new.csv", numbers=numbers)
    with pytest.raises(DataError, match=f"^column '{name}', data row 8: "):
        schema.transform(table)


def test_row_numbers_are_one_for_each_row():
    with pytest.raises(DataError, match="59 row numbers were given for 60 rows"):
        fitted().transform(mixed(), numbers=np.arange(59))


def test_infinity_is_refused_in_training_and_later():
    infinite = replaced(mixed(), "rooms", [*map(float, range(59)), float("inf")])
    with pytest.raises(DataError, match="'rooms', data row 60"):
        fitted(infinite)
    with pytest.raises(DataError, match="'rooms', data row 60"):
        fitted().transform(infinite)


def test_types_may_differ_harmlessly():
    table, schema = mixed(), fitted()
    for name, kind in {"rooms": pa.float64(), "code": pa.float64()}.items():
        changed = replaced(table, name, table[name].cast(kind).combine_chunks())
        assert same(schema.transform(changed), schema.transform(table))
    spelt = replaced(table, "rooms", [str(v) for v in table["rooms"].to_pylist()])
    assert same(schema.transform(spelt), schema.transform(table))
    coded = replaced(
        table, "colour", table["colour"].combine_chunks().dictionary_encode()
    )
    assert same(schema.transform(coded), schema.transform(table))
    parts = pa.concat_tables([table.slice(0, 11), table.slice(11)])
    assert same(schema.transform(parts), schema.transform(table))
    for name in schema.columns:
        nothing = schema.transform(replaced(table, name, pa.nulls(60)))
        assert nothing.numbers.isfinite().all()
    assert len(schema.transform(table.slice(0, 0))) == 0


def test_json_round_trip_is_exact():
    schema = fitted()
    text = json.dumps(schema.to_json(), ensure_ascii=False, allow_nan=False)
    assert "年龄" in text
    assert "绿色" in text
    back = Schema.from_json(json.loads(text))
    assert back == schema
    assert same(back.transform(mixed(seed=5)), schema.transform(mixed(seed=5)))
    first = schema.to_json()["inputs"][0]
    assert list(first)[:3] == ["name", "kind", "required"]


@given(st.lists(st.floats(-1e300, 1e300), min_size=3, max_size=9, unique=True))
@settings(max_examples=50, deadline=None)
def test_json_keeps_every_bit_of_a_float(values):
    schema = one(values, kinds={"x": "number"})
    assert Schema.from_json(json.loads(json.dumps(schema.to_json()))) == schema


def test_json_of_a_later_version_is_refused():
    document = fitted().to_json()
    document["inputs"][0]["kind"] = "hologram"
    with pytest.raises(FolderError, match="hologram"):
        Schema.from_json(document)


def test_describe_names_every_column_but_the_target():
    schema = fitted(drop=["rooms"])
    rows = {name: (kind, reason, how) for name, kind, reason, how in schema.describe()}
    assert set(rows) == set(mixed().column_names) - {"y"}
    assert rows["rooms"] == ("set aside", "dropped as asked", "not used")
    assert rows["row"][0] == "set aside"
    assert rows["row"][1].startswith("identifier: ")
    assert rows["code"] == ("category", "as asked", rows["code"][2])
    assert dict(schema.set_aside).keys() == {"rooms", "row"}


def test_text_is_set_aside_and_said():
    essays = [f"on the {i}th day we went far away" for i in range(30)]
    table = pa.table({"essay": essays, "x": np.random.default_rng(0).normal(size=30)})
    schema = Schema.fit(table, target=())
    assert "text columns are not used" in dict(schema.set_aside)["essay"]
    with pytest.raises(DataError, match=r"No input column is left.*essay"):
        Schema.fit(table, target=(), drop=["x"])


def test_choices_that_make_no_sense():
    with pytest.raises(SchemaError, match=r"kind: .*Did you mean 'rooms'"):
        fitted(kinds={"room": "number"})
    with pytest.raises(ConfigError, match="'y' is a target"):
        fitted(kinds={"y": "category"})
    with pytest.raises(ConfigError, match="'y' is to be dropped, yet it is a target"):
        fitted(drop=["rooms", "y"])
    with pytest.raises(ConfigError, match="'rooms' is dropped"):
        fitted(drop=["rooms"], kinds={"rooms": "category"})
    with pytest.raises(SchemaError, match=r"drop: .*Did you mean 'rooms'"):
        fitted(drop=["room"])
    twice = mixed().rename_columns(["a", "a", *mixed().column_names[2:]])
    with pytest.raises(SchemaError, match="several columns are named 'a'"):
        fitted(twice)


def test_features_are_taken_in_the_order_asked():
    features = fitted().transform(mixed())
    taken = features.take(np.array([5, 0, 5]))
    assert len(features) == 60
    assert len(taken) == 3
    assert torch.equal(taken.numbers, features.numbers[[5, 0, 5]])
    assert torch.equal(taken.categories, features.categories[torch.tensor([5, 0, 5])])
    assert features.numbers.is_contiguous()
    assert features.numbers.dtype == torch.float32
    assert features.categories.dtype == torch.int64


def read(name, **options):
    if not (SHARED / name).exists():
        pytest.skip(f"shared data set {name} is not here")
    frame = pd.read_csv(SHARED / name, **options)
    return pa.Table.from_pandas(frame.rename(columns=str), preserve_index=False)


def test_adult():
    table = read("adult/adult.data", header=None, skipinitialspace=True, na_values="?")
    schema = Schema.fit(table, target=["14"])
    kinds = {c.name: c.kind for c in schema.inputs}
    numbers = {"0", "2", "4", "10", "11", "12"}  # the set's README
    assert {name for name, kind in kinds.items() if kind == "number"} == numbers
    assert len(schema.cardinalities) == 8
    sexes = schema.transform(table).categories[:, schema.category_names.index("9")]
    assert torch.bincount(sexes).tolist() == [0, 0, 21790, 10771]  # Male, Female


def test_california_housing():
    table = read("california_housing/housing.csv")
    schema = Schema.fit(table, target=["median_house_value"])
    missing = schema.number_names.index("total_bedrooms is missing")
    assert schema.transform(table).numbers[:, missing].sum() == 207
    # ISLAND, the rarest of five, has five rows
    assert schema.categories[0].labels[-1] == "ISLAND"


def test_bike_sharing():
    table = read("bike_sharing/hour.csv", parse_dates=["dteday"])
    schema = Schema.fit(table, target=["cnt"])
    assert [name for name, _ in schema.set_aside] == ["instant"]
    assert "dteday weekday sin" in schema.number_names
    assert "dteday hour sin" not in schema.number_names
