"""Every example runs as a user would run it, other libraries where installed."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
SCRIPTS = sorted(EXAMPLES.glob("*.py"))
NEEDS = {
    "with_lightning": "lightning",
    "with_skorch": "skorch",
    "with_hf_trainer": "transformers",
    "with_mapie": "mapie",
    "with_optuna": "optuna",
}


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_runs_to_its_end(script: Path, tmp_path: Path) -> None:
    needed = NEEDS.get(script.stem)
    if needed is not None and find_spec(needed) is None:
        pytest.skip(f"{needed} is not installed")
    done = subprocess.run(
        [sys.executable, str(script)],
        cwd=tmp_path,
        env={**os.environ, "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.strip()


def test_the_five_kinds_of_the_tutorials_are_there() -> None:
    kinds = {
        "binary_one_output",
        "binary_two_outputs",
        "multiclass",
        "multilabel_mlp",
        "regression",
    }
    assert kinds <= {script.stem for script in SCRIPTS}
