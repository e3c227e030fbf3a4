"""Delimited text: separator, header, quoting, types, rows with too few cells."""

import csv
import datetime
import io
import math
import string

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from dovetail.data import read_table
from dovetail.errors import ConfigError, DataError

DAY = datetime.datetime(2011, 1, 1)


@pytest.fixture
def read(tmp_path):
    """Read text (or bytes) written to a file."""

    def go(text, name="t.csv", **options):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_table(path, **options)

    return go


def column(*cells, sep=","):
    """A file with the column ``x`` beside another one."""
    rows = "\n".join(
        f'"{cell}"{sep}k' if sep in cell else cell + f"{sep}k" for cell in cells
    )
    return f"x{sep}other\n{rows}\n"


@pytest.mark.parametrize(
    ("cells", "kind", "wanted"),
    [
        (["1", "-2", "0"], pa.int64(), [1, -2, 0]),
        (["+5", "3"], pa.int64(), [5, 3]),
        (["1", "", "?"], pa.int64(), [1, None, None]),
        (["9223372036854775807"], pa.int64(), [2**63 - 1]),
        (["9223372036854775808"], pa.float64(), [2.0**63]),
        (["1.0", "2"], pa.float64(), [1.0, 2.0]),
        ([".5", "1e5", "5."], pa.float64(), [0.5, 1e5, 5.0]),
        (["inf", "-inf", "1"], pa.float64(), [math.inf, -math.inf, 1.0]),
        (["NAN", "1"], pa.float64(), [None, 1.0]),
        (["01234", "22"], pa.string(), ["01234", "22"]),
        (["00", "1"], pa.string(), ["00", "1"]),
        (["-01", "1"], pa.string(), ["-01", "1"]),
        (["+01", "1"], pa.string(), ["+01", "1"]),
        (["007", "1.5"], pa.string(), ["007", "1.5"]),
        (["0x1F", "1"], pa.string(), ["0x1F", "1"]),
        (["0.5", "05", "0"], pa.string(), ["0.5", "05", "0"]),
        (["-0.5", "-05", "0"], pa.string(), ["-0.5", "-05", "0"]),
        (["0e1", "0", "-0", "+0"], pa.float64(), [0.0] * 4),
        (["0.5", "-0.25", "0"], pa.float64(), [0.5, -0.25, 0.0]),
        (["1", "2", "x"], pa.string(), ["1", "2", "x"]),
        (["1_000", "1"], pa.string(), ["1_000", "1"]),
        (["true", "false"], pa.string(), ["true", "false"]),
        (["yes", "no", "NA"], pa.string(), ["yes", "no", None]),
        (["None", "-", "--", "none", "1"], pa.int64(), [None] * 4 + [1]),
        (["None", "-", "x"], pa.string(), ["None", "-", "x"]),
        (["None", "None"], pa.string(), ["None", "None"]),
        (["", "NA"], pa.string(), [None, None]),
        (["2011-01-01", "2012-02-29"], pa.timestamp("us"), None),
        (["2011-01-01", "2011-02-30"], pa.string(), ["2011-01-01", "2011-02-30"]),
        (["2011-01-01", "soon"], pa.string(), ["2011-01-01", "soon"]),
        (["2011-01-01 00:00"], pa.timestamp("us"), [DAY]),
        (["2011-01-01T00:00:00"], pa.timestamp("us"), [DAY]),
        (["", "2011-01-01 00:00:00.000000"], pa.timestamp("us"), [None, DAY]),
        (["2011-01-01T02:00:00+02:00"], pa.timestamp("us"), [DAY]),
        (["2011-01-01T00:00:00Z"], pa.timestamp("us"), [DAY]),
        (["2011-01-01T00:00:00.000000999"], pa.timestamp("us"), [DAY]),
        (["20110101"], pa.int64(), [20110101]),
        (["1,234", "950", "1,234,567"], pa.int64(), [1234, 950, 1234567]),
        (["1,234.5", "2"], pa.float64(), [1234.5, 2.0]),
        (["1,23", "1,234"], pa.string(), ["1,23", "1,234"]),
        (["1,234", "a"], pa.string(), ["1,234", "a"]),
    ],
)
def test_types_come_from_the_whole_column(read, cells, kind, wanted) -> None:
    got = read(column(*cells)).table["x"]
    assert got.type == kind
    if wanted is not None:
        assert got.to_pylist() == wanted


def test_one_late_cell_decides_for_all_blocks(read) -> None:
    rows = "\n".join(
        ["7," + 200 * "k"] * 60_000
    )  # more than one of the parser's blocks
    got = read(f"x,other\n{rows}\nlate,k\n").table["x"]
    assert got.type == pa.string()
    assert got[0].as_py() == "7"
    assert len(got) == 60_001


