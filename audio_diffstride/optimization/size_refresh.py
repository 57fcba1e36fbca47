"""Fixed output sizes that follow the strides from step to step."""

from __future__ import annotations

import functools

import keras

from audio_diffstride.backends import during_fit
from audio_diffstride.layers import DiffStride


class RefreshSizes(keras.callbacks.Callback):
    """Compiles the training step anew when, and only when, a size has moved.

    For models whose `DiffStride` layers have `fixed_sizes`. After each step
    the sizes are computed from the strides. If one that the compiled step was
    built with has moved, the next step is another: one of the last few, if
    its sizes are the right ones again, else a new one.

    What a run compiles is bounded by the sizes it passes through: at most
    N / `size_multiple` for an axis of N samples. Used for another `fit` of the
    same model, it goes on with the step it had.

    The next step cannot be given to the device before the strides of this one
    are known: there is one wait per step, for a few numbers.

    Args:
        max_kept: how many compiled steps to keep for when sizes come back.

    Attributes:
        num_compilations: steps that were compiled so far.

    Example:
        model.compile(optimizer, loss, jit_compile=True)
        model.fit(data, callbacks=[RefreshSizes()])
    """

    def __init__(self, max_kept: int = 8):
        super().__init__()
        self._max_kept = max_kept
        self._kept = []  # (sizes in use, compiled step), the latest last
        self._step = None  # the one in use
        self.num_compilations = 0

    def on_train_begin(self, logs=None):
        self._layers = [
            layer
            for layer in self.model._flatten_layers()
            if isinstance(layer, DiffStride) and layer.fixed_sizes
        ]
        self._strides = during_fit.ValuesDuringFit(
            self.model, [layer.strides for layer in self._layers]
        )
        moved = [layer.refresh_sizes() for layer in self._layers]
        is_another = self.model.train_function is not self._step
        if self._layers and (is_another or any(moved)):
            self._compile()

    def on_train_batch_end(self, batch, logs=None):
        if not self._layers:
            return
        strides = self._strides.read()
        if any([*map(DiffStride.refresh_sizes, self._layers, strides)]):
            self._take_or_compile()

    def on_epoch_end(self, epoch, logs=None):
        if self._layers:
            print(f"steps compiled so far: {self.num_compilations}")

    def _take_or_compile(self):
        sizes = [dict(layer.sizes_in_use) for layer in self._layers]
        self._kept.append((sizes, self.model.train_function))
        self._kept = self._kept[-self._max_kept :]
        self.model.test_function = self.model.predict_function = None
        for index, (sizes, step) in enumerate(self._kept):
            if all(map(DiffStride.matches_sizes, self._layers, sizes)):
                del self._kept[index]
                for layer, in_use in zip(self._layers, sizes):
                    layer.sizes_in_use = dict(in_use)
                self.model.train_function = self._step = step
                return
        self._compile()

    def _compile(self):
        for layer in self._layers:
            layer.sizes_in_use = {}
        if keras.backend.backend() == "jax":
            # JAX would take what it compiled for an equal function before.
            for step in ("train_step", "test_step"):
                method = getattr(type(self.model), step)
                setattr(self.model, step, functools.partial(method, self.model))
        self.model.make_train_function(force=True)
        self._step = self.model.train_function
        self.num_compilations += 1
