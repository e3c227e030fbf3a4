"""Options from a YAML file (``--config``) and ``--set``: the weaker and the stronger.

    --config FILE    the command line wins over it
    --set key=value  wins over both

Every value is read as text and then as the option reads it, so that ``positive: yes``
means the label "yes" and ``lr: 1e-3`` a number, exactly as on the command line.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, final

import click
import yaml
from click.core import ParameterSource

from dovetail._names import key, suggest
from dovetail.cli._command import Option
from dovetail.errors import ConfigError, UsageError

# They say where options come from, or are read before options are.
_NOT_SETTABLE = {"config", "settings", "debug", "help"}


@final
class _TextLoader(yaml.SafeLoader):
    """YAML whose plain values stay text, except null: the option knows its type."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> Any:
        """Refuse a key that stands twice, where YAML would keep the last."""
        seen: set[str] = set()
        for name, _ in node.value:
            if not isinstance(name, yaml.ScalarNode):
                continue
            if name.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"{name.value!r} stands here twice", name.start_mark
                )
            seen.add(name.value)
        return super().construct_mapping(node, deep)


_TextLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag.endswith(":null")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def settle(
    ctx: click.Context,
    config: str | None,
    settings: Sequence[str],
    unlisted: Sequence[Option] = (),
) -> dict[str, Any]:
    """The value of every option after ``--config`` and ``--set`` had their say.

    ``unlisted`` are options that the command line itself does not have.

    Raises ConfigError for an unknown key (with the nearest one) or a value that the
    option does not take.
    """
    values = {**{str(o.name): o.unsaid for o in unlisted}, **ctx.params}
    options = {
        str(p.name): p
        for p in (*ctx.command.params, *unlisted)
        if isinstance(p, Option) and p.name not in _NOT_SETTABLE
    }
    if config is not None:
        for name, value in _read(config).items():
            option = _find(name, options, config)
            source = ctx.get_parameter_source(str(option.name))
            if source in (None, ParameterSource.DEFAULT):
                values[str(option.name)] = _convert(option, value, ctx, config)
    for setting in settings:
        name, equals, text = setting.partition("=")
        if not equals:
            raise UsageError(
                f"--set: {setting!r} is not key=value.",
                fix="write it as --set epochs=20",
            )
        option = _find(name, options, "--set")
        value = _parse(text, f"--set {name}")
        values[str(option.name)] = _convert(option, value, ctx, "--set")
    return values


def _read(config: str) -> dict[str, Any]:
    try:
        text = Path(config).read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise ConfigError(
            f"No file {config!r}.", fix="give --config an existing YAML file"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"Cannot read {config!r}: {error}.", fix="give --config a YAML file"
        ) from None
    document = _parse(text, config)
    if document is None:  # an empty file says nothing
        return {}
    if not isinstance(document, dict):
        raise ConfigError(
            f"{config}: not a mapping of options, but {document!r:.60}.",
            fix="write one 'option: value' on each line, such as 'epochs: 20'",
        )
    return document


def _parse(text: str, where: str) -> Any:
    try:
        return yaml.load(text, Loader=_TextLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        raise ConfigError(
            f"{where}{line}: not YAML: {getattr(error, 'problem', None) or error}.",
            fix="write 'option: value'; quote text with special characters",
        ) from None


def _find(name: str, options: dict[str, Option], where: str) -> Option:
    by_key = {key(o.opts[0].lstrip("-")): o for o in options.values()}
    if key(name) in by_key:
        return by_key[key(name)]
    known = [o.opts[0].lstrip("-") for o in options.values()]
    raise ConfigError(
        f"{where}: unknown option {name!r}.{suggest(name, known)}",
        fix=f"options: {', '.join(sorted(known))}",
    )


def _convert(option: Option, value: Any, ctx: click.Context, where: str) -> Any:
    if value is None:
        return option.unsaid
    name = option.opts[0].lstrip("-")
    try:
        if isinstance(value, dict):
            if name != "kind":
                raise click.BadParameter(f"takes no mapping, but {value!r} came")
            return tuple((str(column), str(kind)) for column, kind in value.items())
        kind = click.BOOL if option.is_flag else option.type
        if option.multiple:
            items = value if isinstance(value, list) else [value]
            return tuple(_one(kind, item, option, ctx) for item in items)
        if isinstance(value, list) and name == "columns":
            return tuple(value)
        return _one(kind, value, option, ctx)
    except click.BadParameter as error:
        raise ConfigError(
            f"{where}: {name}: {error.message.rstrip('.')}.",
            fix=f"write a value that --{name} takes; see {ctx.command_path} --help",
        ) from None


def _one(kind: Any, value: Any, option: Option, ctx: click.Context) -> Any:
    if not isinstance(value, str):
        raise click.BadParameter(f"{value!r} is not a single value")
    return kind.convert(value, option, ctx)
