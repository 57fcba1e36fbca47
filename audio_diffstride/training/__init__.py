"""Training: a config and clip stores to a work directory."""

from audio_diffstride import lazy

# Imported when first used, as in the package above.
_MODULE_OF = {
    "build_model": "model",
    "compile_model": "model",
    "train": "run",
}

__all__ = list(_MODULE_OF)
__getattr__ = lazy.names_of(__name__, _MODULE_OF)