@pytest.mark.parametrize(
    "cell", ["", "NA", "N/A", "n/a", "NaN", "nan", "NULL", "null", "#N/A", "?"]
)
def test_words_for_missing(read, cell) -> None:
    table = read(f"x,y\n{cell},{cell}\na,1\n").table
    assert table.to_pydict() == {"x": [None, "a"], "y": [None, 1]}


def test_decimal_commas_between_semicolons(read) -> None:
    got = read(column("3,14", "2", "-,5", sep=";"))
    assert got.table["x"].to_pylist() == [3.14, 2.0, -0.5]
    assert got.notes == ("column 'x': commas taken for decimal commas ('3,14')",)
    # Between commas the same cells are text, or lists of numbers.
    got = read('x,y\n"3,14",1\n"4,27",2\n')
    assert got.table["x"].to_pylist() == ["3,14", "4,27"]
    (note,) = got.notes
    assert "text such as '3,14'; if these are numbers" in note


def test_thousands_separators_are_noted(read) -> None:
    got = read(column("1,234", "5"))
    assert got.notes == ("column 'x': commas taken for thousands separators ('1,234')",)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("a,b\n1,2\n", ["a", "b"]),
        ("a;b\n1,5;2\n", ["a", "b"]),
        ("a\tb\n1,5\t2,5\n", ["a", "b"]),
        ("a|b\n1|2\n", ["a", "b"]),
        ("a,b\n1,x;y\n2,z\n", ["a", "b"]),
        ("id,tags\n1,red|blue\n2,red\n", ["id", "tags"]),
        ("id,tags\n1,red|blue\n2,red|green\n", ["id", "tags"]),
        ('a,b\n"x;y;z",2\n"1;2;3",4\n', ["a", "b"]),
        ("text\nyes, I do\nno\n", ["text"]),
        ("text\nOne, two, three\n", ["text"]),
        ('"first, last"\n"x, y"\n', ["first, last"]),
        ("a , b\n1 , 2\n", ["a", "b"]),
        ('"a" , "b"\n1,2\n', ["a", "b"]),
        ("a,b\r\n1,2\r\n", ["a", "b"]),
        ("a,b\r1,2\r", ["a", "b"]),
        ("\n\n a,b\n1,2", ["a", "b"]),
    ],
)
def test_separator_and_header_are_told(read, text, names) -> None:
    assert read(text).table.column_names == names


def test_without_header_semicolons_need_decimal_commas(read) -> None:
    assert read("3,14;2,71\n1,5;2,5\n").table.to_pydict() == {
        "0": [3.14, 1.5],
        "1": [2.71, 2.5],
    }
    wanted = {"0": [1, 2], "1": ["x;y", "z;w"]}
    assert read("1,x;y\n2,z;w\n").table.to_pydict() == wanted


def test_separator_can_be_forced(read) -> None:
    assert read("a b\n1 2\n", sep=" ").table.to_pydict() == {"a": [1], "b": [2]}
    assert read("a\tb\n1\t2\n", sep="tab").table.num_columns == 2
    got = read("a,b\n1,2\n", sep=";")
    assert got.table.to_pydict() == {"a,b": [1.2]}
    said = "the separator ';' does not occur: one column; the lines fit ','"
    assert got.notes[0] == said
    for wrong in ("", ",,", "a", '"', "，"):
        with pytest.raises(ConfigError, match="cannot separate cells"):
            read("a,b\n1,2\n", sep=wrong)


@pytest.mark.parametrize(
    ("text", "known", "names", "rows"),
    [
        ("39, State-gov\n50, Private\n", [], ["0", "1"], 2),
        ("country,2019\nFR,1\n", [], ["0", "1"], 2),
        ("country,2019\nFR,1\n", ["2019"], ["country", "2019"], 1),
        ("country,2019\nFR,1\n", ["country"], ["country", "2019"], 1),
        ("T,2,0\nB,1,0\n", ["0"], ["0", "1", "2"], 2),
        ("0,1,2\n5,6,7\n", [], ["0", "1", "2"], 1),
        (",0,1\n0,6,7\n", [], ["index", "0", "1"], 1),
        (",a,b\n0,6,7\n", [], ["index", "a", "b"], 1),
        ("a,b\nx,y\n", ["c"], ["a", "b"], 1),
    ],
)
def test_is_the_first_line_a_header(read, text, known, names, rows) -> None:
    table = read(text, known_columns=known).table
    assert table.column_names == names
    assert table.num_rows == rows


