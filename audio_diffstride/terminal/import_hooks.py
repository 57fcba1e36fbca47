"""Do something around the import of one package, whoever imports it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

Load = Callable[[ModuleType], None]


def around(name: str, load_within: Callable[[Load, ModuleType], None]) -> None:
    """Has a package loaded by another function, once it is imported.

    A package that is already imported, or hooked, is left alone.

    Args:
        name: of a top-level package.
        load_within: called with the function that loads, and the module.
    """
    hooked = (each.name for each in sys.meta_path if isinstance(each, _Finder))
    if name not in sys.modules and name not in hooked:
        sys.meta_path.insert(0, _Finder(name, load_within))


class _Finder:
    """Finds one package, with a loader that calls the function."""

    def __init__(
        self, name: str, load_within: Callable[[Load, ModuleType], None]
    ):
        self.name = name
        self._load_within = load_within

    def find_spec(
        self, name: str, path: Any = None, target: Any = None
    ) -> ModuleSpec | None:
        if name != self.name:
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec is not None and spec.loader is not None:
            load = spec.loader.exec_module
            spec.loader.exec_module = (  # type: ignore[method-assign]
                lambda module: self._load_within(load, module)
            )
        return spec
