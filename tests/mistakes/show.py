"""Runs rows and prints what is said: ``python -m tests.mistakes.show [words]``."""

import sys
import tempfile
import time
from pathlib import Path

from tests.mistakes.catalogue import CATALOGUE
from tests.mistakes.running import make, run


def main(words: str) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        model = Path(scratch) / "model"
        trained(model)
        for number, row in enumerate(r for rows in CATALOGUE.values() for r in rows):
            if words not in row.name and words not in row.line:
                continue
            here = Path(scratch) / str(number)
            here.mkdir()
            make(row, here, model)
            start = time.perf_counter()
            try:
                told = run(row, here)
            except Exception as error:
                print(f"\n#### {row.name}\n$ {row.line}\nRAISED {error!r}")
                continue
            took = time.perf_counter() - start
            said = " ".join(f"{told.out} {told.err}".split())
            wrong = [w for w in row.says if w not in said]
            wrong += [row.fix] * (row.fix not in told.err)
            mark = "ok" if told.code == row.code and not wrong else "####"
            print(f"\n{mark} {row.name} [{told.code}, {took:.2f} s] {told.changed}")
            print(f"$ {row.line}\n{told.err}".rstrip())
            if wrong or told.code == 0:
                print(told.out.rstrip()[:1500])
            if wrong:
                print("WANTED", wrong)


def trained(folder: Path) -> None:
    from tests.mistakes.files import houses

    data = folder.parent / "houses.csv"
    data.write_text(houses(), encoding="utf-8")
    import dovetail as dt

    dt.fit(data, "sold", drop=["price"], epochs=2, folds=2, out=folder)


if __name__ == "__main__":
    main(" ".join(sys.argv[1:]))
