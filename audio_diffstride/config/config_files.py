"""Loads the config of a command: a Python or JSON file, and flags.

    --config=configs/quickstart.py --config.model.width=0.5
    --config=configs/audio_files.py:small
    --config=runs/mine/config.json

The function `get_config` of a Python file returns the config. The variant after
the colon is its argument. A JSON file is only read: no code in it runs. Flags
override the values of either file.
"""

from __future__ import annotations

import argparse
import importlib.machinery
import pathlib
import types
from collections.abc import Callable, Mapping
from typing import Any

import ml_collections

from audio_diffstride.config import (
    config_checks,
    config_fields,
    inherited,
    recipes,
    reference,
)
from audio_diffstride.errors import UserError
from audio_diffstride.files import json_files

# Recipes without a file, by their name for --config.
OWN = "recordings"
RECIPES = {OWN: recipes.recordings}

_RATE = "front_end.sample_rate_hz"  # front_end.max_hz follows it


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds --config, and --config.FIELD for every field."""
    parser.add_argument(
        "--config",
        metavar="FILE",
        help="what to train: a file of configs/ (FILE.py or FILE.py:small), "
        f"or a run's config.json; default {OWN}:small, for own recordings",
    )
    parser.add_argument(
        "--list_fields",
        action="version",
        version=reference.markdown(),
        help="list all fields, which --config.FIELD=VALUE sets, and exit",
    )
    for name in config_fields.FIELDS:
        is_bool = config_fields.type_of(name) is bool
        # As text: `config_fields.check` says what is wrong with it.
        parser.add_argument(
            f"--config.{name}",
            help=argparse.SUPPRESS,
            nargs="?" if is_bool else None,
            const="true" if is_bool else None,
        )


def from_arguments(
    args: argparse.Namespace, data: str | None = None
) -> ml_collections.ConfigDict:
    """The config of a command line, checked and locked.

    Args:
        args: with the flags of `add_arguments`.
        data: own recordings: a folder, a CSV, or several joined by commas.

    Raises:
        UserError: see `load`.
    """
    given = {
        name: getattr(args, f"config.{name}") for name in config_fields.FIELDS
    }
    if data is not None:
        given["data.path"] = data
        given["data.source"] = given["data.source"] or "audio_files"
    return load(
        args.config or f"{OWN}:small",
        {name: text for name, text in given.items() if text is not None},
    )


def load(
    file: str, overrides: dict[str, str] | None = None
) -> ml_collections.ConfigDict:
    """The config of a file, checked and locked.

    Args:
        file: PATH.py, PATH.py:VARIANT or PATH.json.
        overrides: {field: text} in place of the file's values.

    Raises:
        UserError: if the file gives no config, or one that no model can be
            trained with.
    """
    given = {
        name: config_fields.parse(name, text)
        for name, text in (overrides or {}).items()
    }
    return with_values(file, given, "the flags")


def with_values(
    file: str, given: Mapping[str, Any], where: str
) -> ml_collections.ConfigDict:
    """The config of a file with other values of some fields.

    A run that starts from another has its input, network and windows; see
    `inherited`.

    Args:
        file: see `load`.
        given: {field: value} in place of the file's values.
        where: what gives these values, for messages.

    Raises:
        UserError: see `load`. Also for a field that does not exist.
    """
    for name in given:
        if name not in config_fields.FIELDS:
            raise UserError(config_fields.unknown(name, where))
    given = config_fields.check(given, where, required=())
    start = given.get(inherited.RUN)
    of_start = inherited.fields(start) if start else {}
    values = read(file, given) | of_start | given
    config = config_fields.nest(config_fields.check(values, file))
    config_checks.check(config)
    return config.lock()


def read(
    file: str, given: Mapping[str, Any] | None = None
) -> dict[str, object]:
    """The fields of a file, not checked yet.

    Args:
        file: as for `load`.
        given: {field: value} of flags. What follows such a field in a recipe
            has its value for it. The numbers of a JSON file follow nothing.
    """
    given = given or {}
    recipe, _, variant = file.partition(":")
    if recipe in RECIPES:
        content = _make(RECIPES[recipe], variant, file, given)
        return config_fields.flatten(content)
    path, colon, variant = file.rpartition(".py:")
    path = f"{path}.py" if colon else file
    if path.endswith(".py"):
        content = _run(pathlib.Path(path), variant if colon else "", given)
    elif path.endswith(".json"):
        content = _read_json(path)
    else:
        raise UserError(
            f"--config is {file!r}, but must be a .py of configs/ (with :small "
            "if you like) or a .json that train.py wrote"
        )
    if not isinstance(content, dict):
        raise UserError(
            f"{file} gives {type(content).__name__}, not the fields of a config"
        )
    return config_fields.flatten(content)


def _read_json(path: str) -> Any:
    try:
        return json_files.load(path, "give another --config")
    except FileNotFoundError as error:
        raise UserError(f"--config {path} does not exist") from error


def _run(path: pathlib.Path, variant: str, given: Mapping[str, Any]) -> Any:
    if not path.exists():
        raise UserError(f"--config {path} does not exist")
    loader = importlib.machinery.SourceFileLoader("config_file", str(path))
    module = types.ModuleType(loader.name)
    module.__file__ = str(path)
    try:
        loader.exec_module(module)
        if not hasattr(module, "get_config"):
            raise UserError(
                f"{path} has no function get_config, which returns a config"
            )
    except UserError:
        raise
    except (Exception, SystemExit) as error:  # the user's code
        raise UserError(f"{path} fails: {_reason(error)}") from error
    return _make(module.get_config, variant, path, given)


def _make(
    get_config: Callable[..., Any],
    variant: str,
    where: object,
    given: Mapping[str, Any],
) -> Any:
    """The return value of a recipe, as a dict if it is a config."""
    try:
        config = get_config(*([variant] if variant else []))
        if not isinstance(config, ml_collections.ConfigDict):
            return config
        if _RATE in given and "front_end" in config:
            config.front_end.sample_rate_hz = given[_RATE]
        return config.to_dict()
    except UserError:
        raise
    except (Exception, SystemExit) as error:  # it may be the user's code
        raise UserError(f"{where} fails: {_reason(error)}") from error


def _reason(error: BaseException) -> str:
    """The last line of an exception's message, and its type."""
    kind = type(error).__name__
    lines = str(error).strip().splitlines()
    return f"{lines[-1].strip()} ({kind})" if lines else kind
