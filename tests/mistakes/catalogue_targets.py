"""Targets that cannot be learnt as they are, and files that do not fit each other."""

from tests.mistakes.files import ROWS, houses, quoted
from tests.mistakes.row import Mistake


def fit(target: str, more: str = "", data: str = "houses.csv") -> str:
    return f"fit {data} --target {target} --dry-run {more}".rstrip()


TARGETS = [
    Mistake(
        "some targets are missing",
        fit("price", "", "gaps.csv"),
        0,
        ("2 rows without a target were set aside.",),
        files={"gaps.csv": houses({"price": {3: "", 9: "NA"}})},
    ),
    Mistake(
        "all targets are missing",
        fit("price", "", "gaps.csv"),
        3,
        ("Target column 'price' has no value: all 60 cells are missing.",),
        "choose another target column",
        {"gaps.csv": houses(price=lambda i: "")},
    ),
    Mistake(
        "all targets are one class",
        fit("sold", "", "one.csv"),
        3,
        ("Target column 'sold' holds one distinct value, 'yes', in all 60 rows",),
        "choose a target that varies",
        {"one.csv": houses(sold=lambda i: "yes")},
    ),
    Mistake(
        "all targets are one number",
        fit("price", "", "one.csv"),
        3,
        ("Target column 'price' holds one distinct value, 200.0, in all 60 rows",),
        "choose a target that varies",
        {"one.csv": houses(price=lambda i: "200.0")},
    ),
    Mistake(
        "every row has a class of its own",
        fit("note", "", "n.csv"),
        3,
        ("Target column 'note' holds text, nearly every value distinct",),
        "choose another target",
        {"n.csv": houses(note=lambda i: f"house no {i} by the canal")},
    ),
    Mistake(
        "fewer rows than it takes to divide them",
        fit("city", "", "few.csv"),
        3,
        ("2 rows to learn from; dividing them takes 3 or more.",),
        "add rows",
        {"few.csv": houses(rows=2)},
    ),
    Mistake(
        "hardly more rows than classes",
        fit("kind", "--task multiclass", "few.csv"),
        0,
        ("most rows are the only ones of their stratum",),
        files={"few.csv": houses(rows=5, kind=lambda i: "abcda"[i % 5])},
    ),
    Mistake(
        "three rows",
        fit("price", "", "few.csv"),
        0,
        ("The column price.", "Rows 3 rows"),
        files={"few.csv": houses(rows=3)},
    ),
    Mistake(
        "one row is left to learn from",
        fit("price", "", "few.csv"),
        3,
        ("holds one distinct value, 100.0, in all 1 rows (1 of 2 cells missing)",),
        "choose a target that varies",
        {"few.csv": houses({"price": {1: ""}}, rows=2)},
    ),
    Mistake(
        "labels differ by case",
        fit("sold", "", "case.csv"),
        0,
        ("Labels 'No' and 'no' of 'sold' differ in case or blanks only",),
        files={"case.csv": houses({"sold": {1: "No", 4: "No", 10: "No"}})},
    ),
    Mistake(
        "labels differ by blanks around them",
        fit("sold", "", "blanks.csv"),
        0,
        ("sold",),
        files={"blanks.csv": houses({"sold": {1: " no", 4: "yes "}})},
    ),
    Mistake(
        "labels in quotation marks differ by blanks",
        fit("city", "", "blanks.csv"),
        0,
        ("Labels 'Delft ' and 'Delft' of 'city' differ in case or blanks only",),
        files={"blanks.csv": houses({"city": {0: '"Delft "', 3: '"Delft "'}})},
    ),
    Mistake(
        "labels are very long",
        fit("city", "", "long.csv"),
        0,
        ("city",),
        files={"long.csv": houses(city=lambda i: "abc"[i % 3] * 5000)},
    ),
    Mistake(
        "all rows are the same",
        fit("sold", "", "same.csv"),
        3,
        ("Target column 'sold' holds one distinct value",),
        "choose a target that varies",
        {"same.csv": "area,sold\n" + "50,yes\n" * 60},
    ),
    Mistake(
        "a count is negative",
        fit("visits", "--task count", "n.csv"),
        3,
        ("Target column 'visits', data row 3: -1 is not a count 0, 1, 2, ...",),
        "use Regression",
        {"n.csv": houses({"visits": {2: "-1"}}, visits=lambda i: str(i % 9))},
    ),
    Mistake(
        "a proportion is above 1",
        fit("share", "", "p.csv"),
        0,
        ("Numbers 0..1.2", "Regression"),
        "",
        {"p.csv": houses({"share": {2: "1.2"}}, share=lambda i: f"{i * 7 % 50 / 50}")},
    ),
    Mistake(
        "a word stands among the numbers of the target",
        fit("price", "--task regression", "w.csv"),
        3,
        ("w.csv: Target column 'price', data row 5: 'sold out' is text",),
        "correct the cell",
        {"w.csv": houses({"price": {4: "sold out"}})},
    ),
    Mistake(
        "an infinite number stands in the target",
        fit("price", "", "i.csv"),
        3,
        ("i.csv: Target column 'price' has the value inf in data row 5",),
        "correct the cell or drop the row",
        {"i.csv": houses({"price": {4: "inf"}})},
    ),
    Mistake(
        "words are to be regressed",
        fit("city", "--task regression"),
        3,
        ("Target column 'city', data row 1: 'Delft' is text, a number was needed.",),
        "choose a task for labels",
    ),
    Mistake(
        "a target of three classes is to be binary",
        fit("city", "--task binary"),
        3,
        ("Target column 'city': Binary needs exactly two distinct values, got 3",),
        "use Multiclass",
    ),
    Mistake(
        "dates are the target",
        fit("built"),
        3,
        ("Target column 'built' holds dates", "no task predicts a point in time."),
        "make it a number",
    ),
    Mistake(
        "the target is the row's number",
        fit("id", "", "id.csv"),
        3,
        ("Target column 'id' holds 60 whole numbers that are all different",),
        "choose another target",
        {"id.csv": houses(id=lambda i: str(i))},
    ),
    Mistake(
        "amounts in a currency are the target",
        fit("price", "", "dollars.csv"),
        0,
        ("Regression", "'$1,000.50'"),
        files={
            "dollars.csv": houses(price=lambda i: f'"${1000.5 + i * i * 7 % 997:,.2f}"')
        },
    ),
    Mistake(
        "the positive label does not occur",
        fit("sold", "--positive yess"),
        3,
        ("The positive label 'yess' is not in the target",),
        "choose 'no' or 'yes'",
    ),
    Mistake(
        "a positive label for numbers",
        fit("price", "--positive 200"),
        4,
        ("A positive label was given, but the task is",),
        "choose a target with two values",
    ),
    Mistake(
        "lists of labels in one column",
        fit("tags", "", "tags.csv"),
        0,
        ("MultiLabel",),
        files={
            "tags.csv": houses(
                tags=quoted(
                    ["a,b", "b", "a,c", "c", "a,b,c"][i % 5] for i in range(ROWS)
                )
            )
        },
    ),
]

