"""The file that an export writes, by its format."""

from __future__ import annotations

from audio_diffstride.runs import layout

# {format: name of the model's file or folder}.
MODELS = {
    "saved_model": layout.SAVED_MODEL,
    "onnx": layout.ONNX,
    "litert": layout.LITERT,
    "litert_int8": layout.LITERT,
    "web": layout.WEB,
}