def test_a_file_without_header_says_so(read) -> None:
    got = read("a,39,\nb,50,1\n")
    assert got.notes == (
        "no header: line 1 holds the number '39', so columns are named 0 to 2; "
        "name them with --columns",
    )
    assert got.table.to_pydict() == {"0": ["a", "b"], "1": [39, 50], "2": [None, 1]}


def test_a_header_that_may_be_data_is_doubted(read) -> None:
    got = read("ham\thello\nspam\twin\nham\tbye\n")
    assert got.table.column_names == ["ham", "hello"]
    assert "'ham' is also a value in its column" in got.notes[0]
    # ... but not where the user has named a column of it.
    assert read("a,b\na,1\n", known_columns=["b"]).notes == ()


def test_columns_name_a_file_without_header(read) -> None:
    got = read("ham\thello\nspam\twin\n", columns=["label", "text"])
    assert got.table["label"].to_pylist() == ["ham", "spam"]
    got = read("label,n\nham,1\n", columns=["label", "n"])
    assert got.table.to_pydict() == {"label": ["ham"], "n": [1]}
    assert got.notes == ("line 1 repeats the names given, and is not a row",)
    with pytest.raises(DataError, match=r"has 2 columns, --columns names 3"):
        read("1,2\n", columns=["a", "b", "c"])
    with pytest.raises(ConfigError, match="'a' more than once"):
        read("1,2\n", columns=["a", "a"])


def test_spaces_around_cells_are_no_part_of_them(read) -> None:
    text = 'a , b\n 1 ,"  x "\n2,  y z\n3, "q" \n 4\t,w\n'
    assert read(text).table.to_pydict() == {
        "a": [1, 2, 3, 4],
        "b": ["  x ", "y z", "q", "w"],
    }
    assert read("a,b\n1, x \n ? , y\n").table.to_pydict() == {
        "a": [1, None],
        "b": ["x", "y"],
    }


def test_spaces_inside_marks_stay_also_beside_separators(read) -> None:
    got = read('a,b\n"x , y\n z ,",1\n"\n ",2\n').table
    assert got["a"].to_pylist() == ["x , y\n z ,", "\n "]


def test_quotation_marks_of_rfc_4180(read) -> None:
    text = 'a,b\r\n"say ""hi""","x\r\ny"\r\n"",""""\r\n'
    assert read(text).table.to_pydict() == {
        "a": ['say "hi"', None],
        "b": ["x\r\ny", '"'],
    }


def test_a_mark_within_a_cell_does_no_harm(read) -> None:
    got = read('a,b\n6" pipe,"x, y"\n 7" , z\n')
    assert got.table.to_pydict() == {"a": ['6" pipe', '7"'], "b": ["x, y", "z"]}
    assert got.notes == ()


def test_stray_marks_are_characters_where_lines_fit_without_quoting(read) -> None:
    got = read('a\tb\n1\t"Hi" she said\n2\t"yes"\n3\t"no\n')
    assert got.table["b"].to_pylist() == ['"Hi" she said', '"yes"', '"no']
    assert "line 2" in got.notes[0]
    assert "plain characters" in got.notes[0]
    got = read('a\tb\n1\t"open\n2\tclosed" x\n3\ty\n')
    assert got.table["b"].to_pylist() == ['"open', 'closed" x', "y"]


def test_two_stray_marks_do_not_swallow_lines(read) -> None:
    # Each mark alone would be allowed: the cell of line 2 would end in line 4.
    got = read('a\tb\n1\t"open\n2\tz "q" z\n3\tclosed"\n')
    assert got.table.num_rows == 3


BROKEN = 'a,b\n1,"x" y,z\n2,ok\n3,"fine"\n4,"open\n5,z\n'


def test_broken_marks_are_an_error_with_their_line(read) -> None:
    with pytest.raises(DataError, match=r't\.csv, line 2: .*"x" y.* is followed by'):
        read(BROKEN)
    with pytest.raises(DataError, match=r"line 3: .* is never closed"):
        read('a,b\n"1,1",2\n3,"4\n')


def test_broken_marks_can_be_left_out(read) -> None:
    got = read(BROKEN, on_bad="skip")
    assert got.table.to_pydict() == {"a": [2, 3, 5], "b": ["ok", "fine", "z"]}
    assert got.bad_rows == 2
    assert "2 line(s) with a broken quotation mark" in got.notes[0]
    assert "line 2" in got.notes[0]


def test_lines_count_on_behind_those_left_out(read) -> None:
    got = read('"q" r,z\na,b\n"x" y,z\n1,2\n3\n', on_bad="skip")
    assert got.table.to_pydict() == {"a": [1], "b": [2]}
    assert got.bad_rows == 3
    assert got.notes == (
        "2 line(s) with a broken quotation mark left out, the first is line 1",
        "1 line(s) without 2 cells left out, the first is line 5",
    )


