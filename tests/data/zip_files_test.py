"""Tests of reading zip archives."""

import io
import zipfile

import numpy as np
import pytest
import soundfile

from audio_diffstride.errors import UserError
from data.zip_files import ZipFiles


def write_zip(path, contents, **options):
    with zipfile.ZipFile(path, "w", **options) as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize("above", ["", "./", "set/", "a/b/c/", "../../"])
def test_a_file_is_found_whatever_lies_above_its_folder(tmp_path, above):
    path = write_zip(tmp_path / "a.zip", {f"{above}wav/7.wav": b"seven"})
    with ZipFiles([path]) as files:
        assert files.names == ["wav/7.wav"]
        assert files.read("wav/7.wav") == b"seven"
    assert list(tmp_path.iterdir()) == [path]


def test_folders_and_hidden_files_are_left_out(tmp_path):
    contents = {
        "set/": b"",
        "set/wav/": b"",
        "set/wav/7.wav": b"seven",
        "__MACOSX/set/wav/._7.wav": b"not audio",
        "set/.DS_Store": b"",
    }
    path = write_zip(tmp_path / "a.zip", contents)
    with ZipFiles([path]) as files:
        assert files.names == ["wav/7.wav"]


def test_several_archives_are_read_as_one_in_any_order(tmp_path):
    first = write_zip(tmp_path / "a.zip", {"x/1": b"one", "x/2": b"two"})
    second = write_zip(tmp_path / "b.zip", {"x/3": b"three"})
    with ZipFiles([first, second]) as files:
        assert [files.read(f"x/{n}") for n in (3, 2, 1, 3)] == [
            b"three",
            b"two",
            b"one",
            b"three",
        ]
        assert "x/3" in files
        assert "x/4" not in files


@pytest.mark.parametrize(
    "compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]
)
def test_pcm_at_16_khz_comes_out_bit_for_bit(tmp_path, compression):
    samples = np.arange(-800, 800, dtype=np.int16) * 20
    file = io.BytesIO()
    soundfile.write(file, samples, 16000, subtype="PCM_16", format="WAV")
    path = write_zip(
        tmp_path / "a.zip",
        {"wav/7.wav": file.getvalue()},
        compression=compression,
    )
    with ZipFiles([path]) as files:
        read = files.read_audio("wav/7.wav")
    assert read.dtype == np.int16
    np.testing.assert_array_equal(read, samples)


def test_a_recording_that_is_no_audio_is_named(tmp_path):
    path = write_zip(tmp_path / "a.zip", {"wav/7.wav": b"not audio"})
    with ZipFiles([path]) as files:
        with pytest.raises(UserError, match=r"wav/7\.wav in .*a\.zip cannot"):
            files.read_audio("wav/7.wav")


def test_an_archive_that_is_cut_off_is_named(tmp_path):
    whole = write_zip(tmp_path / "whole.zip", {"wav/7.wav": b"7"})
    cut = write_zip(tmp_path / "cut.zip", {"wav/8.wav": b"8" * 1000})
    cut.write_bytes(cut.read_bytes()[:-50])
    with pytest.raises(UserError, match=r"cut\.zip cannot be unpacked"):
        ZipFiles([whole, cut])


@pytest.mark.parametrize(
    "compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]
)
def test_a_damaged_file_is_named(tmp_path, compression):
    path = write_zip(
        tmp_path / "a.zip", {"wav/7.wav": b"7" * 2000}, compression=compression
    )
    damaged = bytearray(path.read_bytes())
    # The first byte of the content: a wrong checksum if it is stored, and no
    # beginning of a compressed block.
    damaged[30 + len("wav/7.wav")] = 0xFF
    path.write_bytes(damaged)
    with ZipFiles([path]) as files:
        with pytest.raises(UserError, match=r"wav/7\.wav in .*download it"):
            files.read("wav/7.wav")
