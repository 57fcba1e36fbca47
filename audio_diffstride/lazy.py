"""Names of a package that are imported when first used (PEP 562)."""

from __future__ import annotations

import collections.abc
import importlib


def names_of(
    package: str, module_of: dict[str, str]
) -> collections.abc.Callable[[str], object]:
    """The `__getattr__` of a package.

    Args:
        package: its `__name__`.
        module_of: {name: the module that it lies in, below the package}.
    """

    def find(name: str):
        if name not in module_of:
            raise AttributeError(
                f"module {package!r} has no attribute {name!r}"
            )
        module = importlib.import_module(f"{package}.{module_of[name]}")
        return getattr(module, name)

    return find
