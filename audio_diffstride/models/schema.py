"""The form of a saved classifier's config, and how older ones are read.

The number goes up when a file of the present form could no longer be read, or
would be read as another model; `migrate` then learns to bring it forward.

    0   files from before the number, which they lack
    1   the same with the number
"""

from __future__ import annotations

SCHEMA = 1


def of(config: dict) -> object:
    """The number in a classifier's config.

    >>> of({"tasks": {}}), of({"schema": 1})
    (0, 1)
    """
    return config.get("schema", 0)


def migrate(config: dict) -> dict:
    """A classifier's config in the present form, without the number.

    >>> migrate({"tasks": {"digit": ["0", "1"]}, "schema": 1})
    {'tasks': {'digit': ['0', '1']}}
    """
    return {name: value for name, value in config.items() if name != "schema"}
