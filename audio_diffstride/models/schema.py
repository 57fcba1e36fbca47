"""The schema number of a saved classifier, and how older files are read.

The number goes up when a new version could not read an older file, or would
read another model from it. `migrate` then converts the older config.

    0   files that have no number
    1   the same, with the number
    2   with `several_labels`, the tasks that have them. A model without such a
        task is still written as 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

SCHEMA = 2


def number_of(config: dict[str, Any]) -> object:
    """The schema number in the config of a classifier.

    >>> number_of({"tasks": {}}), number_of({"schema": 1})
    (0, 1)
    """
    return config.get("schema", 0)


def describe(several_labels: Sequence[str]) -> dict[str, Any]:
    """The entries of a config on its schema.

    Args:
        several_labels: the tasks that have them.

    >>> describe([]), describe(["bird"])
    ({'schema': 1}, {'schema': 2, 'several_labels': ['bird']})
    """
    if not several_labels:
        return {"schema": 1}
    return {"schema": SCHEMA, "several_labels": list(several_labels)}


def migrate(config: dict[str, Any]) -> dict[str, Any]:
    """Converts the config of a classifier to the current schema.

    Returns:
        The config without the number.

    >>> migrate({"tasks": {"digit": ["0", "1"]}, "schema": 1})
    {'tasks': {'digit': ['0', '1']}}
    """
    return {name: value for name, value in config.items() if name != "schema"}
