"""Hostile archives: nothing is written, and nothing fills the memory."""

import gzip
import io
import random
import tarfile
import zipfile

import pytest

from audio_diffstride.errors import UserError
from data import archive_limits, tar_files
from data.zip_files import ZipFiles

CONTENT = b"abc" * 100
NUM_MUTATIONS = 5000


def write_tar(path, *members):
    """(name, type, link or size) each; the content of a file is CONTENT."""
    with tarfile.open(path, "w:gz") as archive:
        for name, kind, link in members:
            member = tarfile.TarInfo(name)
            member.type, member.linkname = kind, link
            member.size = len(CONTENT) if kind == tarfile.REGTYPE else 0
            archive.addfile(member, io.BytesIO(CONTENT))
    return path


def read_tar(path):
    return dict(tar_files.read(path, lambda name: True))


def write_zip(path, *names):
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, CONTENT)
    return path


def below(folder):
    return sorted(p.name for p in folder.rglob("*"))


@pytest.mark.parametrize(
    "name", ["../up.wav", "../../../up.wav", "/etc/up.wav", "a/../../up.wav"]
)
def test_members_that_climb_are_read_and_written_nowhere(name, tmp_path):
    folder = tmp_path / "deep" / "deeper"
    folder.mkdir(parents=True)
    tar = write_tar(folder / "a.tar.gz", (name, tarfile.REGTYPE, ""))
    assert list(read_tar(tar).values()) == [CONTENT]
    with ZipFiles([write_zip(folder / "a.zip", name)]) as files:
        (only,) = files.names
        assert files.read(only) == CONTENT
    assert below(tmp_path) == ["a.tar.gz", "a.zip", "deep", "deeper"]


@pytest.mark.parametrize(
    "kind",
    [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE]
    + [tarfile.FIFOTYPE, tarfile.DIRTYPE],
)
def test_links_and_devices_are_left_out(kind, tmp_path):
    path = write_tar(
        tmp_path / "a.tar.gz",
        ("x.wav", kind, "/etc/passwd"),
        ("y.wav", tarfile.REGTYPE, ""),
    )
    assert read_tar(path) == {"y.wav": CONTENT}


