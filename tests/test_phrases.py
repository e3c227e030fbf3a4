"""Both languages of every sentence: complete, and no English word in Chinese."""

import copy
import importlib
import pickle
import pkgutil
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

import dovetail
from dovetail._phrases import (
    Noun,
    Phrase,
    Said,
    in_language,
    joined,
    listed,
    sentence,
)

# Formulas, and names that are the same in both languages.
SYMBOLS = ("log", "sig", "exp", "cosh", "max", "tau", "taus", "delta", "beta", "phi")
WORDS = (
    "softmax",
    "sigmoid",
    "logit",
    "float32",
    "bfloat16",
    "pandas",
    "tabular",
    "own",
)
OPTIONS = ("test", "loss", "mae", "huber", "columns", "encoding", "drop", "task")
NAMES = {*SYMBOLS, *WORDS, *OPTIONS}
HAN = re.compile(r"[\u4e00-\u9fff]")


def found_in(value: Any) -> Iterator[Phrase | Said | Noun]:
    if isinstance(value, Phrase | Said | Noun):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from found_in(one)
    elif isinstance(value, tuple | list | set | frozenset):
        for one in value:
            yield from found_in(one)


def everything() -> list[tuple[str, str, str]]:
    """(module, English, Chinese) of every sentence that stands in the code."""
    told = {}
    for module in pkgutil.walk_packages(dovetail.__path__, "dovetail."):
        if module.name.endswith("__main__"):
            continue
        loaded = importlib.import_module(module.name)
        for value in [*vars(loaded).values()]:
            here = [value]
            if isinstance(value, type) and value.__module__ == module.name:
                here += vars(value).values()
            for said in (s for one in here for s in found_in(one)):
                if isinstance(said, Noun):
                    pair = said.many, said.zh
                elif isinstance(said, Said):
                    pair = str(said), said.zh
                else:
                    pair = said.en, said.zh
                told.setdefault(pair, module.name)
    # The annotation of LossAlias and the like hold phrases one level further in.
    from dovetail.losses._aliases import ALIASES

    for alias in ALIASES.values():
        for said in [alias.note, *alias.instead.values()]:
            if said is not None:
                en = said.en if isinstance(said, Phrase) else str(said)
                told.setdefault((en, said.zh), "dovetail.losses._aliases")
    return [(module, en, zh) for (en, zh), module in told.items()]


EVERYTHING = everything()


def test_there_are_many_sentences() -> None:
    modules = {module.split(".")[1] for module, _, _ in EVERYTHING}
    assert {"losses", "decisions", "tasks", "data", "report", "estimator"} <= modules
    assert len(EVERYTHING) > 300


@pytest.mark.parametrize("module", sorted({module for module, _, _ in EVERYTHING}))
def test_each_has_both_languages(module: str) -> None:
    for _, en, zh in (told for told in EVERYTHING if told[0] == module):
        if not re.search(r"[a-z]{3}", re.sub(r"\{[^}]*\}", "", en)):
            continue  # places and signs alone
        assert HAN.search(zh), (en, zh)
        assert not HAN.search(en), (en, zh)
        assert Phrase.places(en) == Phrase.places(zh) if "{" in en else True


@pytest.mark.parametrize("module", sorted({module for module, _, _ in EVERYTHING}))
def test_no_english_word_is_left_in_chinese(module: str) -> None:
    for _, en, zh in (told for told in EVERYTHING if told[0] == module):
        plain = re.sub(r"\{[^}]*\}", " ", zh)
        words = re.findall(r"[A-Za-z][A-Za-z0-9_]+", plain)
        english = [w for w in words if w.islower() and w not in NAMES and "_" not in w]
        assert not english, (english, zh)
        # A name is a name in both.
        for word in words:
            assert word.lower() in en.lower(), (word, en, zh)


def test_chinese_ends_as_the_english_does() -> None:
    for _, en, zh in EVERYTHING:
        if en[-1:] == "." and not en.endswith("..."):
            assert zh.endswith(("。", "）")), (en, zh)
        elif HAN.search(zh):
            assert not zh.endswith("。"), (en, zh)


def test_places_that_differ_are_refused_at_once() -> None:
    with pytest.raises(ValueError, match="placeholders differ"):
        Phrase("{n} rows", "{m} 行")


def test_values_in_a_phrase_are_put_in_in_its_language() -> None:
    outer = Phrase("{what} ({n:,})", "{what}（{n:,}）")
    told = outer(what=Said("rows", "行"), n=1234)
    assert (told, told.zh) == ("rows (1,234)", "行（1,234）")
    braces = outer(what="{n}", n=1)  # a column may be called so
    assert (braces, braces.zh) == ("{n} (1)", "{n}（1）")


def test_a_said_is_text_and_survives_copies() -> None:
    said = Said("two", "两个")
    for again in (copy.deepcopy(said), pickle.loads(pickle.dumps(said))):
        assert (again, again.zh) == ("two", "两个")
        assert type(again) is Said
    assert said == "two"
    assert hash(said) == hash("two")
    assert in_language(said, "en") == "two"
    assert in_language(3, "zh") == 3


def test_lists_and_sentences_follow_each_language() -> None:
    assert listed([]) == ""
    assert listed([Said("a", "甲"), "b"]).zh == "甲、b"
    assert listed(list("abcd"), most=3) == "a, b, c and 1 more"
    assert listed(list("abcd"), most=3).zh == "a、b、c 等 4 项"
    assert joined([Said("One.", "一。"), "", Said("Two.", "二。")]) == "One. Two."
    assert sentence("") == ""
    assert sentence(Said("done!", "完成！")).zh == "完成！"
    assert Noun("row", "rows", "行")(1) == "1 row"
