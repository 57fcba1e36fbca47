"""Training: a config and clip stores to a work directory."""

import importlib

# Imported when first used, as in the package above.
_MODULE_OF = {
    "build_model": "model",
    "compile_model": "model",
    "train": "run",
}

__all__ = list(_MODULE_OF)


def __getattr__(name: str):
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = importlib.import_module(f"{__name__}.{_MODULE_OF[name]}")
    return getattr(module, name)