TWO_FILES = [
    Mistake(
        "the second file lacks the target",
        fit("price", "--valid v.csv"),
        3,
        ("v.csv has no target column 'price'; its columns: area",),
        "both files need the same columns",
        {"v.csv": houses(without=["price"])},
    ),
    Mistake(
        "the second file lacks a column",
        fit("price", "--test t.csv"),
        3,
        ("t.csv: 1 column is missing: 'city'",),
        "name the columns as in the training data",
        {"t.csv": houses(without=["city"])},
    ),
    Mistake(
        "the second file names a column otherwise",
        fit("price", "--test t.csv"),
        3,
        ("t.csv: 1 column is missing: 'city' (the table has 'City')",),
        "name the columns as in the training data",
        {"t.csv": houses().replace("city", "City", 1)},
    ),
    Mistake(
        "the second file does not exist",
        fit("price", "--valid vaild.csv"),
        3,
        ("vaild.csv does not exist.", "Did you mean 'valid.csv'?"),
        "check the path",
        {"valid.csv": houses()},
    ),
    Mistake(
        "the second file has a label that was never seen",
        fit("city", "--test t.csv"),
        3,
        ("t.csv: Target column 'city'", "'Breda' (1 rows, the first is data row 3)."),
        "correct these labels",
        {"t.csv": houses({"city": {2: "Breda"}})},
    ),
    Mistake(
        "the second file has words where numbers were",
        fit("price", "--test t.csv"),
        3,
        ("t.csv: column 'rooms', data row 3: 'many' is not a number.",),
        "correct the cell",
        {"t.csv": houses({"rooms": {2: "many"}})},
    ),
    Mistake(
        "all targets of the second file are missing",
        fit("price", "--test t.csv"),
        3,
        ("Every target in t.csv is missing.",),
        "add rows with a target",
        {"t.csv": houses(price=lambda i: "")},
    ),
    Mistake(
        "the file to test on is the one to learn from",
        fit("price", "--test houses.csv"),
        0,
        ("test= (--test) is the file that is learnt from",),
    ),
]
