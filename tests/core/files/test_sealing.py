"""Contents in chunks: every part is read as it was written, and nothing else opens."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linli.core.crypto.suites import TamperedError
from linli.core.files.sealing import (
    CHUNK,
    STORED,
    Seal,
    SealingWriter,
    TooLargeError,
    chunks_of,
    opened,
    reading,
    span,
    stored_size,
)
from linli.core.records.record import new_id

CIPHERS = ("AES-256-GCM", "SM4-GCM")
SIZES = st.sampled_from([1, 2, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK, 3 * CHUNK + 7])


def written(seal: Seal, content: bytes, folder: Path, *, pieces: int = 10_000) -> Path:
    """The content as it is stored, written in pieces."""
    writer = SealingWriter(folder / str(new_id()), seal, len(content))
    for start in range(0, len(content), pieces):
        writer.write(content[start : start + pieces])
    writer.finish()
    return max(folder.iterdir(), key=lambda file: file.stat().st_mtime_ns)


@settings(deadline=None, max_examples=60)
@given(SIZES, st.sampled_from(CIPHERS), st.integers(1, 2 * CHUNK), st.data())
def test_any_part_of_a_content_is_read_as_it_was_written(
    size: int, cipher: str, pieces: int, data: st.DataObject
) -> None:
    content = bytes(range(256)) * (size // 256 + 1)
    content = content[:size]
    seal = Seal(new_id(), cipher)
    with TemporaryDirectory() as folder:
        file = written(seal, content, Path(folder), pieces=pieces)
        assert file.stat().st_size == stored_size(size)
        with reading(file, seal, size) as kept:
            start = data.draw(st.integers(0, size))
            stop = data.draw(st.integers(start, size))
            kept.seek(start)
            assert kept.read(stop - start) == content[start:stop]
            kept.seek(0)
            assert kept.read() == content
            assert kept.read() == b""


def stored(content: bytes, cipher: str = "AES-256-GCM") -> tuple[Seal, bytes]:
    seal = Seal(new_id(), cipher)
    with TemporaryDirectory() as folder:
        return seal, written(seal, content, Path(folder)).read_bytes()


def chunks(kept: bytes) -> list[bytes]:
    return [kept[start : start + STORED] for start in range(0, len(kept), STORED)]


CONTENT = bytes(CHUNK) + bytes([1]) * CHUNK + bytes([2]) * 100


@pytest.mark.parametrize("cipher", CIPHERS)
def test_chunks_that_are_exchanged_left_out_repeated_or_cut_off_do_not_open(cipher: str) -> None:
    seal, kept = stored(CONTENT, cipher)
    first, second, third = chunks(kept)
    assert opened(seal, len(CONTENT), 0, kept) == CONTENT
    for size, wrong in [
        (len(CONTENT), second + first + third),
        (len(CONTENT), first + first + third),
        (len(CONTENT) - CHUNK, first + third),
        (2 * CHUNK, first + second),  # the end is cut off, and the size says so too
        (len(CONTENT) + 100, first + second + third + third),
        (len(CONTENT), first + second + third[:-1]),
    ]:
        with pytest.raises(TamperedError):
            opened(seal, size, 0, wrong)


@pytest.mark.parametrize("cipher", CIPHERS)
def test_a_content_opens_for_its_own_file_and_key_alone(cipher: str) -> None:
    seal, kept = stored(CONTENT, cipher)
    with pytest.raises(TamperedError):
        opened(Seal(new_id(), cipher, seal.secret), len(CONTENT), 0, kept)
    with pytest.raises(TamperedError):
        opened(Seal(seal.id, cipher), len(CONTENT), 0, kept)
    altered = bytearray(kept)
    altered[100] ^= 1
    with pytest.raises(TamperedError):
        opened(seal, len(CONTENT), 0, bytes(altered))


def test_the_same_content_is_stored_differently_each_time_and_shows_nothing_of_it() -> None:
    secret = b"430602195206150011" * 500
    (_, one), (_, other) = stored(secret), stored(secret)
    assert one != other
    assert b"430602" not in one


def test_a_writer_stops_at_the_limit_and_its_file_is_its_owners_alone(tmp_path: Path) -> None:
    file = tmp_path / "file"
    writer = SealingWriter(file, Seal(new_id(), CIPHERS[0]), 100)
    writer.write(bytes(100))
    with pytest.raises(TooLargeError):
        writer.write(b"x")
    writer.close()
    assert file.stat().st_mode & 0o777 == 0o600
    with pytest.raises(FileExistsError):
        SealingWriter(file, Seal(new_id(), CIPHERS[0]), 100)


def test_a_file_of_another_length_than_it_should_have_is_refused_before_it_is_read(tmp_path: Path) -> None:
    seal = Seal(UUID(int=1), CIPHERS[0])
    file = written(seal, CONTENT, tmp_path)
    with file.open("ab") as longer:
        longer.write(b"x")
    with pytest.raises(TamperedError):
        reading(file, seal, len(CONTENT))


def test_a_part_is_found_by_whole_chunks() -> None:
    assert chunks_of(1) == chunks_of(CHUNK) == 1
    assert chunks_of(CHUNK + 1) == 2
    assert span(CHUNK + 1, 1, 5) == (STORED, stored_size(CHUNK + 1))
