"""Sound from a microphone, by sounddevice."""

from __future__ import annotations

import collections
import queue
from collections.abc import Generator
from typing import Any

from audio_diffstride.errors import UserError, join_some
from audio_diffstride.listen.sound import BLOCK_S, IDLE_S, MAX_BLOCKS, Block
from audio_diffstride.terminal import packages


class Microphone:
    """The microphone of this machine.

    Args:
        device: its number or a part of its name; None is the system's.
        rate_hz: to record at; None is the device's own.

    Attributes:
        name: "microphone".
        problems: what PortAudio says it has lost, and the end of the device.

    Raises:
        UserError: if sounddevice, PortAudio or a microphone is missing, or the
            microphone has not this rate.
    """

    name = "microphone"

    def __init__(self, device: str | None, rate_hz: int | None):
        packages.require("sounddevice", "listen")
        try:
            import sounddevice
        except OSError as error:
            raise UserError(
                "sounddevice does not find the library PortAudio; install it, "
                "such as by apt-get install libportaudio2"
            ) from error
        self._module = sounddevice
        self._device: int | str | None = device
        if device is not None and device.isdecimal():
            self._device = int(device)
        try:
            found = sounddevice.query_devices(self._device, "input")
            self._rate_hz = round(rate_hz or found["default_samplerate"])
            sounddevice.check_input_settings(**self._settings)
        except (sounddevice.PortAudioError, ValueError) as error:
            wanted = "" if device is None else f" {device}"
            at_rate = "" if rate_hz is None else f" at {rate_hz} Hz"
            raise UserError(
                f"the microphone{wanted} cannot be used{at_rate}: {error}; "
                f"{_describe_devices(sounddevice)}"
            ) from error
        self.problems: collections.deque[str] = collections.deque()
        self._waiting: queue.Queue[Block] = queue.Queue(MAX_BLOCKS)
        self._next_frame = 0

    @property
    def _settings(self) -> dict[str, Any]:
        return {
            "device": self._device,
            "channels": 1,
            "dtype": "int16",
            "samplerate": self._rate_hz,
        }

    @property
    def behind_s(self) -> float:
        """Seconds of sound that wait to be scored."""
        return self._waiting.qsize() * BLOCK_S

    def blocks(self) -> Generator[Block | None, None, None]:
        """Records until the iterator is closed, or the device ends."""
        with self._module.InputStream(
            **self._settings,
            blocksize=round(BLOCK_S * self._rate_hz),
            callback=self._receive,
        ) as stream:
            while True:
                try:
                    yield self._waiting.get(timeout=IDLE_S)
                except queue.Empty:
                    if not stream.active:
                        self.problems.append("the microphone has ended")
                        return
                    yield None

    def _receive(
        self, samples: Any, frames: int, time: Any, status: Any
    ) -> None:
        """Called by PortAudio, in a thread of its own."""
        del time
        if status.input_overflow:
            self.problems.append(
                "the sound card has lost sound, of unknown length, at "
                f"{self._next_frame / self._rate_hz:.1f} s; later times are "
                "too early"
            )
        block = Block(self._rate_hz, self._next_frame, samples.copy())
        self._next_frame += frames
        try:
            self._waiting.put_nowait(block)
        except queue.Full:
            pass  # the next block begins later than this one ends


def _describe_devices(sounddevice: Any) -> str:
    """What --device can choose, for a message."""
    names = [
        f"{number} ({device['name']})"
        for number, device in enumerate(sounddevice.query_devices())
        if device["max_input_channels"]
    ]
    if not names:
        return "this machine has no microphone; pipe the sound, with SOURCE -"
    return f"--device takes {join_some(names)}"
