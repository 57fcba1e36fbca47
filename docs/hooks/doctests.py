"""Shows the doctests of docstrings as code (an extension of griffe).

Markdown would read `>>>` as a quotation.
"""

import re
from typing import Any

import griffe


class FencedDoctests(griffe.Extension):
    """Puts every doctest of a docstring into a fenced block."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        """Changes the docstring of one object."""
        if obj.docstring:
            obj.docstring.value = fenced(obj.docstring.value)


def fenced(text: str) -> str:
    r"""The text with its doctests in fenced blocks.

    A doctest begins with `>>>` and ends at an empty line, or at the end.

    >>> fenced("Example:\n>>> 1\n1").splitlines()
    ['Example:', '', '```pycon', '>>> 1', '1', '```']
    """
    pattern = r"^( *)>>> .*(?:\n *\S.*)*"
    return re.sub(pattern, _fence, text, flags=re.MULTILINE)


def _fence(found: re.Match[str]) -> str:
    indent, code = found[1], found[0]
    return f"\n{indent}```pycon\n{code}\n{indent}```"
