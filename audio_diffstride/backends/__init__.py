"""Differences between the backends of Keras that Keras does not hide.

The environment variable KERAS_BACKEND chooses the backend: tensorflow, jax or
torch. The package imports no other backend than this one.
"""

from __future__ import annotations

import importlib.util
import os

from audio_diffstride.errors import UserError

# The packages of each backend. With Keras they decide the computed numbers.
_PACKAGES = {
    "tensorflow": ("tensorflow",),
    "jax": ("jax", "jaxlib"),
    "torch": ("torch",),
}


def name() -> str:
    """The name of the backend in use.

    Raises:
        UserError: for a backend that cannot train a model.
    """
    import keras  # takes seconds, so only when it is needed

    backend = keras.backend.backend()
    if backend not in _PACKAGES:
        raise UserError(
            f"KERAS_BACKEND is {backend}, but must be one of "
            f"{', '.join(_PACKAGES)}; set it to one of them"
        )
    return backend


def packages() -> tuple[str, ...]:
    """The packages of the backend. Their versions decide the results."""
    return _PACKAGES[name()]


def devices() -> list[str]:
    """The names of the devices that this process can use."""
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


def make_deterministic() -> None:
    """Makes equal operations give equal bits from now on.

    Call it before any computation, because JAX reads its flags only once.
    """
    if name() == "tensorflow":
        import tensorflow as tf

        tf.config.experimental.enable_op_determinism()
    elif name() == "torch":
        import torch

        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
        # A GPU operation without a deterministic form only warns.
        torch.use_deterministic_algorithms(True, warn_only=True)
    elif "xla_gpu_deterministic_ops" not in os.environ.get("XLA_FLAGS", ""):
        flags = [os.environ.get("XLA_FLAGS"), "--xla_gpu_deterministic_ops=1"]
        os.environ["XLA_FLAGS"] = " ".join(filter(None, flags))


def steps_are_compiled(jit_compile: bool) -> bool:
    """Whether XLA compiles the training step. On JAX it always does.

    Args:
        jit_compile: whether the user asks for it.

    Raises:
        UserError: if the user asks for it on torch, which does not compile.
    """
    if jit_compile and name() == "torch":
        raise UserError(
            "training.jit_compile is for the backends tensorflow and jax; "
            "leave it False with KERAS_BACKEND=torch"
        )
    return jit_compile or name() == "jax"


def is_installed(backend: str) -> bool:
    """Whether the package of a backend is installed."""
    return importlib.util.find_spec(backend) is not None
