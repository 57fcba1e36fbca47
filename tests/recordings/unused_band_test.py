"""A line says what the model does not use of the recordings."""

import types

import pytest

from audio_diffstride.config import config_files
from audio_diffstride.recordings import unused_band
from tests.support.synthetic import tiny_images_config


def lines(rates_hz, **fields):
    sources = {"sample_rates_hz": rates_hz} if rates_hz else {}
    store = types.SimpleNamespace(name="birds/", sources=sources)
    fields = {name.replace("__", "."): text for name, text in fields.items()}
    config = config_files.load("recordings:small", fields | {"data.path": "x"})
    return list(unused_band.describe(config, [store]))


@pytest.mark.parametrize(
    "rates_hz, fields, used, flag",
    [
        ({"44100": 3, "8000": 2}, {}, "7,800", "sample_rate_hz=44100"),
        ({"22050": 1}, {}, "7,800", "sample_rate_hz=22050"),
        (
            {"44100": 1},
            {"front_end__sample_rate_hz": "48000", "front_end__max_hz": "8000"},
            "8,000",
            "max_hz=21498",
        ),
        (
            {"44100": 1},
            {"model__encoder": "waveform"},
            "8,000",
            "sample_rate_hz=44100",
        ),
    ],
)
def test_a_band_that_is_not_used_is_told_with_its_flag(
    rates_hz, fields, used, flag
):
    (line,) = lines(rates_hz, **fields)
    rate_hz = int(next(iter(rates_hz)))
    assert line == (
        f"most files of birds/ have {rate_hz:,} Hz, and the model uses sound "
        f"up to {used} Hz of it; --config.front_end.{flag} uses more"
    )
    # The flag ends it.
    name, _, value = flag.partition("=")
    assert lines(rates_hz, **fields | {f"front_end__{name}": value}) == []


@pytest.mark.parametrize(
    "rates_hz", [{}, {"16000": 4}, {"8000": 1}, {"16000": 3, "96000": 1}]
)
def test_a_band_that_is_used_gives_no_line(rates_hz):
    assert lines(rates_hz) == []


def test_images_have_no_band():
    config = tiny_images_config()
    store = types.SimpleNamespace(name="a", sources={})
    assert list(unused_band.describe(config, [store])) == []
