"""The config of a command: a Python file or a run's config.json, and flags.

    --config=configs/quickstart.py --config.model.width=0.5
    --config=configs/audio_files.py:small
    --config=runs/mine/config.json

Of a Python file the function `get_config` is called, with the variant after
the colon if there is one; a JSON file is read and nothing of it is run. Flags
are set over either.
"""

from __future__ import annotations

import importlib.machinery
import importlib.util
import pathlib

import ml_collections
from absl import flags

from audio_diffstride.config import config_checks, config_fields
from audio_diffstride.errors import UserError
from audio_diffstride.files import json_files


def define_flags():
    """Defines --config and --config.FIELD for every field."""
    flags.DEFINE_string(
        "config", None, "what to train: a file in configs/, or a config.json"
    )
    for name, field in config_fields.FIELDS.items():
        # As text: the field's own rule tells what is wrong with it.
        is_bool = field.type is bool
        define = flags.DEFINE_bool if is_bool else flags.DEFINE_string
        define(f"config.{name}", None, field.allowed)


def from_flags() -> ml_collections.ConfigDict:
    """The config that the flags ask for, checked and locked."""
    given = {
        name: flags.FLAGS[f"config.{name}"].value
        for name in config_fields.FIELDS
    }
    return load(
        flags.FLAGS.config,
        {name: str(v) for name, v in given.items() if v is not None},
    )


def load(
    file: str, overrides: dict[str, str] | None = None
) -> ml_collections.ConfigDict:
    """The config of a file, checked and locked.

    Args:
        file: PATH.py, PATH.py:VARIANT or PATH.json.
        overrides: {field: text} that stands instead of the file's values.

    Raises:
        UserError: if the file does not give a config, or not one that a model
            could be trained with.
    """
    given = {
        name: config_fields.FIELDS[name].parse(text)
        for name, text in (overrides or {}).items()
    }
    given = config_fields.check(given, "the flags", required=())
    values = read(file) | given
    config = config_fields.nest(config_fields.check(values, file))
    config_checks.check(config)
    return config.lock()


def read(file: str) -> dict[str, object]:
    """The fields that a file gives, not checked yet."""
    path, colon, variant = file.rpartition(".py:")
    path = f"{path}.py" if colon else file
    if path.endswith(".py"):
        content = _run(pathlib.Path(path), variant if colon else "")
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


def _read_json(path: str):
    try:
        return json_files.load(path, "give another --config")
    except FileNotFoundError as error:
        raise UserError(f"--config {path} does not exist") from error


def _run(path: pathlib.Path, variant: str):
    if not path.exists():
        raise UserError(f"--config {path} does not exist")
    loader = importlib.machinery.SourceFileLoader("config_file", str(path))
    spec = importlib.util.spec_from_loader(loader.name, loader)
    module = importlib.util.module_from_spec(spec)
    try:
        loader.exec_module(module)
        if not hasattr(module, "get_config"):
            raise UserError(
                f"{path} has no function get_config, which returns a config"
            )
        config = module.get_config(*([variant] if variant else []))
        is_config = isinstance(config, ml_collections.ConfigDict)
        return config.to_dict() if is_config else config
    except UserError:
        raise
    except (Exception, SystemExit) as error:  # it is the user's code
        raise UserError(f"{path} fails: {_reason(error)}") from error


def _reason(error: BaseException) -> str:
    """The end of what an exception says, and its kind."""
    kind = type(error).__name__
    lines = str(error).strip().splitlines()
    return f"{lines[-1].strip()} ({kind})" if lines else kind
