"""Packages that only some commands need."""

from __future__ import annotations

import importlib.util

from audio_diffstride.errors import UserError


def require(module: str, extra: str = ""):
    """Refuses, with the remedy, if a package is not installed.

    Args:
        module: that would be imported.
        extra: of this package that brings it; by default the package itself
            should have.

    >>> require("json", extra="export")
    """
    if importlib.util.find_spec(module) is None:
        package = module.replace("_", "-")
        wanted = f"'audio-diffstride[{extra}]'" if extra else package
        raise UserError(
            f"the package {package} is not installed; run pip install {wanted}"
        )