def test_a_header_with_a_name_too_few_is_an_error(read) -> None:
    # R writes row names without a name for them.
    with pytest.raises(DataError, match="line 2: 3 cells found, 2 needed"):
        read("a,b\nr1,2,3\nr2,5,6\n")


def test_rows_of_another_length(read) -> None:
    text = 'a,b\n1,"x\ny"\n\n2\n3,4,5\n6,z\n'
    with pytest.raises(DataError, match=r"t\.csv, line 5: 1 cells found, 2 needed"):
        read(text)
    got = read(text, on_bad="skip")
    assert got.table.to_pydict() == {"a": [1, 6], "b": ["x\ny", "z"]}
    assert got.bad_rows == 2
    assert got.notes == ("2 line(s) without 2 cells left out, the first is line 5",)
    with pytest.raises(DataError, match="no row with 2 cells"):
        read("a,b\n1\n2\n", on_bad="skip", sep=",")


def test_the_line_is_found_also_late_in_a_long_file(read) -> None:
    rows = ("1," + 200 * "k" + "\n") * 60_000
    text = f"a,b\n{rows}1,2,3\n{rows}"
    with pytest.raises(DataError, match=r"line 60002: 3 cells found, 2 needed"):
        read(text)
    assert read(text, on_bad="skip").table.num_rows == 120_000


def test_cells_longer_than_a_block(read) -> None:
    long = "word " * 2_000_000
    got = read(f'a,b\n1,"{long}"\n2,x\n').table
    assert got["b"].to_pylist() == [long, "x"]


def test_many_columns(read) -> None:
    names = [f"c{i}" for i in range(5_000)]
    text = ",".join(names) + "\n" + ",".join("1" for _ in names) + "\n"
    assert read(text).table.shape == (1, 5_000)


def test_a_header_over_two_lines_counts_as_two(read) -> None:
    with pytest.raises(DataError, match="line 4: 1 cells"):
        read('"a\nb",c\n1,2\n3\n')


def test_notes_name_the_guessed_encoding(read) -> None:
    got = read("a,b\nkäse,1\n".encode("cp1252"))
    assert got.table["a"].to_pylist() == ["käse"]
    assert got.notes[0].startswith("read as cp1252")


# Cells that no reading but text allows: the first letter is none of a number's, date's
# or missing word's.
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
WORDS = TEXT.map(lambda t: f"t{t}")
COLUMN = (
    st.lists(WORDS | st.none(), min_size=4, max_size=4)
    | st.lists(st.integers(-(2**63), 2**63 - 1) | st.none(), min_size=4, max_size=4)
    | st.lists(st.floats(allow_nan=False) | st.none(), min_size=4, max_size=4)
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    columns=st.lists(COLUMN, min_size=1, max_size=4),
    delimiter=st.sampled_from(",;\t|"),
    lineterminator=st.sampled_from(["\n", "\r\n", "\r"]),
    quoting=st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
)
def test_what_pythons_csv_module_writes_is_read_back(
    read, columns, delimiter, lineterminator, quoting
) -> None:
    # Before Python 3.13 the module leaves a line's end bare in a cell where it is not
    # the one it ends lines with: what it writes then is not what it was given.
    assume(
        quoting == csv.QUOTE_ALL
        or not any(
            set(c) & ({*"\r\n"} - {*lineterminator})
            for column in columns
            for c in column
            if isinstance(c, str)
        )
    )
    out = io.StringIO(newline="")
    writer = csv.writer(
        out, delimiter=delimiter, lineterminator=lineterminator, quoting=quoting
    )
    names = list(string.ascii_lowercase[: len(columns)])
    writer.writerow(names)
    writer.writerows(zip(*columns, strict=True))
    got = read(out.getvalue(), sep=delimiter).table
    assert got.column_names == names
    for name, cells in zip(names, columns, strict=True):
        marked = quoting == csv.QUOTE_ALL
        wanted = [
            # Spaces at the ends of a bare cell are padding.
            c.strip(" \t" if delimiter != "\t" else " ")
            if isinstance(c, str) and not marked and not set(c) & {*delimiter, *'"\r\n'}
            else c
            for c in cells
        ]
        assert got[name].to_pylist() == wanted


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    rows=st.lists(st.tuples(WORDS, WORDS, WORDS), min_size=1, max_size=12),
    delimiter=st.sampled_from(",;\t|"),
)
def test_the_separator_of_quoted_text_is_told(read, rows, delimiter) -> None:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows(
        [("first", "second", "third"), *rows]
    )
    got = read(out.getvalue()).table
    assert [tuple(row.values()) for row in got.to_pylist()] == rows
