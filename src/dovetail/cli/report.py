"""``dovetail report``: the model's report as one HTML page."""

import sys
from pathlib import Path

from dovetail.cli._command import Option, command
from dovetail.cli._options import DEBUG, FILE, FORCE, MODEL_ARGUMENT, QUIET, needed
from dovetail.cli._output import atomic, emit, refuse_file
from dovetail.cli._talk import say
from dovetail.errors import UsageError


@command(
    "report",
    usage="MODEL [OPTIONS]",
    examples=[
        "dovetail report models/adult-income --out report.html",
    ],
    options=[
        MODEL_ARGUMENT,
        Option(
            "--out",
            heading="output",
            type=FILE,
            metavar="FILE",
            help="The page's file; stdout if not given.",
        ),
        FORCE,
        QUIET,
        DEBUG,
    ],
)
def report(folder: str | None, out: str | None, force: bool, quiet: bool) -> None:
    """Write a model's report as one HTML page.

    Scores with intervals and baselines, curves, figures, and the chain in words.
    """
    folder = needed(folder, "MODEL", "report")
    if out is not None:
        refuse_file(Path(out), force=force)
    elif sys.stdout.isatty():
        raise UsageError(
            "The report is an HTML page, and stdout is a terminal.",
            fix=f"give it a file (--out report.html), or open {folder}/report.html",
        )
    from dovetail import estimator

    page = estimator.load(folder).report()
    if out is None:
        emit(page)
        return
    path = Path(out)
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic(path) as file:
        file.write(page.encode())
    say(f"Report written to {path}", quiet=quiet)
