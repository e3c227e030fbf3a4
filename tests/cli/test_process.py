"""What only a process of its own shows: imports, streams, signals, completion."""

import os
import signal
import subprocess
import sys

import pytest

from dovetail import __version__

HEAVY = ("torch", "numpy", "pyarrow", "sklearn", "rich", "pydantic", "matplotlib")


def _python(*args, **words):
    env = {**os.environ, "OMP_NUM_THREADS": "1", **words.pop("env", {})}
    return subprocess.run(
        [sys.executable, *args], capture_output=True, env=env, timeout=120, **words
    )


@pytest.mark.parametrize(
    "line", [[], ["--help"], ["--version"], ["fit", "--help"], ["predict", "--help"]]
)
def test_help_loads_nothing_heavy(line):
    code = (
        "import sys\n"
        "from dovetail.cli.main import main\n"
        f"main({line!r})\n"
        f"print([m for m in {HEAVY!r} if m in sys.modules], file=sys.stderr)\n"
    )
    done = _python("-c", code)
    assert done.stderr.decode().splitlines()[-1] == "[]"


def test_importing_main_loads_click_and_no_command():
    code = (
        "import sys, dovetail.cli.main\n"
        "print([m for m in sys.modules if m.startswith('dovetail.cli.')])"
    )
    loaded = eval(_python("-c", code).stdout)
    assert set(loaded) == {
        "dovetail.cli.main",
        "dovetail.cli._errors",
        "dovetail.cli._output",
        "dovetail.cli._talk",
    }


def test_python_m_dovetail_is_the_command():
    done = _python("-m", "dovetail", "--version")
    assert done.stdout.decode() == f"dovetail {__version__}\n"
    assert (done.returncode, done.stderr) == (0, b"")
    assert _python("-m", "dovetail", "fitt").returncode == 2


@pytest.mark.parametrize(
    ("shell", "mark"),
    [("bash", "complete -o nosort"), ("zsh", "#compdef"), ("fish", "complete --no-")],
)
def test_the_completion_script_names_the_command(shell, mark):
    done = _python("-m", "dovetail", "completion", shell)
    assert done.returncode == 0
    script = done.stdout.decode()
    assert mark in script
    assert "_DOVETAIL_COMPLETE" in script


@pytest.mark.parametrize(
    ("words", "offered", "kept"),
    [
        ("dovetail ", "evaluate", "--target"),
        ("dovetail fit d.csv --t", "--target", "--drop"),
        ("dovetail fit d.csv --target a --on-bad ", "skip", "--drop"),
    ],
)
def test_completion_offers_what_fits(words, offered, kept):
    env = {
        "_DOVETAIL_COMPLETE": "bash_complete",
        "COMP_WORDS": words,
        "COMP_CWORD": str(len(words.split(" ")) - 1),
    }
    done = _python("-m", "dovetail", env=env)
    said = done.stdout.decode()
    assert offered in said
    assert kept not in said


# A command line with a stand-in for the estimator: the first argument is Python.
STAND_IN = """
import sys, types, dovetail
from dovetail.cli.main import main
fake = types.ModuleType("dovetail.estimator")
sys.modules["dovetail.estimator"] = dovetail.estimator = fake
exec(sys.argv[1])
sys.exit(main(sys.argv[2:]))
"""


def test_a_reader_of_stdout_that_left_is_no_error():
    fake = """
import pyarrow as pa
table = pa.table({"y": list(range(300_000))})
fake.load = lambda folder: types.SimpleNamespace(predict_table=lambda *a, **k: table)
"""
    command = [sys.executable, "-c", STAND_IN, fake, "predict", "m", "d.csv"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout.readline() == b"y\n"
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(60) == 0


@pytest.mark.parametrize(
    ("sent", "code", "said"),
    [(signal.SIGINT, 130, "Interrupted"), (signal.SIGTERM, 143, "SIGTERM")],
)
def test_a_signal_stops_with_one_message_and_leaves_nothing(sent, code, said, tmp_path):
    fake = """
import time
from pathlib import Path
def load(folder):
    from dovetail.cli._output import atomic
    with atomic(Path("half.parquet")) as file:
        file.write(b"half")
        print("ready", flush=True)
        time.sleep(60)
fake.load = load
"""
    command = [sys.executable, "-c", STAND_IN, fake, "report", "m"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path
    ) as process:
        assert process.stdout.readline() == b"ready\n"
        process.send_signal(sent)
        out, err = process.communicate(timeout=60)
    assert process.returncode == code
    assert said in err.decode()
    assert err.count(b"\n") == 1
    assert out == b""
    assert list(tmp_path.iterdir()) == []


def test_stdout_is_utf_8_whatever_the_locale():
    fake = (
        "fake.load = lambda f: types.SimpleNamespace("
        "explain=lambda lang: '標籤', chain_in=lambda lang: [])"
    )
    done = _python(
        "-c",
        STAND_IN,
        fake,
        "explain",
        ".",
        env={"PYTHONIOENCODING": "ascii", "LC_ALL": "C"},
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.decode("utf-8") == "標籤\n"