def test_a_link_in_a_zip_is_no_link(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        link = zipfile.ZipInfo("wav/x.wav")
        link.create_system, link.external_attr = 3, 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    with ZipFiles([tmp_path / "a.zip"]) as files:
        assert files.read("wav/x.wav") == b"/etc/passwd"


def test_what_would_fill_the_memory_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(archive_limits, "MAX_FILE_BYTES", 10_000)
    with tarfile.open(tmp_path / "a.tar.gz", "w:gz") as archive:
        member = tarfile.TarInfo("bomb.wav")
        member.size = 10_001
        archive.addfile(member, io.BytesIO(bytes(10_001)))
    with pytest.raises(UserError, match="bomb.wav in .* unpacks to 10001 byt"):
        read_tar(tmp_path / "a.tar.gz")
    with zipfile.ZipFile(
        tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED
    ) as archive:
        archive.writestr("wav/bomb.wav", bytes(10_001))
    with ZipFiles([tmp_path / "a.zip"]) as files:
        with pytest.raises(UserError, match="wav/bomb.wav in .* unpacks to 10"):
            files.read("wav/bomb.wav")


def test_a_sparse_file_of_a_terabyte_is_refused(tmp_path):
    # GNU's way to say: 2^40 bytes, none of which is there.
    member = tarfile.TarInfo("bomb.wav")
    header = bytearray(member.tobuf(tarfile.GNU_FORMAT))
    header[156:157] = b"S"
    header[483:495] = b"\x80" + (1 << 40).to_bytes(11)
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    content = bytes(header) + bytes(1024)
    (tmp_path / "a.tar.gz").write_bytes(gzip.compress(content))
    with pytest.raises(UserError, match=f"unpacks to {1 << 40} bytes"):
        read_tar(tmp_path / "a.tar.gz")


def test_a_zip_that_lies_about_a_size_gives_no_more_than_it_says(tmp_path):
    with zipfile.ZipFile(
        tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED
    ) as archive:
        archive.writestr("wav/bomb.wav", bytes(1_000_000))
    content = (tmp_path / "a.zip").read_bytes()
    size, lie = (1_000_000).to_bytes(4, "little"), (50).to_bytes(4, "little")
    (tmp_path / "a.zip").write_bytes(content.replace(size, lie))
    with ZipFiles([tmp_path / "a.zip"]) as files:
        with pytest.raises(UserError, match="cannot be unpacked"):
            files.read("wav/bomb.wav")


def test_two_files_of_one_name_are_told(tmp_path):
    path = write_zip(tmp_path / "a.zip", "x/wav/7.wav", "y/wav/7.wav", "wav/8")
    with ZipFiles([path]) as files:  # the same twice does no harm
        assert files.read("wav/7.wav") == CONTENT
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("z/wav/7.wav", b"another")
    with ZipFiles([path]) as files:
        assert files.read("wav/8") == CONTENT
        with pytest.raises(UserError, match="two different files are called"):
            files.read("wav/7.wav")


def test_names_that_are_none_are_left_out(tmp_path):
    path = write_zip(tmp_path / "a.zip", ".", "./", "/", "wav/7.wav")
    with ZipFiles([path]) as files:
        assert files.names == ["wav/7.wav"]


@pytest.mark.parametrize("flag, what", [(1, "encrypted"), (0x20, "patched")])
def test_an_archive_of_another_kind_is_told(flag, what, tmp_path):
    path = write_zip(tmp_path / "a.zip", "wav/7.wav")
    content = bytearray(path.read_bytes())
    directory = content.rindex(b"PK\1\2")
    content[6] |= flag
    content[directory + 8] |= flag
    path.write_bytes(content)
    with ZipFiles([path]) as files:
        with pytest.raises(UserError, match="wav/7.wav in .* cannot be unpa"):
            files.read("wav/7.wav")


def mutations(content: bytes, count: int):
    """The content with a few bytes changed, again and again."""
    rng = random.Random(0)
    for _ in range(count):
        mutated = bytearray(content)
        for _ in range(rng.randint(1, 3)):
            place = rng.randrange(len(mutated))
            mutated[place] = rng.choice([0, 0xFF, 0x80, rng.randrange(256)])
        yield bytes(mutated)


def fuzz_tar(folder, count) -> int:
    """How many mutated tars are refused; nothing else may happen."""
    whole = write_tar(
        folder / "a.tar.gz",
        ("a/b.wav", tarfile.REGTYPE, ""),
        (f"a/{'x' * 150}.wav", tarfile.REGTYPE, ""),
    )
    refused = 0
    # Mutated before it is compressed, or the checksum would tell.
    for content in mutations(gzip.decompress(whole.read_bytes())[:6144], count):
        whole.write_bytes(gzip.compress(content, 1))
        try:
            read_tar(whole)
        except UserError:
            refused += 1
    return refused


def fuzz_zip(folder, count) -> int:
    """How many mutated zips are refused; nothing else may happen."""
    path = folder / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for kind in (0, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2):
            archive.writestr(f"wav/{kind}.wav", CONTENT, kind)
    refused = 0
    for content in mutations(path.read_bytes(), count):
        path.write_bytes(content)
        try:
            with ZipFiles([path]) as files:
                for name in files.names:
                    files.read(name)
        except UserError:
            refused += 1
    return refused


@pytest.mark.parametrize("fuzz", [fuzz_tar, fuzz_zip])
def test_a_mutated_archive_is_read_or_refused(fuzz, tmp_path):
    assert 20 < fuzz(tmp_path, 200) < 200


@pytest.mark.slow
@pytest.mark.parametrize("fuzz", [fuzz_tar, fuzz_zip])
def test_five_thousand_mutated_archives_are_read_or_refused(fuzz, tmp_path):
    assert NUM_MUTATIONS / 10 < fuzz(tmp_path, NUM_MUTATIONS) < NUM_MUTATIONS
