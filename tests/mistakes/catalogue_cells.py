"""Text in another encoding, and rows and cells that are not what was meant."""

from tests.mistakes.files import (
    HOUSES,
    ROWS,
    csv,
    houses,
    quoted,
)
from tests.mistakes.row import Mistake

PLAN = "fit {} --target price --dry-run"


def fit(name: str) -> str:
    return PLAN.format(name)


ENCODINGS = [
    Mistake(
        "the file is GBK",
        "fit gbk.csv --target 价格 --dry-run",
        0,
        ("read as gb18030, since it is no UTF-8; force another with --encoding",),
        files={
            "gbk.csv": houses(without=["price"], 价格=HOUSES["price"])
            .replace("Delft", "北京市")
            .encode("gbk")
        },
    ),
    Mistake(
        "the file is UTF-16, as Excel's Unicode text",
        fit("utf16.txt"),
        0,
        ("The column price.", "Rows 60 rows"),
        files={"utf16.txt": houses(sep="\t").encode("utf-16")},
    ),
    Mistake(
        "the file is UTF-16 without a mark",
        fit("bare.csv"),
        3,
        ("bare.csv is no text: byte 2, in line 1, is zero.",),
        "--encoding utf-16-le",
        {"bare.csv": houses().encode("utf-16-le")},
    ),
    Mistake(
        "the file starts with a byte order mark",
        "fit bom.csv --target area --dry-run",
        0,
        ("The column area.", "Rows 60 rows"),
        files={"bom.csv": houses().encode("utf-8-sig")},
    ),
    Mistake(
        "the file is Windows-1252",
        fit("western.csv"),
        0,
        ("read as cp1252, since it is no UTF-8",),
        files={"western.csv": houses().replace("Delft", "Zürich").encode("cp1252")},
    ),
    Mistake(
        "the wrong encoding is forced",
        fit("gbk.csv") + " --encoding utf-8",
        3,
        ("gbk.csv, line 2: byte 0xb1 is not utf-8.",),
        "leave --encoding out to have it told",
        {"gbk.csv": houses().replace("Delft", "北京市").encode("gbk")},
    ),
    Mistake(
        "the encoding's name is misspelt",
        fit("houses.csv") + " --encoding utf8-sgi",
        4,
        ("There is no text encoding 'utf8-sgi'.", "Did you mean"),
        "utf-8",
    ),
    Mistake(
        "zero bytes stand in the text",
        fit("zero.csv"),
        3,
        ("zero.csv is no text: byte", "in line 3, is zero."),
        "remove the zero bytes",
        {"zero.csv": houses({"city": {1: "De\0ft"}})},
    ),
    Mistake(
        "lines end with carriage returns, as on old Macs",
        fit("mac.csv"),
        0,
        ("The column price.", "Rows 60 rows"),
        files={"mac.csv": houses().replace("\n", "\r")},
    ),
]

