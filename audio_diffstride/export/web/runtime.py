"""ONNX Runtime Web, which runs a network in a browser, as it lies here.

Its README says where the files come from. In the package it takes 2.3 MB.
"""

from __future__ import annotations

import lzma
import pathlib

VERSION = "1.30.0"
_FOLDER = pathlib.Path(__file__).parent / "onnxruntime"


def script() -> str:
    """The JavaScript, as a plain script that defines `ort`.

    The file is an ES module. A page from disk cannot start a module as a
    worker: Chromium refuses it.
    """
    text = (_FOLDER / "ort.wasm.bundle.min.mjs").read_text("utf-8")
    module, _, rest = text.rpartition("export{")
    exported, _, _ = rest.partition("};")
    pairs = [name.split(" as ") for name in exported.split(",")]
    names = ",".join(f"{public}:{local}" for local, public in pairs)
    body = module.replace("import.meta.url", "self.location.href")
    return f'const ort=(()=>{{"use strict";{body};return{{{names}}}}})();\n'


def binary() -> bytes:
    """The WebAssembly that the script starts."""
    packed = (_FOLDER / "ort-wasm-simd-threaded.wasm.xz").read_bytes()
    return lzma.decompress(packed)


def licence() -> str:
    """The text of its licence."""
    return (_FOLDER / "LICENSE").read_text("utf-8")
