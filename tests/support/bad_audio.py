"""Malformed and odd recordings, with the right outcome of each."""

import os

import numpy as np

from tests.support.odd_audio import (
    NOISE,
    PCM,
    SINE,
    Case,
    chunk,
    content,
    cut,
    encoded,
    flac_promising,
    float_wav,
    lie,
    rf64_promising,
    sound,
    wav,
)

_NOT_AUDIO = "cannot be read as audio"
_NO_SAMPLES = "holds no audio samples"
_NOT_FINITE = "not finite"
_HALF = {"samples": 8000, "cut_off": r"holds 0\.500 s of the 1\.000 s"}

EMPTY = [
    Case("zero_length.wav", content(b""), refused=_NOT_AUDIO),
    Case("zero_length.flac", content(b""), refused=_NOT_AUDIO),
    Case("zero_length.mp3", content(b""), refused=_NOT_AUDIO),
    Case("header_only.wav", content(wav(b"")), refused=_NO_SAMPLES),
    sound("header_only.aiff", "AIFF", [], case={"refused": _NO_SAMPLES}),
    sound("header_only.ogg", "OGG", [], case={"refused": _NO_SAMPLES}),
]
CUT = [
    cut("cut_4.wav", "WAV", 4, refused=_NOT_AUDIO),
    cut("cut_20.wav", "WAV", 20, refused=_NOT_AUDIO),
    cut("cut_40.wav", "WAV", 40, refused=_NOT_AUDIO),
    cut("cut_44.wav", "WAV", 44, refused=_NO_SAMPLES),
    cut("cut_45.wav", "WAV", 45, refused=_NO_SAMPLES),
    cut("cut_data.wav", "WAV", 44 + 16000, **_HALF),
    cut("cut_in_a_sample.wav", "WAV", 44 + 16001, **_HALF),
    cut(
        "cut_last_byte.wav",
        "WAV",
        44 + 31999,
        samples=15999,
        cut_off="the last 1 bytes",
    ),
    cut("cut_5.flac", "FLAC", 5, refused=_NOT_AUDIO),
    cut("cut_60.flac", "FLAC", 60, refused=_NOT_AUDIO),
    cut("cut_half.flac", "FLAC", 0.5, refused="lost sync"),
    cut("cut_200.ogg", "OGG", 200, refused=_NOT_AUDIO),
    cut(
        "cut_half.ogg",
        "OGG",
        0.5,
        NOISE,
        samples=40000,
        tolerance=16000,
        peak=None,
        cut_off=r"cut off after [12]\.\d{3} s",
    ),
    cut("cut_200.mp3", "MP3", 200, refused=_NOT_AUDIO),
    cut(
        "cut_half.mp3",
        "MP3",
        0.5,
        NOISE,
        samples=40000,
        tolerance=6000,
        peak=None,
        cut_off="holds 2.* s of the 5.000 s that it promises",
    ),
    cut("cut_30.aiff", "AIFF", 30, refused=_NOT_AUDIO),
    cut("cut_data.aiff", "AIFF", 54 + 16000, **_HALF),
    cut("cut_data_rf64.wav", "RF64", 104 + 16000, **_HALF),
]
KINDS = [
    sound("flac_named.wav", "FLAC"),
    sound("ogg_named.mp3", "OGG", case={"tolerance": 0, "peak": None}),
    Case(
        "text_named.wav", content(b"no audio\n" * 40), refused="not recognised"
    ),
    Case(
        "text_named.mp3", content(b"no audio\n" * 40), refused="not recognised"
    ),
    Case(
        "picture_named.wav",
        content(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20),
        refused=_NOT_AUDIO,
    ),
    Case("noise_named.wav", content(PCM), refused=_NOT_AUDIO),
    *(
        sound(f"{subtype.lower()}.wav", "WAV", subtype=subtype)
        for subtype in (
            "PCM_U8 PCM_16 PCM_24 PCM_32 FLOAT DOUBLE ULAW ALAW".split()
        )
    ),
    sound(
        "ima_adpcm.wav",
        "WAV",
        subtype="IMA_ADPCM",
        case={"tolerance": 1020, "peak": None},
    ),
    sound(
        "gsm610.wav",
        "WAV",
        SINE[::2],
        8000,
        "GSM610",
        case={"tolerance": 640, "peak": None},
    ),
    sound("extensible.wav", "WAVEX"),
    sound("extensible_24.wav", "WAVEX", subtype="PCM_24"),
    sound("rf64.wav", "RF64"),
    sound("pcm_16.aiff", "AIFF"),
    sound("pcm_24.aif", "AIFF", subtype="PCM_24"),
    sound("vorbis.ogg", "OGG", case={"peak": None}),
    sound("opus.opus", "OGG", subtype="OPUS", case={"peak": None}),
    sound("layer3.mp3", "MP3", case={"peak": None}),
    Case(
        "id3_junk.mp3",
        lambda path: content(
            b"ID3\4\0\0\0\0\x07\x76" + bytes(1014) + encoded("MP3")
        )(path),
        peak=None,
    ),
    Case(
        "id3_too_long.mp3",
        lambda path: content(b"ID3\4\0\0\x7f\x7f\x7f\x7f" + encoded("MP3"))(
            path
        ),
        refused=_NOT_AUDIO,
    ),
    Case(
        "tag_at_the_end.mp3",
        lambda path: content(encoded("MP3") + b"TAG" + bytes(125))(path),
        peak=None,
    ),
]
LEVELS = [
    float_wav("nan.wav", [*SINE, np.nan], {"refused": _NOT_FINITE}),
    float_wav("first_nan.wav", [np.nan, *SINE], {"refused": _NOT_FINITE}),
    float_wav("plus_inf.wav", [*SINE, np.inf], {"refused": _NOT_FINITE}),
    float_wav("minus_inf.wav", [*SINE, -np.inf], {"refused": _NOT_FINITE}),
    float_wav("beyond_float32.wav", [1e300] * 9, {"refused": _NOT_FINITE}),
    float_wav(
        "infinities_cancel.wav",
        np.tile([np.inf, -np.inf], (99, 1)),
        {"refused": _NOT_FINITE},
    ),
    float_wav("clipped.wav", 4 * SINE, {"peak": 1.0}),
    float_wav("very_loud.wav", 1e38 * SINE, {"peak": 1.0}),
    float_wav("loud_channels.wav", np.full((16000, 8), 3e38), {"peak": 1.0}),
    float_wav("very_loud_at_8_khz.wav", 1e38 * SINE[::2], {"peak": 1.0}, 8000),
    float_wav("constant.wav", np.full(16000, 0.25), {"peak": 0.25}),
    float_wav("silence.wav", np.zeros(16000), {"peak": 0.0}),
    float_wav("denormal.wav", np.full(16000, 1e-310), {"peak": 0.0}),
]
SIZES = [
    sound("eight_channels.wav", "WAV", np.tile(SINE[:, None], (1, 8))),
    sound(
        "1024_channels.wav",
        "WAV",
        np.tile(SINE[:160, None], (1, 1024)),
        case={"samples": 160},
    ),
    sound("1_khz.wav", "WAV", np.full(1000, 0.5), 1000, case={"peak": None}),
    sound("192_khz.wav", "WAV", np.repeat(SINE, 12), 192000),
    sound("10_ms.wav", "WAV", SINE[:160], case={"samples": 160}),
    sound(
        "one_sample.wav",
        "WAV",
        [0.5],
        case={"samples": 1},
    ),
    sound(
        "one_sample_at_192_khz.wav",
        "WAV",
        [0.5],
        192000,
        case={"refused": "too short|no audio samples"},
    ),
]
LIES = [
    lie("riff_size_max.wav", riff_bytes=0xFFFFFFFF),
    lie("riff_size_zero.wav", riff_bytes=0),
    lie("streamed.wav", riff_bytes=0xFFFFFFFF, data_bytes=0xFFFFFFFF),
    lie("streamed_by_sox.wav", data_bytes=0x7FFFF000),
    lie("streamed_by_arecord.wav", data_bytes=0x80000000),
    lie("data_size_zero.wav", _NO_SAMPLES, data_bytes=0),
    lie(
        "data_beyond_the_file.wav",
        data_bytes=64000,
        case={"cut_off": r"holds 1\.000 s of the 2\.000 s"},
    ),
    lie(
        "data_of_a_gigabyte.wav",
        data_bytes=1 << 30,
        case={"cut_off": r"holds 1\.000 s of the 33554\.432 s"},
    ),
    Case(
        "rf64_of_an_exabyte.wav",
        lambda path: content(rf64_promising(1 << 60))(path),
        cut_off="holds 1.000 s of the",
    ),
    Case(
        "flac_of_a_year.flac",
        lambda path: content(flac_promising((1 << 36) - 1))(path),
        refused="cut off after 16000 of 68719476735 samples",
    ),
    Case(
        "flac_that_was_streamed.flac",
        lambda path: content(flac_promising(0))(path),
    ),
    lie("no_channels.wav", _NOT_AUDIO, channels=0),
    lie("65535_channels.wav", _NOT_AUDIO, channels=65535, block_bytes=2),
    lie("no_rate.wav", _NOT_AUDIO, rate_hz=0),
    lie("1_hz.wav", "claims a sample rate of 1 Hz", rate_hz=1),
    lie("2_ghz.wav", "claims a sample rate of 2147", rate_hz=2**31 - 1),
    lie("4_ghz.wav", _NOT_AUDIO, rate_hz=2**32 - 1),
    lie("no_bits.wav", _NOT_AUDIO, bits=0, block_bytes=2),
    lie("64_bits.wav", _NOT_AUDIO, bits=64),
    lie("no_format.wav", _NOT_AUDIO, kind=0),
    lie("mp3_inside.wav", _NOT_AUDIO, kind=0x55),
    lie("odd_chunk.wav", before=chunk(b"junk", b"abc")),
    lie("odd_chunk_not_padded.wav", _NOT_AUDIO, before=b"junk\3\0\0\0abc"),
    lie("odd_data.wav", data=PCM + b"\1"),
    lie("odd_data_padded.wav", data=PCM + b"\1", after=b"\0"),
    lie("chunk_after.wav", after=chunk(b"LIST", b"abcd" * 9)),
    lie("chunk_after_cut.wav", after=b"LIST\xe8\3\0\0abc"),
    lie("chunk_of_4_gb.wav", _NOT_AUDIO, before=b"junk\xf0\xff\xff\xff"),
    lie("two_data_chunks.wav", _NOT_AUDIO, after=chunk(b"data", PCM)),
]
PLACES = [
    Case("link_nowhere.wav", lambda p: os.symlink("no", p), refused="No such"),
    Case(
        "link_to_itself.wav",
        lambda path: os.symlink(os.path.basename(path), path),
        refused="Too many levels",
    ),
    Case("pipe.wav", os.mkfifo, refused="is not a file"),
    Case("-rf.wav", content(wav())),
    Case("a,b.wav", content(wav())),
    Case('quote".wav', content(wav())),
    Case("line\nend.wav", content(wav())),
    Case("tab\t.wav", content(wav())),
    Case("\x1b[2J.wav", content(wav())),
    Case("=1+1.wav", content(wav())),
    Case("<script>.wav", content(wav())),
    Case("é.wav", content(wav())),
    Case(b"latin1_\xe9.wav", content(wav())),
    Case("SUFFIX.WAV", content(wav())),
]
CASES = [*EMPTY, *CUT, *KINDS, *LEVELS, *SIZES, *LIES, *PLACES]
