"""Real data sets, with the counts that their READMEs give."""

import pyarrow.compute as pc
import pytest

from dovetail.data import read_table

ADULT = [
    *("age", "workclass", "fnlwgt", "education", "education_num", "marital_status"),
    *("occupation", "relationship", "race", "sex", "capital_gain", "capital_loss"),
    *("hours_per_week", "native_country", "income"),
]


@pytest.fixture
def read(shared_data):
    def go(name, **options):
        path = shared_data / name
        if not path.exists():
            pytest.skip(f"the data set is not there: {path}")
        return read_table(path, **options)

    return go


def counts(column) -> dict:
    return {c["values"]: c["counts"] for c in pc.value_counts(column).to_pylist()}


@pytest.mark.parametrize(
    ("name", "income", "missing"),
    [
        ("adult/adult.data", {"<=50K": 24720, ">50K": 7841}, [1836, 1843, 583]),
        ("adult/adult.test", {"<=50K.": 12435, ">50K.": 3846}, [963, 966, 274]),
    ],
)
def test_adult(read, name, income, missing) -> None:
    got = read(name, columns=ADULT)
    assert counts(got.table["income"]) == income
    found = [
        got.table[c].null_count for c in ("workclass", "occupation", "native_country")
    ]
    assert found == missing
    numbers = {f.name for f in got.table.schema if f.type == "int64"}
    assert numbers == {
        *("age", "fnlwgt", "education_num", "capital_gain", "capital_loss"),
        "hours_per_week",
    }
    assert got.notes == ()
    bare = read(name)
    assert bare.table.column_names == [str(i) for i in range(15)]
    assert bare.table.num_rows == got.table.num_rows


def test_kddcup99(read) -> None:
    got = read("kddcup99/kddcup.data_10_percent.gz")
    assert got.table.shape == (494_021, 42)
    text = [f.name for f in got.table.schema if f.type == "string"]
    assert text == ["1", "2", "3", "41"]
    assert [len(pc.unique(got.table[c])) for c in text] == [3, 66, 11, 23]
    labels = counts(got.table["41"])
    assert labels["smurf."] == 280_790
    assert labels["spy."] == 2
    assert sum(column.null_count for column in got.table.columns) == 0


def test_letter(read) -> None:
    # "0" counts a column: that the first line holds a 0 makes no header of it.
    table = read("letter/letter-recognition.data", known_columns=["0"]).table
    assert table.shape == (20_000, 17)
    sizes = counts(table["0"])
    assert (len(sizes), sizes["H"], sizes["U"]) == (26, 734, 813)


def test_wine(read) -> None:
    table = read("wine_quality/winequality-white.csv").table
    wanted = {3: 20, 4: 163, 5: 1457, 6: 2198, 7: 880, 8: 175, 9: 5}
    assert counts(table["quality"]) == wanted
    assert {str(f.type) for f in table.schema if f.name != "quality"} == {"double"}


def test_housing(read) -> None:
    table = read("california_housing/housing.csv").table
    assert table.num_rows == 20_640
    nulls = {c: table[c].null_count for c in table.column_names if table[c].null_count}
    assert nulls == {"total_bedrooms": 207}
    assert counts(table["ocean_proximity"])["ISLAND"] == 5


def test_bikes(read) -> None:
    table = read("bike_sharing/hour.csv").table
    assert table.num_rows == 17_379
    assert pc.sum(table["cnt"]).as_py() == 3_292_679
    years = counts(pc.year(table["dteday"]))
    assert years == {2011: 8645, 2012: 8734}


def test_sms_spam_has_stray_quotation_marks(read) -> None:
    got = read("sms_spam/SMSSpamCollection", columns=["label", "text"])
    assert counts(got.table["label"]) == {"ham": 4827, "spam": 747}
    assert "line 283" in got.notes[0]
    lengths = pc.utf8_length(got.table["text"])
    assert pc.max(lengths).as_py() == 910


@pytest.mark.parametrize(
    ("part", "rows"), [("train", 43_410), ("dev", 5_426), ("test", 5_427)]
)
def test_goemotions_keeps_its_lists_of_labels(read, part, rows) -> None:
    got = read(f"goemotions/{part}.tsv", columns=["text", "labels", "id"])
    assert got.table.num_rows == rows
    assert got.table["labels"].type == "string"
    assert got.table["text"].null_count == 0


def test_chinese_titles(read) -> None:
    table = read("thucnews_titles/dev.txt").table
    assert counts(table["1"]) == dict.fromkeys(range(10), 1000)
    assert max(len(title) for title in table["0"].to_pylist()) <= 33


def test_quoted_text(read) -> None:
    table = read("ag_news_test/test.csv").table
    assert counts(table["0"]) == dict.fromkeys(range(1, 5), 1900)
    assert read("banking77/train.csv").table.num_rows == 10_003
    assert len(counts(read("banking77/test.csv").table["category"])) == 77


@pytest.mark.parametrize(
    ("name", "shape", "positives"),
    [
        ("yeast/yeast-train.arff", (1500, 117), {"Class1": 476, "Class14": 21}),
        ("yeast/yeast-test.arff", (917, 117), {}),
        ("emotions/emotions-train.arff", (391, 78), {"quiet-still": 89}),
        ("scene/scene-train.arff", (1211, 300), {"Beach": 227, "Urban": 224}),
    ],
)
def test_multi_label_arff(read, name, shape, positives) -> None:
    table = read(name).table
    assert table.shape == shape
    labels = {117: 14, 78: 6, 300: 6}[shape[1]]
    assert {str(f.type) for f in list(table.schema)[-labels:]} == {"int64"}
    assert {str(f.type) for f in list(table.schema)[:5]} <= {"int64", "double"}
    found = {label: pc.sum(table[label]).as_py() for label in positives}
    assert found == positives


def test_several_targets(read) -> None:
    wq = read("multitarget/wq.arff").table
    assert wq.shape == (1060, 30)
    cells: dict[int, int] = {}
    for name in wq.column_names[-14:]:
        for value, count in counts(wq[name]).items():
            cells[value] = cells.get(value, 0) + count
    assert cells == {0: 9463, 1: 2825, 3: 1887, 5: 665}
    enb = read("multitarget/enb.arff").table
    assert pc.mean(enb["Y1"]).as_py() == pytest.approx(22.31, abs=0.005)
