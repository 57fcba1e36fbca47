"""Warns of what the reference shows but no docstring explains.

`mkdocs build --strict` fails on the warning. MkDocs itself would leave such a
name out in silence.
"""

import inspect
import logging
import pkgutil
import re
from typing import Any

log = logging.getLogger("mkdocs.hooks.docstrings")


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Checks the objects of a page (an event of MkDocs)."""
    for name in documented(markdown):
        for bare in without_docstring(name):
            log.warning("%s: %s has no docstring", page.file.src_uri, bare)
    return markdown


def documented(markdown: str) -> list[str]:
    r"""The names that a page hands to mkdocstrings.

    >>> documented("text\n\n::: package.Name\n")
    ['package.Name']
    """
    return re.findall(r"^::: (\S+)", markdown, flags=re.MULTILINE)


def without_docstring(name: str) -> list[str]:
    """The object and its public functions and classes that lack a docstring.

    Methods are left out: a layer's `build` and `call` are explained by the
    docstring of its class.
    """
    found = pkgutil.resolve_name(name)
    names = {name: found}
    if inspect.ismodule(found):
        names |= {
            f"{name}.{key}": value
            for key, value in vars(found).items()
            if getattr(value, "__module__", None) == name
            and not key.startswith("_")
        }
    return [key for key, value in names.items() if not own_docstring(value)]


def own_docstring(value: object) -> str | None:
    """The docstring of an object itself, not one that its class inherits."""
    if inspect.isclass(value):
        return vars(value)["__doc__"]
    return value.__doc__
