"""Optional packages that only some commands need."""

from __future__ import annotations

import importlib.util

from audio_diffstride.errors import UserError


def require(module: str, extra: str = "") -> None:
    """Checks that an optional package is installed.

    Args:
        module: the name of its module.
        extra: the extra of this package that installs it, if there is one.

    Raises:
        UserError: how to install it.

    >>> require("json", extra="export")
    """
    if importlib.util.find_spec(module) is None:
        package = module.replace("_", "-")
        wanted = f"'audio-diffstride[{extra}]'" if extra else package
        raise UserError(
            f"the package {package} is not installed; run pip install {wanted}"
        )
