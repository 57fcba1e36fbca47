"""The measured device: choose it, wait for it, read its memory and name."""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import subprocess
from typing import Any

from audio_diffstride.errors import UserError

CHOICES = ("cpu", "gpu")


def choose(device: str | None) -> str:
    """Chooses the device. Call it before anything is computed.

    Args:
        device: "cpu" or "gpu". None is a GPU if the backend sees one, else
            the CPU.

    Returns:
        "cpu" or "gpu".

    Raises:
        UserError: if the backend cannot be used, or has no GPU.
    """
    # Leave memory for the other processes, in which peaks are measured.
    os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")
    os.environ.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")
    if device == "cpu":
        os.environ["CUDA_VISIBLE_DEVICES"] = ""
        os.environ["JAX_PLATFORMS"] = "cpu"
    try:
        from audio_diffstride import backends

        name = backends.name()
    except (ImportError, ValueError) as error:
        raise UserError(
            f"Keras cannot be used ({error}); install its backend, or choose "
            "another by KERAS_BACKEND=jax, torch or tensorflow"
        ) from error
    found = "gpu" if _has_gpu(name) else "cpu"
    if device == "gpu" and found == "cpu":
        raise UserError(
            f"{name} sees no GPU here; install its build for GPUs, or give "
            "--device cpu"
        )
    return found


def _has_gpu(backend: str) -> bool:
    if backend == "tensorflow":
        import tensorflow as tf

        return bool(tf.config.list_physical_devices("GPU"))
    if backend == "torch":
        import torch

        return torch.cuda.is_available()
    import jax

    return jax.default_backend() == "gpu"


def wait(outputs: Any = None) -> None:
    """Waits until the device has finished its work.

    Args:
        outputs: of the last computation, such as the logs of a training step.
            JAX waits for them: a step is one program, with one end.
    """
    from audio_diffstride import backends

    if backends.name() == "tensorflow":
        import tensorflow as tf

        tf.test.experimental.sync_devices()
    elif backends.name() == "torch":
        import torch

        if torch.cuda.is_available():
            torch.cuda.synchronize()
    else:
        import jax

        jax.block_until_ready(outputs)


def peak_bytes() -> int | None:
    """The peak memory of this process on the GPU; None on a CPU."""
    from audio_diffstride import backends

    if not _has_gpu(backends.name()):
        return None
    if backends.name() == "tensorflow":
        import tensorflow as tf

        return tf.config.experimental.get_memory_info("GPU:0")["peak"]
    if backends.name() == "torch":
        import torch

        return torch.cuda.max_memory_allocated()
    import jax

    return jax.local_devices()[0].memory_stats()["peak_bytes_in_use"]


def describe() -> dict[str, Any]:
    """Device, cores, driver, backend, versions, and precision of float32."""
    import keras

    from audio_diffstride import backends
    from audio_diffstride.audio.threads import num_cores

    return {
        "device": backends.devices()[-1],
        "cores": num_cores(),
        "driver": _driver(),
        "backend": backends.name(),
        "versions": {
            "keras": keras.__version__,
            **{p: importlib.metadata.version(p) for p in backends.packages()},
        },
        "float32_products": _float32_products(backends.name()),
    }


def _driver() -> str | None:
    if not shutil.which("nvidia-smi"):
        return None
    query = ["--query-gpu=driver_version", "--format=csv,noheader"]
    done = subprocess.run(
        ["nvidia-smi", *query], capture_output=True, text=True
    )
    return done.stdout.strip() or None


def _float32_products(backend: str) -> str:
    """Whether a GPU may round factors of float32 products to TF32."""
    if backend == "tensorflow":
        import tensorflow as tf

        allowed = tf.config.experimental.tensor_float_32_execution_enabled()
        return f"TF32 {'allowed' if allowed else 'off'}"
    if backend == "torch":
        import torch

        return (
            f"matrix products {torch.backends.cuda.matmul.fp32_precision}, "
            f"convolutions {torch.backends.cudnn.conv.fp32_precision}"
        )
    import jax

    precision = jax.config.jax_default_matmul_precision
    return f"jax_default_matmul_precision {precision or 'default'}"
