"""The scripts of a page: modules of this folder, put one behind the other.

A page from disk cannot load modules. So each script of it is one text, in which
all names are global. The modules have no names in common.
"""

from __future__ import annotations

import pathlib
import re

FOLDER = pathlib.Path(__file__).parent / "static"

PAGE = "page"
WORKER = "worker"  # runs the network
CAPTURE = "capture"  # runs in the audio thread

_IMPORT = re.compile(r'^import\s[^;]*?from\s+"\./([\w.]+)";\n', re.MULTILINE)


def read(name: str) -> str:
    """The text of a module and of all modules that it imports.

    Each module is there once, after those that it needs itself.

    Args:
        name: of the module, without its suffix.
    """
    return "\n".join(_texts(f"{name}.js", set()))


def _texts(file: str, seen: set[str]) -> list[str]:
    seen.add(file)
    source = (FOLDER / file).read_text("utf-8")
    texts = []
    for needed in _IMPORT.findall(source):
        if needed not in seen:
            texts += _texts(needed, seen)
    text = re.sub(r"^export ", "", _IMPORT.sub("", source), flags=re.MULTILINE)
    return [*texts, text]
