"""Containers become hostile inside: archives, pages and checkpoints."""

from __future__ import annotations

import base64
import gzip
import io
import random
import warnings
import zipfile
from collections.abc import Callable

from audio_diffstride.export.web import packing
from tests.fuzz import seeds
from tests.fuzz.mutations import Mutate, of_bytes, of_json, of_table


def of_zip(rng: random.Random, content: bytes) -> bytes:
    """A member is changed, lost, doubled, or claims another size."""
    if rng.random() < 0.2:
        return of_bytes(rng, content)
    start = content.find(b"PK\3\4")  # a LiteRT file has its model before
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = [(name, archive.read(name)) for name in archive.namelist()]
    place = rng.randrange(len(members))
    name, inside = members[place]
    match rng.randrange(8):
        case 0:
            del members[place]
        case 1:
            members.append((name, of_bytes(rng, inside)))
        case 2:
            members[place] = (rng.choice(("../up", ".", "/x", "a\0b")), inside)
        case _:
            mutate = of_json if name.endswith(".json") else of_bytes
            members[place] = (name, mutate(rng, inside))
    kind = rng.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))
    packed = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(packed, "w", kind) as new:
        warnings.simplefilter("ignore")  # of two members of one name
        for name, inside in members:
            new.writestr(name, inside)
    result = content[: max(start, 0)] + packed.getvalue()
    return of_bytes(rng, result) if rng.random() < 0.1 else result


def of_gzip(rng: random.Random, content: bytes) -> bytes:
    """The bytes inside are changed, or those outside."""
    if rng.random() < 0.3:
        return of_bytes(rng, content)
    return gzip.compress(of_bytes(rng, gzip.decompress(content)), 1)


def of_checkpoint(rng: random.Random, content: bytes) -> bytes:
    """The archive is changed, and the digest is right for it."""
    if rng.random() < 0.1:
        return of_bytes(rng, content)
    return seeds.with_digest(of_zip(rng, content.partition(b"\n")[2]))


def of_page(rng: random.Random, content: bytes) -> bytes:
    """The network in a page is changed, or the page."""
    if rng.random() < 0.3:
        return of_bytes(rng, content)
    before, middle = content.split(b'">')[0], content.split(b'">')[1]
    packed = middle.removesuffix(b"</script>").decode()
    network = of_bytes(rng, gzip.decompress(base64.b64decode(packed)))
    return before + b'">' + packing.pack(network).encode() + b"</script>"


_BY_SUFFIX: dict[str, Mutate] = {
    **dict.fromkeys((".csv", ".txt"), of_table),
    **dict.fromkeys((".json",), of_json),
    **dict.fromkeys((".zip", ".keras"), of_zip),
    ".gz": of_gzip,
    ".checkpoint": of_checkpoint,
    ".html": of_page,
}


def for_name(name: str) -> Callable[[random.Random, bytes], bytes]:
    """What changes a file of this name."""
    return _BY_SUFFIX.get(name[name.rfind(".") :], of_bytes)
