"""Each way in which a file cannot be read has a message of its own, with its name."""

import contextlib
import gzip
import io
import os
import pickle
import zipfile

import numpy as np
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest

from dovetail.data import read_table
from dovetail.errors import ConfigError, DataError

GOOD = b"a,b\n1,2\n"


def _zip(member: str = "a.csv") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(member, GOOD)
    return out.getvalue()


def _npz(**arrays: np.ndarray) -> bytes:
    out = io.BytesIO()
    np.savez(out, **arrays)
    return out.getvalue()


def _parquet(table: pa.Table) -> bytes:
    out = io.BytesIO()
    pq.write_table(table, out)
    return out.getvalue()


PARQUET = _parquet(pa.table({"a": [1]}))
ARFF = b"@relation r\n@attribute x numeric\n@attribute k {red,blue}\n@data\n"
WHEN = b"@relation r\n@attribute t date 'yyyy-MM-dd'\n@data\n"

CASES = [
    # (file name, its bytes, words of the message)
    ("empty.csv", b"", r"empty\.csv is empty"),
    ("empty.csv.gz", gzip.compress(b""), r"is empty"),
    ("mark.csv", b"\xef\xbb\xbf", r"only blank lines"),
    ("blank.csv", b"\n \r\n\t\n", r"only blank lines"),
    ("head.csv", b"a,b\n", r"head\.csv has a header and no rows"),
    ("head.csv", b"a,b\n\n\n", r"has a header and no rows"),
    ("one.csv", b"1,2\n", r"one\.csv has one line only"),
    ("wide.csv", b"a," * 100_001 + b"b\n1\n", r"line 1: 100,002 cells in the first l"),
    ("one.csv", b"word", r"has a header and no rows"),
    ("twice.csv", b"a,b,a\nx,y,z\n", r"line 1: column names .* more than once: 'a'"),
    ("names.csv", b"\na,,b,\nx,y,z,w\n", r"line 2: columns 2, 4 of 4 have no name"),
    ("names.csv", b"a,b,\nx,y,z\n", r"line 1: column 3 of 3 has no name"),
    ("rows.csv", b"a,b\n1,2\n1,2,3\n", r"rows\.csv, line 3: 3 cells found, 2 needed"),
    ("rows.csv", b"a,b\r\n1,2\r\n1\r\n", r"line 3: 1 cells found, 2 needed"),
    ("rows.csv", b"a,b\r1,2\r1\r", r"line 3: 1 cells found, 2 needed"),
    (
        "wide.csv",
        b"a,b\x001\n1,2\n",
        r"wide\.csv is no text: byte 4, in line 1, is zero",
    ),
    ("cut.csv.gz", gzip.compress(GOOD)[:-4], r"cut\.csv\.gz is damaged or cut short"),
    ("bad.csv.gz", gzip.compress(GOOD)[:-6] + b"123456", r"is damaged"),
    ("not.csv.gz", GOOD, r"is no gzip file, though its name ends in \.gz"),
    ("not.csv.zst", GOOD, r"is no Zstandard file"),
    ("cut.csv.zst", pa.compress(GOOD, "zstd", asbytes=True)[:-2], r"is damaged"),
    ("gz.csv", gzip.compress(GOOD), r"is a gzip file, though its name ends in \.csv"),
    ("zip.csv", _zip(), r"zip\.csv is a zip archive, though its name ends in \.csv"),
    ("sheet.csv", _zip("[Content_Types].xml"), r"is an Office file such as a spreadsh"),
    ("sheet.xlsx", _zip(), r"sheet\.xlsx is a spreadsheet"),
    ("data.zip", _zip(), r"is an archive"),
    ("lite.csv", b"SQLite format 3\x00", r"is an SQLite database"),
    ("p.csv", pickle.dumps([1]), r"is a pickle, though its name ends in \.csv"),
    ("p.txt", pickle.dumps([1], protocol=2), r"is a pickle"),
    ("noending", pickle.dumps([1]), r"is a pickle, though its name has no ending"),
    ("p.pkl", pickle.dumps([1]), r"p\.pkl is a pickle, which dovetail does not read"),
    ("p.pickle", GOOD, r"is a pickle"),
    ("p.joblib", GOOD, r"is a pickle"),
    ("p.pt", GOOD, r"a torch file, a pickle"),
    ("p.PTH", GOOD, r"a torch file, a pickle"),
    ("p.pkl.gz", gzip.compress(pickle.dumps([1])), r"is a pickle"),
    ("h.h5", GOOD, r"an HDF5 file"),
    ("h.csv", b"\x89HDF\r\n\x1a\n", r"an HDF5 file"),
    ("a.npy", GOOD, r"a bare NumPy array"),
    ("a.csv", PARQUET, r"is a Parquet file, though its name ends in \.csv"),
    ("a.parquet", GOOD, r"a\.parquet does not start as a \.parquet file does"),
    ("a.parquet", PARQUET[:40], r"is no readable Parquet file"),
    ("a.parquet", _zip(), r"is a zip archive, though its name ends in \.parquet"),
    ("a.feather", b"ARROW1\0\0" + bytes(40), r"is no readable Arrow file"),
    ("a.feather", b"FEA1", r"a Feather file of version 1"),
    ("a.npz", _zip(), r"'a\.csv' is no array"),
    ("a.npz", _npz(x=np.zeros(2))[:-30], r"is no readable npz file"),
    ("a.npz", _npz(x=np.array([{}])), r"array 'x' holds Python objects, that is, a pi"),
    ("a.npz", _npz(x=np.zeros((1, 1, 1))), r"array 'x' has shape \(1, 1, 1\)"),
    ("a.npz", _npz(x=np.zeros(2), y=np.zeros(3)), r"'x' \(2,\), 'y' \(3,\)"),
    ("a.npz", _npz(x=np.zeros((1, 2)), x1=np.zeros(1)), r"give a column 'x1'"),
    ("s.parquet", _parquet(pa.table({"s": [{"k": 1}]})), r"s\.parquet: Column 's'"),
    ("j.jsonl", b'{"a": 1}\n{"a": \n', r"j\.jsonl, line 2: a JSON object was needed"),
    ("j.jsonl", b'{"a": 1}\n\n[1]\n', r"line 3: .* found an array"),
    ("j.json", b"[1, 2]", r"j\.json, item 1: an object was needed, found a number"),
    ("j.json", b'[{"a": 1}, "x"]', r"item 2: an object was needed, found text"),
    ("j.json", b"[{", r"is no valid JSON"),
    ("j.json", b"[]", r"holds no rows"),
    ("j.jsonl", b"{}\n{}\n", r"holds no rows"),
    ("j.jsonl", b'{"a": {"b": 1}}\n', r"j\.jsonl: Column 'a' holds "),
    ("x.arff", ARFF, r"x\.arff has no rows behind @data"),
    ("x.arff", ARFF[:-6], r"has no @data line"),
    ("x.arff", b"@data\n1\n", r"has no @attribute line"),
    ("x.arff", b"@attribute a real\n@attribute a real\n@data\n1,2", r"'a' twice"),
    ("x.arff", b"%\nnonsense\n@data\n1", r"line 2: 'nonsense' stands in the header"),
    ("x.arff", b"@attribute a\n@data\n1", r"line 1: cannot read the declaration"),
    ("x.arff", b"@attribute a {x,y\n@data\n1", r"'a' declares no closed list"),
    ("x.arff", b"@attribute a relational\n@data\n1", r"has the type 'relational'"),
    ("x.arff", b"@attribute a date 'QQ'\n@data\n1", r"has the date format 'QQ'"),
    ("x.arff", ARFF + b"1,red\n\n1,rad\n", r"line 7, column 'k': 'rad' .* 'red'\?"),
    ("x.arff", ARFF + b"1,red\n% x\nz,red\n", r"line 7, column 'x': 'z' is no number"),
    ("x.arff", ARFF + b"1,red\n1\n", r"line 6: 1 cells found, 2 needed"),
    ("x.arff", ARFF + b"%\n1,'red'\n1\n", r"line 7: 1 values found, 2 needed"),
    ("x.arff", ARFF + b"1,'red\n", r"line 5: broken quotation marks"),
    ("x.arff", ARFF + b"{0 1, 2 3}\n", r"line 5: index 2 is not below 2"),
    ("x.arff", ARFF + b"{0 1, 0 3}\n", r"line 5: index 0 stands twice"),
    ("x.arff", ARFF + b"{0 1\n", r"a sparse row needs a closing }"),
    ("x.arff", ARFF + b"{red}\n", r"index and value needed at 'red'"),
    ("x.arff", WHEN + b"2011-01-01\n2011-13-01\n", r"line 5, column 't': .* no date"),
    ("x.arff", WHEN + b"{}\n", r"leaves out 't', a date"),
]


