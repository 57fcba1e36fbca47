"""The device that is measured: which it is, when it is done, what it holds."""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import subprocess

from audio_diffstride.errors import UserError

CHOICES = ("cpu", "gpu")


def choose(device: str | None) -> str:
    """Takes a device, before anything is computed.

    Args:
        device: "cpu" or "gpu"; None is a GPU where the backend has one, else
            the CPU.

    Returns:
        "cpu" or "gpu".

    Raises:
        UserError: if the backend cannot be used, or has no GPU.
    """
    # Peaks are measured in other processes, which need some memory too.
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


def wait(logs: dict | None = None):
    """Returns when the device has done all that it was told to.

    Args:
        logs: of the last training step; on JAX, whose steps are one program
            each, they are ready when it has ended.
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

        jax.block_until_ready(logs)


def peak_bytes() -> int | None:
    """The most memory of the GPU that this process has held; None on a CPU."""
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


def described() -> dict[str, object]:
    """Device, cores, driver, backend, versions, and what float32 means."""
    import keras

    from audio_diffstride import backends

    return {
        "device": backends.devices()[-1],
        "cores": len(os.sched_getaffinity(0)),
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
    asked = ["--query-gpu=driver_version", "--format=csv,noheader"]
    done = subprocess.run(
        ["nvidia-smi", *asked], capture_output=True, text=True
    )
    return done.stdout.strip() or None


def _float32_products(backend: str) -> str:
    """Whether a GPU may round the factors of float32 products to TF32."""
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
