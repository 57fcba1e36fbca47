"""Fills the page of config fields from the package."""

import inspect
from typing import Any

from audio_diffstride.config import config_fields, recipes

PAGE = "reference/config.md"


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Appends all fields to the page of fields (an event of MkDocs)."""
    if page.file.src_uri != PAGE:
        return markdown
    return f"{markdown}\n\n{all_fields()}"


def all_fields() -> str:
    """All fields as Markdown: default, value of :small, and what is allowed."""
    makers = (recipes.default, recipes.recordings)
    columns = [config_fields.flatten(make().to_dict()) for make in makers]
    images = recipes.for_images(recipes.default()).to_dict()
    columns[0] |= config_fields.flatten(images)
    columns.append(config_fields.flatten(recipes.recordings("small").to_dict()))
    lines = [
        "| Field | Default | `recordings` | `recordings:small` | Allowed |",
        "| --- | --- | --- | --- | --- |",
    ]
    for name, field in config_fields.FIELDS.items():
        values = [code(values.get(name)) for values in columns]
        lines.append(" | ".join([f"| `{name}`", *values, f"{field.allowed} |"]))
    source = inspect.getsource(recipes.default)
    return "\n".join(
        [*lines, "", "## What each is for", "", f"```python\n{source}```"]
    )


def code(value: object) -> str:
    """A value as inline code; a dash for a field of the other kind."""
    return "—" if value is None else f"`{value!r}`"