@pytest.mark.parametrize(
    ("name", "raw", "message"), CASES, ids=[f"{c[0]}: {c[2]}" for c in CASES]
)
def test_what_cannot_be_read(tmp_path, name, raw, message) -> None:
    path = tmp_path / name
    path.write_bytes(raw)
    with pytest.raises(DataError, match=message) as caught:
        read_table(path)
    assert str(path) in caught.value.message
    assert caught.value.fix
    assert caught.value.exit_code == 3
    assert caught.value.__cause__ is None


def test_a_missing_file_has_a_suggestion(tmp_path) -> None:
    (tmp_path / "train.csv").write_bytes(GOOD)
    with pytest.raises(DataError, match=r"does not exist\. Did you mean 'train.csv'"):
        read_table(tmp_path / "trian.csv")
    with pytest.raises(DataError, match=r"does not exist\.\n"):
        read_table(tmp_path / "quite_other.parquet")
    with pytest.raises(DataError, match="there is no folder"):
        read_table(tmp_path / "nowhere" / "train.csv")
    with pytest.raises(DataError, match="does not exist"):
        read_table(tmp_path / "train.csv" / "x.csv")
    with pytest.raises(DataError, match="does not exist"):
        read_table(tmp_path / "gone.pkl")
    with pytest.raises(DataError, match="cannot be opened"):
        read_table("a\0b.csv")
    with pytest.raises(DataError, match="cannot be opened"):
        read_table("x" * 5000)


