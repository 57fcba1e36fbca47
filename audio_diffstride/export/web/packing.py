"""Bytes inside a page: compressed by gzip, which browsers unpack, in base64."""

from __future__ import annotations

import base64
import gzip
import os
import pathlib
import re
import zlib

from audio_diffstride.errors import UserError
from audio_diffstride.files import zip_members

# The ids of data blocks.
NETWORK = "network"
RUNTIME = "runtime"
RUNTIME_SCRIPT = "runtime-script"


def pack(content: bytes) -> str:
    """Packs bytes as text; equal bytes give equal text."""
    return base64.b64encode(gzip.compress(content, 9, mtime=0)).decode("ascii")


def find(path: str | os.PathLike[str], name: str) -> bytes:
    """Unpacks a data block of a page.

    Args:
        path: of the page.
        name: the id of the block.

    Raises:
        UserError: if the page has no such block, or a damaged one.
    """
    page = pathlib.Path(path).read_bytes()
    block = re.search(
        rb'<script type="text/plain" id="%b">([A-Za-z0-9+/=]*)</script>'
        % re.escape(name).encode(),
        page,
    )
    try:
        if block:
            return _unpack(base64.b64decode(block[1], validate=True))
    except (ValueError, zlib.error):
        pass
    raise UserError(
        f"{path} holds no network; give a page that audio-diffstride export "
        "--format web wrote"
    )


def _unpack(packed: bytes) -> bytes:
    """Unpacks gzip.

    Raises:
        ValueError: if it is cut off, or would fill the memory.
        zlib.error: if it is damaged.
    """
    unpacking = zlib.decompressobj(zlib.MAX_WBITS | 16)  # of gzip
    content = unpacking.decompress(packed, zip_members.most_bytes(len(packed)))
    if not unpacking.eof:
        raise ValueError
    return content
