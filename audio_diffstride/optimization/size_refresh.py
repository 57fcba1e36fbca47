"""A callback that updates fixed output sizes when the strides move."""

from __future__ import annotations

import functools
from typing import Any

import keras

from audio_diffstride.backends import during_fit
from audio_diffstride.layers import DiffStride


def layers_of_fixed_sizes(model: Any) -> list[DiffStride]:
    """The layers of a model whose output sizes are constants of a step."""
    return [
        layer
        for layer in model._flatten_layers()
        if isinstance(layer, DiffStride) and layer.fixed_sizes
    ]


class RefreshSizes(keras.callbacks.Callback):
    """Compiles a new training step when, and only when, a size has changed.

    For models with `DiffStride` layers that have `fixed_sizes`. After each
    training step the sizes are computed from the strides. If a size in the
    compiled step is out of date, the callback exchanges the compiled step. It
    takes one of the last few if one has the right sizes. Otherwise it
    compiles a new one.

    A run compiles at most one step per combination of sizes. An axis of N
    samples has at most N / `size_multiple` sizes. In another `fit` of the same
    model, the callback continues with the compiled step that it has.

    The next step starts only when the strides of the last step are known. So
    there is one wait per step, for a few numbers.

    Args:
        max_kept: number of compiled steps to keep, in case sizes come back.

    Attributes:
        num_compilations: number of steps compiled so far.

    Example:
        model.compile(optimizer, loss, jit_compile=True)
        model.fit(data, callbacks=[RefreshSizes()])
    """

    def __init__(self, max_kept: int = 8):
        super().__init__()
        self._max_kept = max_kept
        # (sizes in use, compiled step), the latest last
        self._kept: list[tuple[list[dict], Any]] = []
        self._step: Any = None  # the compiled step in use
        self.num_compilations = 0

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        self._layers = layers_of_fixed_sizes(self.model)
        self._strides = during_fit.ValuesDuringFit(
            self.model, [layer.strides for layer in self._layers]
        )
        moved = [layer.refresh_sizes() for layer in self._layers]
        is_foreign = self.model.train_function is not self._step
        if self._layers and (is_foreign or any(moved)):
            self._compile()

    def on_train_batch_end(
        self, batch: int, logs: dict[str, Any] | None = None
    ) -> None:
        if not self._layers:
            return
        strides = self._strides.read()
        if any([*map(DiffStride.refresh_sizes, self._layers, strides)]):
            self._exchange_step()

    def on_epoch_end(
        self, epoch: int, logs: dict[str, Any] | None = None
    ) -> None:
        if self._layers:
            print(f"steps compiled so far: {self.num_compilations}")

    def _exchange_step(self) -> None:
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

    def _compile(self) -> None:
        for layer in self._layers:
            layer.sizes_in_use = {}
        if keras.backend.backend() == "jax":
            # JAX would reuse the compiled code of an equal function.
            for step in ("train_step", "test_step"):
                method = getattr(type(self.model), step)
                setattr(self.model, step, functools.partial(method, self.model))
        self.model.make_train_function(force=True)
        self._step = self.model.train_function
        self.num_compilations += 1
