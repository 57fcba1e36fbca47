"""TensorBoard scalars, without TensorFlow."""

from __future__ import annotations

import os
import pathlib
import time
from typing import Any

from audio_diffstride import cutoffs
from audio_diffstride.optimization.averaging import averaged_weights
from audio_diffstride.training.step_count import StepCount


class TensorBoard(StepCount):
    """Writes logs, strides, folding and cut-offs after each epoch.

    The axis counts complete epochs, so an interrupted epoch is left out.

    Args:
        folder: the folder of event files, one for each start of a run.
        steps_per_epoch: of a complete epoch.
        size: the sizes of an example's axes at the encoder's input.
    """

    def __init__(
        self, folder: pathlib.Path, steps_per_epoch: int, size: tuple[int, ...]
    ):
        super().__init__()
        self._folder = folder
        self.steps_per_epoch = steps_per_epoch
        self._size = size
        self._path: pathlib.Path | None = None

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if self.step % self.steps_per_epoch:
            return
        with averaged_weights(self.model):
            scalars = {**(logs or {}), **self._of_downsampling()}
        # Written before the checkpoint, so no epoch is missing after a kill.
        self._append(epoch, {f"epoch_{n}": v for n, v in scalars.items()})

    def _of_downsampling(self) -> dict[str, float]:
        scalars: dict[str, float] = {}
        for name, value in cutoffs.strides(self.model).items():
            scalars[f"strides/{name}"] = value
        for name, value in cutoffs.foldings(self.model).items():
            scalars[f"folding/{name}"] = value
        for row in cutoffs.report(self.model, self._size):
            name = f"{row['block']}_{row['axis']}"
            scalars[f"cutoffs/{name}"] = row["cutoff"]
        return scalars

    def _append(self, epoch: int, scalars: dict[str, float]) -> None:
        from tensorboard.compat.proto import event_pb2, summary_pb2
        from tensorboard.summary.writer import record_writer

        now_s = time.time()
        events = []
        if self._path is None:
            self._folder.mkdir(parents=True, exist_ok=True)
            name = f"events.out.tfevents.{now_s:.6f}.{os.getpid()}"
            self._path = self._folder / name
            events.append(
                event_pb2.Event(wall_time=now_s, file_version="brain.Event:2")
            )
        values = [
            summary_pb2.Summary.Value(tag=tag, simple_value=value)
            for tag, value in scalars.items()
        ]
        events.append(
            event_pb2.Event(
                wall_time=now_s,
                step=epoch,
                summary=summary_pb2.Summary(value=values),
            )
        )
        with open(self._path, "ab") as file:
            writer = record_writer.RecordWriter(file)
            for event in events:
                writer.write(event.SerializeToString())
