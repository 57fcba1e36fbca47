"""The reference of all fields, generated from `schema`.

    python -m audio_diffstride.config.reference

prints it as Markdown, with a table per section.
"""

from __future__ import annotations

import itertools

from audio_diffstride.config import schema
from audio_diffstride.config.config_fields import (
    FIELDS,
    allowed,
    type_of,
    unit,
)

_HEAD = """\
| Field | Type | Default | Allowed | Unit | Description |
| --- | --- | --- | --- | --- | --- |
"""


def markdown() -> str:
    """All fields as Markdown, a table per section."""
    tables = []
    for section, names in itertools.groupby(
        FIELDS, lambda name: name.rpartition(".")[0]
    ):
        rows = "".join(
            f"| `{name}` | {type_of(name).__name__} | "
            f"`{FIELDS[name].default!r}` | {allowed(name)} | {unit(name)} | "
            f"{FIELDS[name].description} |\n"
            for name in names
        )
        tables.append(f"{_heading(section)}\n\n{_HEAD}{rows}")
    return "\n".join(tables)


def _heading(section: str) -> str:
    if not section:
        return "## At the top"
    about = type(schema.Config.model_fields[section].default).__doc__
    return f"## `{section}`\n\n{about}"


if __name__ == "__main__":
    print(markdown(), end="")
