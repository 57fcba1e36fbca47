"""Fills the page of config fields from the package."""

from typing import Any

from audio_diffstride.config import config_fields, recipes, reference

PAGE = "reference/config.md"


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Appends all fields to the page of fields (an event of MkDocs)."""
    if page.file.src_uri != PAGE:
        return markdown
    return f"{markdown}\n\n{reference.markdown()}\n{recipe_table()}"


def recipe_table() -> str:
    """The fields that the recipe for own recordings sets, as Markdown."""
    default, full, small = (
        config_fields.flatten(config.to_dict())
        for config in (
            recipes.default(),
            recipes.recordings(),
            recipes.recordings("small"),
        )
    )
    lines = [
        "## The recipe for own recordings",
        "",
        "What differs from the defaults above.",
        "",
        "| Field | Default | `recordings` | `recordings:small` |",
        "| --- | --- | --- | --- |",
    ]
    for name, value in default.items():
        values = [value, full[name], small[name]]
        if not value == full[name] == small[name]:
            cells = " | ".join(f"`{value!r}`" for value in values)
            lines.append(f"| `{name}` | {cells} |")
    return "\n".join(lines)
