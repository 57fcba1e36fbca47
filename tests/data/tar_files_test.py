"""Tests of reading tar archives."""

import io
import tarfile

import pytest

from audio_diffstride.errors import UserError
from data import tar_files
from tests.support import archives as small

FILES = {
    "./bed/a.wav": bytes(range(256)) * 40,
    "./cat/b.wav": b"b" * 700,
    "./list.txt": b"cat/b.wav",
}


def everything(name):
    return True


@pytest.fixture
def archive(tmp_path):
    return small.write_tar_gz(tmp_path / "small.tar.gz", FILES)


def test_files_come_in_the_archives_order_without_folders(archive):
    assert list(tar_files.read(archive, everything)) == [
        ("bed/a.wav", FILES["./bed/a.wav"]),
        ("cat/b.wav", FILES["./cat/b.wav"]),
        ("list.txt", FILES["./list.txt"]),
    ]


def test_only_wanted_files_are_read(archive):
    asked = []

    def wanted(name):
        asked.append(name)
        return name == "list.txt"

    assert list(tar_files.read(archive, wanted)) == [("list.txt", b"cat/b.wav")]
    assert asked == ["bed/a.wav", "cat/b.wav", "list.txt"]


def test_the_archives_name_does_not_matter(archive, tmp_path):
    # TFDS gives downloads names of its own.
    renamed = archive.rename(tmp_path / "download.tmp")
    assert len(list(tar_files.read(renamed, everything))) == 3


def test_hidden_files_and_links_are_left_out(tmp_path):
    path = tmp_path / "mac.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for name in ("bed/._a.wav", "bed/a.wav"):
            member = tarfile.TarInfo(name)
            member.size = 3
            archive.addfile(member, io.BytesIO(b"abc"))
        link = tarfile.TarInfo("bed/secret.wav")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    assert list(tar_files.read(path, everything)) == [("bed/a.wav", b"abc")]


@pytest.mark.parametrize("kept", [0.0, 0.01, 0.5, 0.9, 0.999])
def test_a_cut_off_archive_is_named(archive, kept):
    content = archive.read_bytes()
    archive.write_bytes(content[: int(kept * len(content))])
    with pytest.raises(UserError, match=r"small.tar.gz cannot .* download it"):
        list(tar_files.read(archive, everything))


def test_every_damaged_byte_of_the_content_is_noticed(archive):
    content = archive.read_bytes()
    # Not in gzip's checksum: its header, and the bits that fill up the last
    # byte before the checksum (4 bytes) and the size (4 bytes).
    start, last = 10 + len("small.tar\0"), len(content) - 9
    for position in (*range(start, last), *range(last + 1, len(content))):
        damaged = bytearray(content)
        damaged[position] ^= 0x10
        archive.write_bytes(damaged)
        with pytest.raises(UserError, match="cannot be read to its end"):
            list(tar_files.read(archive, everything))


def test_an_archive_that_is_another_file_is_named(tmp_path):
    path = tmp_path / "page.tar.gz"
    path.write_text("<html>404</html>")
    with pytest.raises(UserError, match="page.tar.gz cannot be read"):
        list(tar_files.read(path, everything))
