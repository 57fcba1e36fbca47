"""Open a store of any kind."""

from __future__ import annotations

import os

from audio_diffstride.datasets import store_files
from audio_diffstride.datasets.clips import ClipStore
from audio_diffstride.datasets.images import ImageStore
from audio_diffstride.datasets.store_files import Store
from audio_diffstride.errors import UserError

_KINDS: dict[str, type[Store]] = {
    kind.HOLDS: kind for kind in (ClipStore, ImageStore)
}


def open_store(path: str | os.PathLike[str]) -> Store:
    """Opens a `ClipStore` or an `ImageStore`.

    Args:
        path: the store's folder.

    Raises:
        UserError: if there is no complete store of this format, or it is of an
            unknown kind.
    """
    kind = store_files.kind_of(store_files.read_content(path))
    if kind not in _KINDS:
        raise UserError(
            f"{path} holds {kind!r}, and this version of audio_diffstride "
            f"knows {' and '.join(_KINDS)}; install the version that prepared "
            "it, or delete it and prepare the data again"
        )
    return _KINDS[kind](path)
