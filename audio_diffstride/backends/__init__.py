"""What differs between Keras's backends, and Keras does not hide.

The backend is chosen by the environment, KERAS_BACKEND=tensorflow, jax or
torch; nothing here, and nothing in the package, imports another one.
"""

from __future__ import annotations

import importlib.util
import os

from audio_diffstride.errors import UserError

# What decides, with Keras, the numbers that a backend computes.
_PACKAGES = {
    "tensorflow": ("tensorflow",),
    "jax": ("jax", "jaxlib"),
    "torch": ("torch",),
}


def name() -> str:
    """The backend in use.

    Raises:
        UserError: if it is one that nothing can be trained with.
    """
    import keras  # seconds: not before it is needed

    backend = keras.backend.backend()
    if backend not in _PACKAGES:
        raise UserError(
            f"KERAS_BACKEND is {backend}, but must be "
            f"{', '.join(_PACKAGES)} here"
        )
    return backend


def packages() -> tuple[str, ...]:
    """The distributions whose versions decide what is computed."""
    return _PACKAGES[name()]


def devices() -> list[str]:
    """The devices in reach of this process, by name."""
    if name() == "tensorflow":
        import tensorflow as tf

        return [
            tf.config.experimental.get_device_details(device).get(
                "device_name", device.name
            )
            for device in tf.config.list_physical_devices()
        ]
    if name() == "torch":
        import torch

        gpus = range(torch.cuda.device_count())
        return ["cpu", *map(torch.cuda.get_device_name, gpus)]
    import jax

    return [device.device_kind for device in jax.devices()]


def make_deterministic():
    """The same operations give the same bits, from now on.

    To be called before anything is computed: JAX reads its flags once.
    """
    if name() == "tensorflow":
        import tensorflow as tf

        tf.config.experimental.enable_op_determinism()
    elif name() == "torch":
        import torch

        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
        # An operation of a GPU that cannot is warned of, not refused.
        torch.use_deterministic_algorithms(True, warn_only=True)
    elif "xla_gpu_deterministic_ops" not in os.environ.get("XLA_FLAGS", ""):
        flags = [os.environ.get("XLA_FLAGS"), "--xla_gpu_deterministic_ops=1"]
        os.environ["XLA_FLAGS"] = " ".join(filter(None, flags))


def steps_are_compiled(jit_compile: bool) -> bool:
    """Whether XLA compiles the training step: always on JAX.

    Args:
        jit_compile: whether the user asks for it.

    Raises:
        UserError: for torch, where nothing is compiled.
    """
    if jit_compile and name() == "torch":
        raise UserError(
            "training.jit_compile is for the backends tensorflow and jax; "
            "leave it False with KERAS_BACKEND=torch"
        )
    return jit_compile or name() == "jax"


def is_installed(backend: str) -> bool:
    """Whether a backend could be used here."""
    return importlib.util.find_spec(backend) is not None
