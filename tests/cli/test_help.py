"""What the help pages say is there, and what they show can be typed."""

import re
import shlex

import click
import pytest

from dovetail import losses, tasks
from dovetail.cli import _options
from dovetail.cli.main import COMMANDS, main
from dovetail.data.kinds import CHOOSABLE, USED
from dovetail.estimator import defaults

# A command and what follows it, up to what belongs to the shell or to a reader.
LINE = re.compile(rf"\bdovetail ((?:{'|'.join(COMMANDS)})\b.*?)(?=  |[|>)]|$)", re.M)


def lines(capsys):
    """Every command line that stands below "Examples:", or on the first page."""
    found = {}
    for page in ([], *([name] for name in COMMANDS)):
        capsys.readouterr()
        assert main([*page, "--help"]) == 0
        text = capsys.readouterr().out.partition("Usage: ")[2].partition("\n")[2]
        found[" ".join(page)] = [found.strip() for found in LINE.findall(text)]
    return found


def test_every_example_can_be_typed(run, estimator, tmp_path, monkeypatch, capsys):
    pages = lines(capsys)
    assert all(pages.values()), "a page without an example"
    shown = [line for page in pages.values() for line in page]
    assert len(shown) >= 15
    for i, line in enumerate(shown):
        words = shlex.split(line)
        here = tmp_path / str(i)
        here.mkdir()
        monkeypatch.chdir(here)
        for word in words:
            if word.startswith("models/") and words[0] != "fit":  # there is a model
                (here / word).mkdir(parents=True)
            if words[0] == "doctor" and not word.startswith("-"):  # there is code
                (here / word).touch() if "." in word else (here / word).mkdir()
        result = run(*words)
        missed = 8 if "--min-score" in words else 0  # the stand-in is no good model
        assert result.code == missed, f"{line}: {result.err}"


def test_examples_go_on_with_the_folder_that_fit_writes(run, estimator, capsys):
    run("fit", "houses.csv", "--target", "price")
    run("fit", "adult.csv", "--target", "income")
    written = {str(words["out"]) for _, _, words in estimator.calls}
    shown = [line.split() for page in lines(capsys).values() for line in page]
    read = {w for line in shown if line[0] != "fit" for w in line if "models/" in w}
    assert read == written


def named(option):
    """The names that an option's help gives as examples."""
    (help_,) = [o.help for o in _options.CHOICES if o.opts == [option]]
    _, _, listed = help_.rpartition(": ")
    return [name.strip(" '") for name in listed.rstrip(" .").split(",")]


def test_losses_optimizers_and_tasks_that_help_names_exist():
    fitting = [tasks.Binary(), tasks.Regression(), tasks.Count()]
    for name in named("--loss"):
        reached = []
        for task in fitting:
            try:
                losses.resolve(name, task.fitting_losses, type(task).__name__)
            except ValueError:
                continue
            reached.append(task)
        assert reached, name
    for name in named("--optimizer"):
        defaults.optimizer(name, None, 128)
    (help_,) = [o.help for o in _options.CHOICES if o.opts == ["--task"]]
    tasks.by_name(help_.rstrip(".").split()[-1])


def test_kinds_in_help_are_those_there_are():
    (help_,) = [o.help for o in _options.DATA if o.opts == ["--kind"]]
    used, unused = help_.split(";")
    assert set(re.findall(r"\w+", used)) - {"or"} == set(USED)
    assert set(CHOOSABLE) - set(USED) == {"text", "identifier"}
    assert all(kind in unused for kind in set(CHOOSABLE) - set(USED))


@pytest.mark.parametrize("name", COMMANDS)
def test_arguments_of_the_usage_line_are_the_commands(name, capsys):
    from dovetail.cli.main import dovetail

    command = dovetail.get_command(click.Context(dovetail), name)
    arguments = [p for p in command.params if isinstance(p, click.Argument)]
    words = command.usage.split("[OPTIONS]")[0].split("--")[0].split()
    assert len(words) == len(arguments)
