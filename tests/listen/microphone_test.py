"""The microphone, with a module in place of sounddevice."""

import importlib.machinery
import sys
import types

import numpy as np
import pytest

from audio_diffstride.errors import UserError
from audio_diffstride.listen import microphone
from audio_diffstride.listen.microphone import Microphone


class PortAudioError(Exception):
    pass


class Stream:
    """Calls back at once, for all of `FakeModule.sound`."""

    active = False

    def __init__(self, module, **settings):
        self._module, module.settings = module, settings

    def __enter__(self):
        callback = self._module.settings["callback"]
        for samples, overflow in self._module.sound:
            status = types.SimpleNamespace(input_overflow=overflow)
            callback(samples, len(samples), None, status)
        return self

    def __exit__(self, *_):
        self._module.is_closed = True


class FakeModule(types.ModuleType):
    """Of sounddevice, what is used, with one microphone."""

    PortAudioError = PortAudioError
    is_closed = False
    sound: list = []
    devices = [
        {"name": "speaker", "max_input_channels": 0},
        {"name": "usb", "max_input_channels": 1},
    ]

    def query_devices(self, device=None, kind=None):
        if kind is None:
            return self.devices
        if device not in (None, 2, "usb"):
            raise ValueError(f"No input device matching {device!r}")
        return {"default_samplerate": 48000.0}

    def check_input_settings(self, samplerate, **_):
        if samplerate not in (44100, 48000):
            raise PortAudioError("Invalid sample rate [PaErrorCode -9997]")

    def InputStream(self, **settings):
        return Stream(self, **settings)


@pytest.fixture
def module(monkeypatch):
    module = FakeModule("sounddevice")
    module.__spec__ = importlib.machinery.ModuleSpec("sounddevice", None)
    monkeypatch.setitem(sys.modules, "sounddevice", module)
    return module


def sound(count):
    return [
        (np.full((4800, 1), number, np.int16), False) for number in range(count)
    ]


def test_its_blocks_come_in_order_and_it_is_closed(module):
    module.sound = sound(5)
    source = Microphone("usb", None)
    blocks = source.blocks()
    assert [next(blocks).start_frame for _ in range(3)] == [0, 4800, 9600]
    assert source.behind_s == pytest.approx(0.2)
    assert module.settings["samplerate"] == 48000
    assert module.settings["blocksize"] == 4800
    blocks.close()
    assert module.is_closed and not source.problems


def test_blocks_are_copies(module):
    """PortAudio uses the memory again."""
    array = np.zeros((4410, 1), np.int16)
    module.sound = [(array, False)]
    block = next(Microphone(None, 44100).blocks())
    array += 1
    assert not block.samples.any()


def test_what_finds_no_room_is_a_gap(module, monkeypatch):
    monkeypatch.setattr(microphone, "MAX_BLOCKS", 3)
    module.sound = sound(5)
    source = Microphone("2", None)
    blocks = source.blocks()
    kept = [next(blocks) for _ in range(3)]
    assert [block.start_frame for block in kept] == [0, 4800, 9600]
    source._receive(
        *module.sound[0][:1],
        4800,
        None,
        types.SimpleNamespace(input_overflow=False),
    )
    assert next(blocks).start_frame == 5 * 4800  # two are lost
    blocks.close()


def test_losses_of_the_sound_card_and_its_end_are_problems(module):
    module.sound = [*sound(3), (np.zeros((4800, 1), np.int16), True)]
    source = Microphone(None, None)
    assert len([block for block in source.blocks() if block]) == 4
    lost, ended = source.problems
    assert "lost sound, of unknown length, at 0.3 s" in lost
    assert ended == "the microphone has ended"


@pytest.mark.parametrize(
    ("device", "rate_hz", "message"),
    [
        (
            "9",
            None,
            "the microphone 9 cannot be used: No input device matching",
        ),
        (None, 8000, "cannot be used at 8000 Hz: Invalid sample rate"),
        ("desk", None, r"matching 'desk'; --device takes 1 \(usb\)"),
    ],
)
def test_a_microphone_that_cannot_be_used_is_told(
    device, rate_hz, message, module
):
    with pytest.raises(UserError, match=message):
        Microphone(device, rate_hz)


def test_a_machine_without_a_microphone_is_told(module):
    module.devices = []
    with pytest.raises(UserError, match="no microphone; pipe the sound, with"):
        Microphone("9", None)


def test_what_is_not_installed_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(UserError, match=r"pip install 'audio-diffstride\[list"):
        Microphone(None, None)


def test_a_missing_portaudio_is_told(monkeypatch, tmp_path):
    (tmp_path / "sounddevice.py").write_text(
        "raise OSError('PortAudio library not found')"
    )
    monkeypatch.delitem(sys.modules, "sounddevice", raising=False)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(UserError, match="apt-get install libportaudio2"):
        Microphone(None, None)
