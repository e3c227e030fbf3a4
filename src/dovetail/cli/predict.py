"""``dovetail predict``: the decision for each row of a table."""

import os
import sys
from pathlib import Path
from typing import Any

from dovetail._names import suggest
from dovetail.cli._command import Option, command
from dovetail.cli._options import (
    DATA_ARGUMENT,
    DEBUG,
    FILE,
    FORCE,
    JSON,
    MODEL_ARGUMENT,
    QUIET,
    READING,
    needed,
)
from dovetail.cli._output import emit_json, plain, refuse_file
from dovetail.cli._talk import noted, say
from dovetail.errors import UsageError

CSV = (".csv", ".tsv", ".csv.gz", ".tsv.gz")
FORMATS = (*CSV, ".jsonl", ".parquet", ".feather")


@command(
    "predict",
    usage="MODEL DATA [OPTIONS]",
    examples=[
        "dovetail predict models/adult-income new.csv --out predictions.csv",
        "dovetail predict models/adult-income new.csv --proba > probabilities.csv",
    ],
    options=[
        MODEL_ARGUMENT,
        DATA_ARGUMENT,
        Option(
            "--out",
            heading="output",
            type=FILE,
            metavar="FILE",
            help=".csv, .tsv, .jsonl, .parquet, .feather; else CSV on stdout.",
        ),
        Option(
            "--proba",
            heading="output",
            is_flag=True,
            help="Also the probability of each class or label.",
        ),
        Option(
            "--safe-csv",
            heading="output",
            is_flag=True,
            help="Keep spreadsheets from reading text cells as formulas.",
        ),
        *READING,
        FORCE,
        JSON,
        QUIET,
        DEBUG,
    ],
)
def predict(
    folder: str | None,
    data: str | None,
    out: str | None,
    proba: bool,
    safe_csv: bool,
    force: bool,
    as_json: bool,
    quiet: bool,
    **reading: Any,
) -> None:
    """Write the model's decision for each row of DATA.

    Rows keep their order, columns are matched by name, and the target column need not
    be there.
    """
    folder = needed(folder, "MODEL", "predict")
    data = needed(data, "DATA", "predict")
    path = None if out is None else _checked(Path(out), force)
    if path is not None and os.path.exists(data) and os.path.exists(path):
        _refuse_input(path, data)
    csv = not as_json if path is None else path.name.lower().endswith(CSV)
    if safe_csv and not csv:
        raise UsageError(
            "--safe-csv is for CSV and TSV only.", fix="leave it out, or write .csv"
        )
    from dovetail import estimator
    from dovetail.cli._tables import write
    from dovetail.data import write_csv

    model = estimator.load(folder)
    table = model.predict_table(data, proba=proba, tell=noted(quiet), **reading)
    if path is not None:
        write(table, path, safe=safe_csv)
        say(f"{table.num_rows:,} rows written to {path}", quiet=quiet)
    if as_json:
        document: dict[str, Any] = {
            "rows": table.num_rows,
            "columns": table.column_names,
        }
        if path is None:
            document["predictions"] = plain(table.to_pylist())
        else:
            document["out"] = str(path)
        emit_json(document)
    elif path is None:
        write_csv(table, sys.stdout, safe=safe_csv)


def _refuse_input(path: Path, data: str) -> None:
    if os.path.samefile(path, data):
        raise UsageError(
            f"--out: {str(path)!r} is the file to read, and would be lost.",
            fix="give another --out",
        )


def _checked(path: Path, force: bool) -> Path:
    if not path.name.lower().endswith(FORMATS):
        raise UsageError(
            f"--out: the end of {path.name!r} names no format to write."
            f"{suggest(path.suffix, FORMATS)}",
            fix=f"end the name in one of {', '.join(FORMATS)}",
        )
    refuse_file(path, force=force)
    return path
