"""Columns that are named wrongly, or hold what they should not."""

from tests.mistakes.files import HOUSES, houses
from tests.mistakes.row import Mistake


def fit(target: str, more: str = "", data: str = "houses.csv") -> str:
    return f"fit {data} --target {target} --dry-run {more}".rstrip()


NAMES = [
    Mistake(
        "the target's name is misspelt",
        fit("pirce"),
        3,
        ("target: no column is named 'pirce'.", "Did you mean 'price'?", "Columns:"),
        "name a column of the table",
    ),
    Mistake(
        "the target is in another case",
        fit("Price"),
        3,
        ("no column is named 'Price'.", "Did you mean 'price'?"),
        "name a column of the table",
    ),
    Mistake(
        "no target is named",
        "fit houses.csv",
        2,
        ("--target is missing.", "Its columns: 'area', 'rooms'"),
        "dovetail fit houses.csv --target COL",
    ),
    Mistake(
        "a pattern of targets matches nothing",
        fit("'label_*'"),
        3,
        ("target: no column matches 'label_*'.", "Columns: 'area'"),
        "a glob ('label_*')",
    ),
    Mistake(
        "a range of targets runs backwards",
        fit("rooms:area"),
        3,
        ("the range 'rooms:area' runs backwards",),
        "write it as 'area:rooms'",
    ),
    Mistake(
        "the target is named twice",
        fit("price price"),
        0,
        ("The column price.",),
    ),
    Mistake(
        "the target is dropped too",
        fit("price", "--drop price"),
        4,
        ("Column 'price' is to be dropped, yet it is a target",),
        "take it out of --drop",
    ),
    Mistake(
        "a column to drop is misspelt",
        fit("price", "--drop citty"),
        3,
        ("drop: no column is named 'citty'.", "Did you mean 'city'?"),
        "name a column of the table",
    ),
    Mistake(
        "every column but the target is dropped",
        fit("price", "--drop area:heated sold"),
        3,
        ("No input column is left to learn from.", "'area' (dropped as asked)"),
        "add columns",
    ),
    Mistake(
        "a kind is given to an unknown column",
        fit("price", "--kind citty=category"),
        3,
        ("kind: no column is named 'citty'.", "Did you mean 'city'?"),
        "name a column of the table",
    ),
    Mistake(
        "there is no such kind",
        fit("price", "--kind city=categry"),
        4,
        ("Column 'city': unknown kind 'categry'.", "Did you mean 'category'?"),
        "choose one of number, category",
    ),
    Mistake(
        "words are to be numbers",
        fit("price", "--kind city=number"),
        3,
        ("houses.csv: column 'city', data row 1: 'Delft' is not a number.",),
        "--kind city=...",
    ),
    Mistake(
        "the target is given a kind",
        fit("price", "--kind price=number"),
        4,
        ("Column 'price' is a target, yet has the kind 'number'.",),
        "give kinds to input columns",
    ),
    Mistake(
        "the weight column is misspelt",
        fit("price", "--weight wieght", "w.csv"),
        3,
        ("weight: no column is named 'wieght'.", "Did you mean 'weight'?"),
        "name a column of the table",
        {"w.csv": houses(weight=lambda i: "1")},
    ),
    Mistake(
        "a weight is negative",
        fit("price", "--weight weight", "w.csv"),
        3,
        ("The weight column 'weight' has -1 in data row 3",),
        "correct the cell",
        {"w.csv": houses({"weight": {2: "-1"}}, weight=lambda i: "1")},
    ),
    Mistake(
        "all weights are zero",
        fit("price", "--weight weight", "w.csv"),
        3,
        ("The weight column 'weight' is 0 in all 60 rows: no row counts.",),
        "name another weight column",
        {"w.csv": houses(weight=lambda i: "0")},
    ),
    Mistake(
        "weights are words",
        fit("price", "--weight city"),
        3,
        ("The weight column 'city' holds text",),
        "weights are numbers >= 0",
    ),
    Mistake(
        "a weight is missing",
        fit("price", "--weight weight", "w.csv"),
        3,
        ("The weight column 'weight' is missing in data row 3 (1 rows in all).",),
        "fill these cells or drop the rows",
        {"w.csv": houses({"weight": {2: ""}}, weight=lambda i: "1")},
    ),
    Mistake(
        "all rows are of one group",
        fit("price", "--group block", "g.csv"),
        3,
        ("The rows form 1 group; dividing them takes 3 or more.",),
        "name another group column",
        {"g.csv": houses(block=lambda i: "north")},
    ),
    Mistake(
        "times cannot be read",
        fit("price", "--time city"),
        3,
        ("column 'city', data row 1: 'Delft' is not a date or time",),
        "order by a column of dates or times",
    ),
    Mistake(
        "groups and times are both asked for",
        fit("price", "--group city --time built"),
        4,
        ("Rows cannot be divided by group and by time at once",),
        "choose one of the two",
    ),
    Mistake(
        "an identifier is among the columns",
        fit("price", "", "id.csv"),
        0,
        ("id (identifier: named an id, and every integer differs)",),
        files={"id.csv": houses(id=lambda i: str(1000 + i))},
    ),
    Mistake(
        "a column leaks the target",
        fit("price", "", "leak.csv"),
        0,
        ("Leak:", "cents", "--drop cents"),
        files={
            "leak.csv": houses(cents=[f"{100 * float(p):.0f}" for p in HOUSES["price"]])
        },
    ),
    Mistake(
        "the target is among the inputs under another name",
        fit("price", "", "copy.csv"),
        0,
        ("Leak:", "asked", "--drop asked"),
        files={"copy.csv": houses(asked=HOUSES["price"])},
    ),
    Mistake(
        "a column is the same in every row",
        fit("price", "", "same.csv"),
        0,
        ("country", "every cell is 'NL'"),
        files={"same.csv": houses(country=lambda i: "NL")},
    ),
    Mistake(
        "a column is empty",
        fit("price", "", "hollow.csv"),
        0,
        ("garden", "every cell is missing"),
        files={"hollow.csv": houses(garden=lambda i: "")},
    ),
]
