"""Five training steps of a saved model, by whichever backend is set.

    python -m tests.support.five_steps MODEL.keras OUTPUT_FOLDER

Output: after.keras and numbers.npz. The latter has the losses, the sizes after
each step, the final strides, and the logits before and after training.
"""

import pathlib
import sys

import keras
import numpy as np

from audio_diffstride import AudioClassifier, TimeFrequencyEncoder
from audio_diffstride.optimization.size_refresh import RefreshSizes

STEPS, BATCH, SAMPLES = 5, 4, 6400


def make_model():
    """A model whose strides, and so its sizes, move at every step."""
    keras.utils.set_random_seed(0)
    return AudioClassifier(
        {"a": 3, "b": 2},
        encoder=TimeFrequencyEncoder(
            channels=(4, 6, 8),
            strides=((2, 2), (1, 2), (2, 1)),
            complexity_weight=300.0,  # drives the strides up, steadily
        ),
    )


def data():
    """Noise of different colours, and the labels of two tasks."""
    rng = np.random.default_rng(0)
    x = rng.normal(0, 3000, (STEPS * BATCH, SAMPLES)).astype("int16")
    return x, {"a": rng.integers(0, 3, len(x)), "b": rng.integers(0, 2, len(x))}


class Record(keras.callbacks.Callback):
    """The loss of every step, and the sizes after it."""

    def on_train_begin(self, logs=None):
        self.losses, self.sizes = [], []

    def on_train_batch_end(self, batch, logs=None):
        self.losses.append(float(logs["loss"]))
        size = (40, 64)
        for block in self.model.encoder.blocks:
            size = block.output_size(size)
            self.sizes.append(size)


def logits(model, x):
    return [values for _, values in sorted(model.predict(x, verbose=0).items())]


def main(model_path, folder):
    folder = pathlib.Path(folder)
    model = keras.saving.load_model(model_path)
    x, y = data()
    before = logits(model, x)
    cross_entropy = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    # Adam steps by the sign of a gradient, however small. Rounding alone would
    # decide some of its steps, so this is SGD.
    model.compile(
        keras.optimizers.SGD(1e-3),
        {"a": cross_entropy, "b": cross_entropy},
        jit_compile=keras.backend.backend() == "jax",
    )
    record = Record()
    model.fit(
        x,
        y,
        batch_size=BATCH,
        shuffle=False,
        verbose=0,
        callbacks=[RefreshSizes(), record],
    )
    model.save(folder / "after.keras")
    arrays = dict(enumerate(logits(model, x)))
    np.savez(
        folder / "numbers.npz",
        losses=record.losses,
        sizes=record.sizes,
        before=np.concatenate(before, axis=1),
        after=np.concatenate([*arrays.values()], axis=1),
        strides=np.stack(
            [
                keras.ops.convert_to_numpy(block.strides)
                for block in model.encoder.blocks
            ]
        ),
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
