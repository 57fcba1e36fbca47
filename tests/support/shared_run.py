"""A tiny training on several virtual devices, as one process of a run.

    python -m tests.support.shared_run STORES WORKDIR DEVICES [FIELD=VALUE ...]

Every process has four CPU devices. Adam's epsilon is so large that it does not
step by the sign of rounding: then the count of devices decides nothing. Every
loss is written to WORKDIR-losses-PROCESS.txt. `die_after=STEP` kills it there.
"""

import ast
import functools
import os
import pathlib
import signal
import sys

import keras
import numpy as np

from audio_diffstride import errors, training
from audio_diffstride.datasets.clips import ClipStore, ClipStoreWriter
from audio_diffstride.optimization.optimizers import StrideAdam, StrideAdamW
from audio_diffstride.training import finite, machines, model
from tests.support.synthetic import tiny_config

VIRTUAL_DEVICES = 4


def write_noise(path, task: str, num_classes: int):
    """Noise of as many colours as classes: no band of it is silent."""
    rng = np.random.default_rng(num_classes)
    classes = [str(number) for number in range(num_classes)]
    with ClipStoreWriter.open(
        path,
        name=task,
        tasks={task: classes},
        sample_rate_hz=16000,
        fingerprint=task,
        split_name="own",
    ) as writer:
        for index in range(24):
            colour = index % num_classes
            noise = rng.normal(0, 3000, 8000 + colour)
            noise = np.convolve(noise, np.ones(colour + 1), "valid")
            split = "train" if index < 16 else "validation"
            writer.add(split, noise.astype("int16"), {task: str(colour)})
    return path


def config(devices: str, fields: dict):
    """Of 24 steps, in which strides, and so sizes, and folding move."""
    config = tiny_config(
        complexity_weight=0.1,
        size_multiple=4,
        folding=0.5,
        learn_folding=True,
    )
    config.devices = devices
    config.training.num_steps, config.training.steps_per_epoch = 24, 12
    config.training.batch_size = 8
    config.training.learning_rate = 1e-3
    config.training.stride_step_ratio = 30.0
    config.training.weight_decay = 0.01
    for name, value in fields.items():
        config.update_from_flattened_dict({name: value})
    return config


def make_devices():
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        (cpu,) = tf.config.list_physical_devices("CPU")
        tf.config.set_logical_device_configuration(
            cpu, [tf.config.LogicalDeviceConfiguration()] * VIRTUAL_DEVICES
        )
    elif keras.backend.backend() == "jax":
        import jax

        jax.config.update("jax_num_cpu_devices", VIRTUAL_DEVICES)


def record(workdir, die_after: int):
    """Writes every loss, and kills this process after a step."""
    after_step = finite.TerminateOnNonFinite.on_train_batch_end

    def on_train_batch_end(callback, batch, logs=None):
        after_step(callback, batch, logs)
        path = pathlib.Path(f"{workdir}-losses-{machines.index()}.txt")
        with path.open("a") as file:
            file.write(f"{callback.step} {float(logs['loss'])!r}\n")
        if callback.step == die_after:
            os.kill(os.getpid(), signal.SIGKILL)

    finite.TerminateOnNonFinite.on_train_batch_end = on_train_batch_end


if __name__ == "__main__":
    stores, workdir, devices, *rest = sys.argv[1:]
    fields = {
        name: ast.literal_eval(text)
        for name, text in (entry.split("=") for entry in rest)
    }
    model.StrideAdam = functools.partial(StrideAdam, epsilon=0.1)
    model.StrideAdamW = functools.partial(StrideAdamW, epsilon=0.1)
    with errors.report_user_errors():
        machines.join()
        make_devices()
        record(workdir, fields.pop("die_after", 0))
        training.train(
            config(devices, fields),
            workdir,
            [ClipStore(path) for path in stores.split(",")],
        )