ROWS_AND_CELLS = [
    Mistake(
        "the wrong separator is given",
        fit("houses.csv") + " --sep ';'",
        3,
        (
            "houses.csv: target: no column is named 'price'.",
            "the separator ';' does not occur: one column; the lines fit ','",
        ),
        "name a column of the table",
    ),
    Mistake(
        "the wrong separator is given, and it occurs",
        fit("semi.csv") + " --sep ,",
        3,
        ("semi.csv, line 2: 2 cells found, 1 needed.", "but the lines fit ';'."),
        "give --sep ';', or leave it out",
        {"semi.csv": houses(sep=";", area=lambda i: f"{i},5")},
    ),
    Mistake(
        "the separator is a word",
        fit("houses.csv") + " --sep pipes",
        4,
        ("'pipes' cannot separate cells.",),
        "give one character",
    ),
    Mistake(
        "a quotation mark is never closed",
        fit("quote.csv"),
        3,
        ("quote.csv, line 5: the quotation mark that opens the cell", "never closed"),
        "--on-bad skip",
        {"quote.csv": houses({"city": {3: '"Delft, south'}})},
    ),
    Mistake(
        "a line has too many cells",
        fit("ragged.csv"),
        3,
        ("ragged.csv, line 4: 8 cells found, 7 needed.",),
        "--on-bad skip",
        {"ragged.csv": houses({"city": {2: "Delft,south"}})},
    ),
    Mistake(
        "such lines are left out",
        fit("ragged.csv") + " --on-bad skip",
        0,
        ("1 line(s) without 7 cells left out, the first is line 4",),
        files={"ragged.csv": houses({"city": {2: "Delft,south"}})},
    ),
    Mistake(
        "a title stands above the header",
        fit("title.csv"),
        3,
        ("title.csv", "line 1 holds one cell, 61 lines below it hold 7"),
        "name a column of the table",
        {"title.csv": "Sales of houses 2024\n\n" + houses()},
    ),
    Mistake(
        "the header is missing",
        fit("bare.csv"),
        3,
        (
            "bare.csv: target: no column is named 'price'. Columns: '0', '1'",
            "no header: line 1 holds the number '40.0', so columns are named 0 to 6; "
            "name them with --columns.",
        ),
        "name a column of the table",
        {"bare.csv": houses().split("\n", 1)[1]},
    ),
    Mistake(
        "a header of words only has no names",
        "fit words.csv --target city --dry-run",
        3,
        ("no column is named 'city'", "Columns:"),
        "name a column of the table",
        {"words.csv": csv({c: HOUSES[c] for c in ("city", "sold")}).split("\n", 1)[1]},
    ),
    Mistake(
        "two columns have one name",
        fit("twice.csv"),
        3,
        ("twice.csv, line 1: column names appear more than once: 'area'.",),
        "rename them in the file",
        {"twice.csv": houses().replace("rooms", "area", 1)},
    ),
    Mistake(
        "a column has no name",
        fit("noname.csv"),
        3,
        ("noname.csv, line 1: column 2 of 7 has no name in the header.",),
        "name them in the file",
        {"noname.csv": houses().replace("rooms", "", 1)},
    ),
    Mistake(
        "--columns names too few",
        "fit bare.csv --columns area,rooms --target area --dry-run",
        3,
        ("bare.csv has 7 columns, --columns names 2.",),
        "name all 7",
        {"bare.csv": houses().split("\n", 1)[1]},
    ),
    Mistake(
        "decimals have a comma, cells a semicolon",
        fit("comma.csv"),
        0,
        ("column 'area': commas taken for decimal commas",),
        files={"comma.csv": houses(sep=";").replace(".", ",")},
    ),
    Mistake(
        "decimals have a comma, and so do cells",
        fit("comma.csv"),
        3,
        ("comma.csv, line 2: 9 cells found, 7 needed.",),
        "repair the line",
        {"comma.csv": houses().replace(".", ",")},
    ),
    Mistake(
        "decimals have a comma in quotation marks",
        fit("comma.csv"),
        0,
        ("column 'area': text such as '40,0'", "write decimal commas as points"),
        files={
            "comma.csv": houses(
                area=quoted(a.replace(".", ",") for a in HOUSES["area"])
            )
        },
    ),
    Mistake(
        "thousands are separated",
        fit("thousands.csv"),
        0,
        ("column 'price': commas taken for thousands separators ('1,000')",),
        files={
            "thousands.csv": houses(price=lambda i: f'"{1000 + i * i * 7 % 997:,}"')
        },
    ),
    Mistake(
        "cells have a currency sign",
        fit("dollars.csv"),
        0,
        ("column 'price': numbers with the sign $, '$1,000.50' read as 1000.5",),
        files={
            "dollars.csv": houses(price=lambda i: f'"${1000.5 + i * i * 7 % 997:,.2f}"')
        },
    ),
    Mistake(
        "cells have a per cent sign",
        fit("percent.csv"),
        0,
        ("column 'share': numbers with the sign %, '0 %' read as 0",),
        files={"percent.csv": houses(share=lambda i: f"{i * 7 % 100} %")},
    ),
    Mistake(
        "units stand in the cells",
        fit("units.csv"),
        0,
        ("column 'area': text such as '40 m2'", "write the numbers alone"),
        files={"units.csv": houses(area=lambda i: f"{40 + i * 7 % 50} m2")},
    ),
    Mistake(
        "dates begin with the day",
        fit("days.csv"),
        0,
        ("1 date or time (built)",),
        files={
            "days.csv": houses(
                built=lambda i: f"{1 + i * 7 % 28}/{1 + i % 12}/{1950 + i}"
            )
        },
    ),
    Mistake(
        "dates could begin with the day or the month",
        fit("either.csv"),
        0,
        ("could begin with the day or the month; write dates as 2024-12-31",),
        files={
            "either.csv": houses(
                built=lambda i: f"{1 + i * 7 % 12}/{1 + i % 12}/{1950 + i}"
            )
        },
    ),
    Mistake(
        "numbers and words are mixed in one column",
        fit("mixed.csv"),
        0,
        ("column 'rooms': text, since 1 of 60 cells are no numbers: 'many'",),
        files={"mixed.csv": houses({"rooms": {7: "many"}})},
    ),
    Mistake(
        "a number is infinite",
        fit("infinite.csv"),
        3,
        ("infinite.csv: column 'area', data row 8: inf is not finite.",),
        "replace infinite cells",
        {"infinite.csv": houses({"area": {7: "inf"}})},
    ),
    Mistake(
        "a number is too large for any float",
        fit("huge.csv"),
        3,
        ("huge.csv: column 'area', data row 8: inf is not finite.",),
        "replace infinite cells",
        {"huge.csv": houses({"area": {7: "1e999"}})},
    ),
    Mistake(
        "a cell of ten megabytes",
        fit("long.csv"),
        0,
        ("The column price.", "Rows 60 rows"),
        files={"long.csv": houses({"city": {7: "x" * 10_000_000}})},
    ),
    Mistake(
        "ten thousand columns",
        fit("wide.csv"),
        0,
        ("The column price.", "Rows 60 rows"),
        files={
            "wide.csv": houses(
                **{
                    f"x{j}": [str(i * j % 7 * (j < 300)) for i in range(ROWS)]
                    for j in range(9_993)
                }
            )
        },
    ),
    Mistake(
        "names in Chinese and emoji",
        "fit 房.csv --target 价格 --dry-run",
        0,
        ("价格", "🏠"),
        files={
            "房.csv": houses(
                **{"价格": HOUSES["price"], "🏠": HOUSES["area"]}, without=["area"]
            )
        },
    ),
]