def test_a_folder_is_no_table(tmp_path) -> None:
    (tmp_path / "d.pkl").mkdir()
    for folder in (tmp_path, tmp_path / "d.pkl"):
        with pytest.raises(DataError, match="is a folder"):
            read_table(folder)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission(tmp_path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(GOOD)
    path.chmod(0)
    with pytest.raises(DataError, match="cannot be read: Permission denied"):
        read_table(path)


def test_a_disk_error_while_reading(tmp_path, monkeypatch) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(GOOD)

    def broken(self):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(type(path), "read_bytes", broken)
    with pytest.raises(DataError, match=r"t\.csv cannot be read: Input/output error"):
        read_table(path)


@pytest.mark.parametrize(
    ("name", "option"),
    [
        ("a.parquet", {"columns": ["x"]}),
        ("a.parquet", {"sep": ","}),
        ("a.parquet", {"encoding": "utf-8"}),
        ("a.arff", {"sep": ","}),
        ("a.jsonl", {"columns": ["a"]}),
        ("a.npz", {"encoding": "utf-8"}),
    ],
)
def test_options_without_meaning_are_refused(tmp_path, name, option) -> None:
    raw = {"a.parquet": PARQUET, "a.npz": _npz(x=np.zeros(2))}.get(name, GOOD)
    (tmp_path / name).write_bytes(raw)
    with pytest.raises(ConfigError, match=f"--{next(iter(option))} has no meaning"):
        read_table(tmp_path / name, **option)


def test_unknown_values_of_options(tmp_path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(GOOD)
    with pytest.raises(ConfigError, match=r"on_bad is 'skp'\. Did you mean 'skip'"):
        read_table(path, on_bad="skp")
    with pytest.raises(ConfigError, match=r"encoding 'uft-8'\. Did you mean"):
        read_table(path, encoding="uft-8")
    for codec in ("hex", "rot13", "", "a\0b", "?"):
        with pytest.raises(ConfigError, match="no text encoding"):
            read_table(path, encoding=codec)


def test_no_pickle_is_ever_run(tmp_path) -> None:
    class Bomb:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "ran"),)

    for protocol in range(6):
        raw = pickle.dumps(Bomb(), protocol=protocol)
        for name in ("b.pkl", "b.csv", "b.npz", "b.parquet", "b.json", "b.arff", "b"):
            (tmp_path / name).write_bytes(raw)
            # The oldest two protocols are printable, and may pass for one text column.
            with contextlib.suppress(DataError):
                read_table(tmp_path / name)
                assert protocol < 2
    (tmp_path / "o.npz").write_bytes(_npz(x=np.array([Bomb()], dtype=object)))
    with pytest.raises(DataError, match="holds Python objects"):
        read_table(tmp_path / "o.npz")
    assert not (tmp_path / "ran").exists()
