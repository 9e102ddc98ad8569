import io
import tarfile
from collections.abc import Callable, Iterator
from typing import NoReturn

import pyrage
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from services.backup.adapters.archive import AgeArchive
from shared.crypto.age import IdentityRefused, RecipientInvalid
from shared.crypto.age_stream import AgeBroken, decrypt_stream

FIRST, SECOND, STRANGER = (pyrage.x25519.Identity.generate() for _ in range(3))
RECIPIENTS = [str(FIRST.to_public()), str(SECOND.to_public())]


def packed(files: dict[str, list[bytes]], part_size: int = 64) -> bytes:
    sink = io.BytesIO()
    AgeArchive(RECIPIENTS, part_size).write(((name, iter(content)) for name, content in files.items()), sink)
    return sink.getvalue()


def unpacked(sealed: bytes, identity: object) -> dict[str, bytes]:
    plain = io.BytesIO()
    decrypt_stream(str(identity), io.BytesIO(sealed), plain)
    tar = zstandard.ZstdDecompressor().decompressobj().decompress(plain.getvalue())
    found: dict[str, bytes] = {}
    with tarfile.open(fileobj=io.BytesIO(tar)) as archive:
        for member in archive:
            content = archive.extractfile(member)
            assert content is not None
            name = member.name.rpartition(".")[0]
            found[name] = found.get(name, b"") + content.read()
    return found


# Each takes a millisecond, but both limits are on the wall clock, which a busy machine exceeds by itself.
@given(st.dictionaries(st.sampled_from(["log.events.csv", "app.inbox.csv"]), st.lists(st.binary(max_size=200))))
def test_files_of_any_length_come_back_whole(files: dict[str, list[bytes]]) -> None:
    assert unpacked(packed(files), FIRST) == {name: b"".join(content) for name, content in files.items()}


def test_each_recipient_alone_can_read_it() -> None:
    sealed = packed({"log.events.csv": [b"content"]})
    assert unpacked(sealed, FIRST) == unpacked(sealed, SECOND) == {"log.events.csv": b"content"}


def test_nobody_else_can_read_it() -> None:
    sealed = packed({"log.events.csv": [b"canary"]})
    assert b"canary" not in sealed
    with pytest.raises(IdentityRefused):
        unpacked(sealed, STRANGER)


@pytest.mark.parametrize(
    "damage", [lambda sealed: sealed[:-1], lambda sealed: sealed[:-1] + bytes([sealed[-1] ^ 1]), lambda _: b"no age"]
)
def test_damage_is_noticed(damage: Callable[[bytes], bytes]) -> None:
    with pytest.raises(AgeBroken):
        unpacked(damage(packed({"log.events.csv": [b"content" * 50]})), FIRST)


def test_a_wrong_recipient_is_refused() -> None:
    with pytest.raises(RecipientInvalid):
        AgeArchive(["age1nonsense", RECIPIENTS[0]]).write(iter([]), io.BytesIO())


def test_an_error_in_the_source_comes_through_as_it_was() -> None:
    def lost() -> Iterator[bytes]:
        yield b"half"
        raise ConnectionError("the database went away")

    with pytest.raises(ConnectionError, match="went away"):
        AgeArchive(RECIPIENTS).write(iter([("log.events.csv", lost())]), io.BytesIO())


def test_an_error_in_the_sink_comes_through_as_it_was() -> None:
    class Full(io.BytesIO):
        def write(self, _data: object) -> NoReturn:
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        AgeArchive(RECIPIENTS).write(iter([("log.events.csv", iter([b"x"]))]), Full())


def test_memory_does_not_grow_with_the_table() -> None:
    largest = 0

    def rows() -> Iterator[bytes]:
        for _ in range(2000):
            yield b"x" * 1000

    class Watching(io.BytesIO):
        def write(self, data: object) -> int:
            nonlocal largest
            assert isinstance(data, bytes)
            largest = max(largest, len(data))
            return len(data)

    AgeArchive(RECIPIENTS, part_size=4096).write(iter([("log.events.csv", rows())]), Watching())
    assert 0 < largest <= 128 * 1024
