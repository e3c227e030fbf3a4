"""One peer, once: the whole process is what is measured, from outside.

    python -m benchmarks.loop.once PEER FOLDER CASE SEED EPOCHS [--first]

With ``--first`` it says so on standard output after the first epoch and leaves.
"""

import os
import sys
from pathlib import Path

from benchmarks.loop.cases import Case
from benchmarks.loop.peers import PEERS
from benchmarks.loop.rows import Rows


def main() -> None:
    name, folder, text, seed, epochs = sys.argv[1:6]
    private = os.dup(1)
    os.dup2(2, 1)

    def tick() -> None:
        if "--first" in sys.argv:
            os.write(private, b"first\n")
            os._exit(0)

    case = Case.from_text(text)
    loop = PEERS[name].make()
    loop.prepare(case, Rows.read(Path(folder), case), int(seed))
    loop.run(int(epochs), tick)


if __name__ == "__main__":
    main()
