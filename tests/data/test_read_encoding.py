"""Text in every encoding that can be told, and in any that is named."""

import pytest

from dovetail.data import read_table
from dovetail.errors import DataError

CHINESE = "标题,类别\n体验巅峰,游戏\n今天天气很好,财经\n"
WESTERN = "Straße,Größe\nfür,naïve\ncafé,été\n"


def rows(text: str) -> list[list[str]]:
    return [line.split(",") for line in text.splitlines()]


def read(tmp_path, raw: bytes, **options):
    path = tmp_path / "t.csv"
    path.write_bytes(raw)
    got = read_table(path, **options)
    table = got.table
    cells = [list(row.values()) for row in table.to_pylist()]
    return [table.column_names, *cells], got.notes


@pytest.mark.parametrize(
    ("text", "codec"),
    [
        (CHINESE, "utf-8"),
        (CHINESE, "utf-8-sig"),
        (CHINESE, "utf-16"),
        (CHINESE, "utf-32"),
        (WESTERN, "utf-8"),
        ("a,b\n😀,👍\n", "utf-8"),
        ("a,b\nx,y\n", "ascii"),
    ],
)
def test_certain_encodings_need_no_note(tmp_path, text, codec) -> None:
    assert read(tmp_path, text.encode(codec)) == (rows(text), ())


@pytest.mark.parametrize("order", ["le", "be"])
def test_byte_order_marks(tmp_path, order) -> None:
    for codec in (f"utf-16-{order}", f"utf-32-{order}"):
        assert read(tmp_path, ("\ufeff" + CHINESE).encode(codec)) == (rows(CHINESE), ())


@pytest.mark.parametrize(
    ("text", "codec", "taken"),
    [
        (CHINESE, "gb18030", "gb18030"),
        (CHINESE, "gbk", "gb18030"),
        (CHINESE, "gb2312", "gb18030"),
        (WESTERN, "cp1252", "cp1252"),
        (WESTERN, "latin-1", "cp1252"),
        ("für,x\nhören,y\n", "latin-1", "cp1252"),  # valid GB18030, but not likely
        ("a,b\n\x81é,\x9d x\n", "latin-1", "latin-1"),
    ],
)
def test_guessed_encodings_are_noted(tmp_path, text, codec, taken) -> None:
    got, notes = read(tmp_path, text.encode(codec))
    assert got == rows(text)
    assert notes[0].startswith(f"read as {taken}, since it is no UTF-8")


@pytest.mark.parametrize("codec", ["shift-jis", "euc-jp", "utf-8", "UTF-16", "cp932"])
def test_an_encoding_can_be_forced(tmp_path, codec) -> None:
    text = "名前,色\nあか,赤\nあお,青\n"
    assert read(tmp_path, text.encode(codec), encoding=codec) == (rows(text), ())


def test_a_forced_encoding_passes_over_its_mark(tmp_path) -> None:
    raw = CHINESE.encode("utf-8-sig")
    assert read(tmp_path, raw, encoding="utf-8") == (rows(CHINESE), ())


def test_a_forced_encoding_that_does_not_fit(tmp_path) -> None:
    raw = "a,b\nx,y\nkäse,z\n".encode("cp1252")
    with pytest.raises(DataError, match=r"line 3: byte 0xe4 is not utf-8"):
        read(tmp_path, raw, encoding="utf-8")
    with pytest.raises(DataError, match=r"line 2: byte 0xff is not utf-8"):
        read(tmp_path, b"\xef\xbb\xbfa,b\n\xff,y\n")


def test_a_mark_inside_the_text_is_text(tmp_path) -> None:
    text = "a,b\n\ufeffx,y\n"
    assert read(tmp_path, text.encode())[0] == [["a", "b"], ["\ufeffx", "y"]]
