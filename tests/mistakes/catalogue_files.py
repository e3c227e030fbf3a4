"""Files that are not what they were taken for, or cannot be read at all."""

import numpy as np

from tests.mistakes.files import (
    HOUSES,
    ROWS,
    a_folder,
    a_pickle,
    archive,
    arrow,
    houses,
    link_to,
    npz,
    packed,
    parquet,
    unreadable,
)
from tests.mistakes.row import Mistake

PLAN = "fit {} --target price --dry-run"


def fit(name: str) -> str:
    return PLAN.format(name)


HTML = "<!DOCTYPE html>\n<html><body>404 Not Found</body></html>\n"
POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n"
JSON_LINES = "".join(
    f'{{"area": {a}, "price": {p}}}\n'
    for a, p in zip(HOUSES["area"], HOUSES["price"], strict=True)
)

FILES = [
    Mistake(
        "the name of the file is misspelt",
        fit("house.csv"),
        3,
        ("house.csv does not exist.", "Did you mean 'houses.csv'?"),
        "check the path",
    ),
    Mistake(
        "the file's folder does not exist",
        fit("dta/houses.csv"),
        3,
        ("dta/houses.csv does not exist", "there is no folder dta"),
        "relative paths start at the current folder",
    ),
    Mistake(
        "the data is an address on the web",
        fit("https://example.org/houses.csv"),
        3,
        ("https://example.org/houses.csv is an address, not a file.",),
        "download the file",
    ),
    Mistake(
        "several files are named by a pattern in quotes",
        fit("'*.csv'"),
        3,
        ("*.csv does not exist",),
        "one file",
    ),
    Mistake(
        "several files are given",
        "fit houses.csv more.csv --target price --dry-run",
        2,
        ("'more.csv' is one argument too many.",),
        "--help shows the arguments",
    ),
    Mistake(
        "a folder is given for a file",
        fit("houses"),
        3,
        ("houses is a folder; a table is one file.",),
        "name a file in it",
        {"houses": a_folder},
    ),
    Mistake(
        "a link leads nowhere",
        fit("link.csv"),
        3,
        ("link.csv is a link to 'gone.csv', which does not exist.",),
        "mend the link",
        {"link.csv": link_to("gone.csv")},
    ),
    Mistake(
        "a link leads to itself",
        fit("link.csv"),
        3,
        ("'link.csv' cannot be opened", "symbolic links"),
        "check the path",
        {"link.csv": link_to("link.csv")},
    ),
    Mistake(
        "the file may not be read",
        fit("locked.csv"),
        3,
        ("locked.csv cannot be read: Permission denied.",),
        "check the file's permissions",
        {"locked.csv": unreadable},
        child="unprivileged",
    ),
    Mistake(
        "the file is empty",
        fit("empty.csv"),
        3,
        ("empty.csv is empty.",),
        "give a file with a header and rows",
        {"empty.csv": ""},
    ),
    Mistake(
        "the file holds blank lines only",
        fit("blank.csv"),
        3,
        ("blank.csv is empty: it holds only blank lines.",),
        "give a file with a header and rows",
        {"blank.csv": "\n \n\n"},
    ),
    Mistake(
        "the file has a header and no rows",
        fit("head.csv"),
        3,
        ("head.csv has a header and no rows.",),
        "add rows",
        {"head.csv": "area,rooms,price\n"},
    ),
    Mistake(
        "the file has one line of numbers only",
        fit("one.csv"),
        3,
        ("one.csv has one line only, without column names.",),
        "add a header line",
        {"one.csv": "55.5,3,200\n"},
    ),
    Mistake(
        "a pickle is given as data",
        fit("houses.pkl"),
        3,
        ("houses.pkl is a pickle, which dovetail does not read.",),
        "save the table as Parquet or CSV",
        {"houses.pkl": a_pickle()},
    ),
    Mistake(
        "a pickle has the name of a CSV",
        fit("houses2.csv"),
        3,
        ("houses2.csv is a pickle, though its name ends in .csv.",),
        "save the table as Parquet or CSV",
        {"houses2.csv": a_pickle()},
    ),
    Mistake(
        "an Excel file is given as data",
        fit("houses.xlsx"),
        3,
        ("houses.xlsx is a spreadsheet, which dovetail does not read.",),
        "save the table as Parquet or CSV",
        {"houses.xlsx": archive("[Content_Types].xml")},
    ),
    Mistake(
        "an Excel file was renamed to CSV",
        fit("sheet.csv"),
        3,
        ("sheet.csv is an Office file such as a spreadsheet, though its name ends in",),
        "save the table as Parquet or CSV",
        {"sheet.csv": archive("[Content_Types].xml")},
    ),
    Mistake(
        "a zip archive is given as data",
        fit("houses.zip"),
        3,
        ("houses.zip is an archive, which dovetail does not read.",),
        "unpack it",
        {"houses.zip": archive("houses.csv")},
    ),
    Mistake(
        "a page of the web was saved as CSV",
        fit("page.csv"),
        3,
        ("page.csv is an HTML page, though its name ends in .csv.",),
        "fetch the file itself",
        {"page.csv": HTML},
    ),
    Mistake(
        "the file is a pointer of Git LFS",
        fit("big.csv"),
        3,
        ("big.csv is a pointer of Git LFS, though its name ends in .csv.",),
        "git lfs pull",
        {"big.csv": POINTER},
    ),
    Mistake(
        "JSON lines have the name of a CSV",
        fit("lines.csv"),
        3,
        ("lines.csv is JSON, though its name ends in .csv.",),
        "ends in .jsonl",
        {"lines.csv": JSON_LINES},
    ),
    Mistake(
        "a CSV has the name of JSON",
        fit("houses.json"),
        3,
        ("houses.json, line 1: a JSON object was needed",),
        "write one object {...} in each line",
        {"houses.json": houses()},
    ),
    Mistake(
        "JSON is an array instead of lines",
        fit("array.json"),
        0,
        ("The column price.", "Rows 60 rows"),
        files={"array.json": "[" + ",".join(JSON_LINES.split("\n")[:-1]) + "]"},
    ),
    Mistake(
        "JSON is one object around the rows",
        fit("wrapped.json"),
        3,
        ("wrapped.json is one object, and its 'data' holds the rows.",),
        "save what stands under 'data' as a file of its own",
        {"wrapped.json": '{"data": [{"area": 1, "price": 2}], "n": 1}'},
    ),
    Mistake(
        "a line of JSON is cut short",
        fit("cut.jsonl"),
        3,
        (f"cut.jsonl, line {ROWS}: a JSON object was needed",),
        "write one object {...} in each line",
        {"cut.jsonl": JSON_LINES[:-9]},
    ),
    Mistake(
        "a Parquet file is cut short",
        fit("cut.parquet"),
        3,
        ("cut.parquet is no readable Parquet file",),
        "fetch or write it again",
        {"cut.parquet": parquet(arrow())[:-40]},
    ),
    Mistake(
        "a CSV has the name of Parquet",
        fit("houses.parquet"),
        3,
        ("houses.parquet does not start as a .parquet file does",),
        "give it the name of what it is",
        {"houses.parquet": houses()},
    ),
    Mistake(
        "Parquet holds tables inside cells",
        fit("nested.parquet"),
        3,
        ("nested.parquet: Column 'price' holds struct<",),
        "convert the column, or drop it",
        {"nested.parquet": parquet(arrow(price=[{"eur": 1}] * ROWS))},
    ),
    Mistake(
        "a gzip file is cut short",
        fit("cut.csv.gz"),
        3,
        ("cut.csv.gz is damaged or cut short",),
        "fetch or write it again",
        {"cut.csv.gz": packed(houses())[:-20]},
    ),
    Mistake(
        "a gzip file lost its ending",
        fit("packed.csv"),
        3,
        ("packed.csv is a gzip file, though its name ends in .csv.",),
        "ends in .gz",
        {"packed.csv": packed(houses())},
    ),
    Mistake(
        "NumPy arrays of different length",
        fit("arrays.npz"),
        3,
        ("arrays.npz", "different numbers of rows", "'area' (3,), 'price' (2,)"),
        "save arrays of one table only",
        {"arrays.npz": npz(area=np.zeros(3), price=np.zeros(2))},
    ),
]
