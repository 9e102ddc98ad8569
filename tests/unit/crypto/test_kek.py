"""Keys that wrap keys, and the file that holds the first of them."""

import base64
import multiprocessing
import stat
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest

from shared.crypto.kek import AesWrappingKey, FileKek, MemoryKek, UnwrapFailed, decode_key, decode_keys
from shared.crypto.private_files import KeyFileRefused

KEK = MemoryKek.of(bytes(range(32))).newest()


def test_any_changed_bit_of_a_wrapped_key_is_noticed() -> None:
    wrapped = KEK.wrap(bytes(32), b"aad")
    for bit in range(8 * len(wrapped)):
        changed = bytearray(wrapped)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(UnwrapFailed):
            KEK.unwrap(bytes(changed), b"aad")


def test_a_wrapped_key_cut_anywhere_is_refused() -> None:
    wrapped = KEK.wrap(bytes(32), b"aad")
    for length in range(len(wrapped)):
        with pytest.raises(UnwrapFailed):
            KEK.unwrap(wrapped[:length], b"aad")


def test_a_key_wrapped_for_one_place_does_not_unwrap_in_another() -> None:
    with pytest.raises(UnwrapFailed):
        KEK.unwrap(KEK.wrap(bytes(32), b"here"), b"there")


def test_wrapping_twice_never_gives_the_same_bytes() -> None:
    assert len({KEK.wrap(bytes(32), b"aad") for _ in range(64)}) == 64


@pytest.mark.parametrize("length", [0, 16, 31, 33])
def test_a_wrapping_key_is_32_bytes(length: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        AesWrappingKey("name", bytes(length))


@pytest.fixture
def kek_file(tmp_path: Path) -> Path:
    path = tmp_path / "kek"
    FileKek.create(path)
    return path


def test_a_new_kek_file_is_private_and_loads(kek_file: Path) -> None:
    assert stat.S_IMODE(kek_file.stat().st_mode) == 0o600
    kek = FileKek.load(kek_file).newest()
    assert kek.unwrap(FileKek.load(kek_file).newest().wrap(b"key", b"aad"), b"aad") == b"key"
    assert base64.b64decode(kek_file.read_bytes()) == kek.key


def test_a_kek_file_is_never_overwritten(kek_file: Path) -> None:
    before = kek_file.read_bytes()
    with pytest.raises(FileExistsError):
        FileKek.create(kek_file)
    assert kek_file.read_bytes() == before


def test_another_file_is_another_version(kek_file: Path, tmp_path: Path) -> None:
    FileKek.create(tmp_path / "next")
    assert FileKek.load(kek_file).newest().reference != FileKek.load(tmp_path / "next").newest().reference


def test_a_new_version_wraps_and_the_old_ones_go_on_unwrapping(kek_file: Path) -> None:
    kek = FileKek.load(kek_file)
    first = kek.newest()
    wrapped = first.wrap(b"key", b"aad")
    FileKek.load(kek_file).add_version()
    assert stat.S_IMODE(kek_file.stat().st_mode) == 0o600
    second = kek.newest()  # the running process sees it
    assert second.reference not in {first.reference, ""}
    assert kek.version(first.reference).unwrap(wrapped, b"aad") == b"key"
    assert FileKek.load(kek_file).remove_old_versions(()) == 1
    assert kek.newest() == second
    with pytest.raises(UnwrapFailed, match=first.reference):
        kek.version(first.reference)


def _add_versions(path: Path, together: Barrier, rounds: int) -> None:
    for _ in range(rounds):
        together.wait(timeout=120)
        FileKek.load(path).add_version()


def test_processes_that_add_versions_at_once_lose_none(kek_file: Path) -> None:
    processes, rounds = 3, 20
    fresh = multiprocessing.get_context("spawn")
    together = fresh.Barrier(processes)
    started = [fresh.Process(target=_add_versions, args=(kek_file, together, rounds)) for _ in range(processes)]
    for process in started:
        process.start()
    for process in started:
        process.join()
    assert [process.exitcode for process in started] == [0] * processes
    assert len(decode_keys(kek_file)) == 1 + processes * rounds


def test_what_a_killed_change_left_behind_goes_with_the_next(kek_file: Path) -> None:
    """It holds keys, perhaps some that were destroyed on purpose since."""
    left_over = kek_file.with_name(".kek.abc123.new")
    left_over.write_bytes(kek_file.read_bytes())
    FileKek.load(kek_file).add_version()
    assert {path.name for path in kek_file.parent.iterdir()} == {"kek", ".kek.lock"}
    assert stat.S_IMODE(kek_file.with_name(".kek.lock").stat().st_mode) == 0o600


def test_a_file_that_became_unusable_is_an_error_at_the_next_use(kek_file: Path) -> None:
    kek = FileKek.load(kek_file)
    kek_file.write_bytes(b"nothing of the kind")
    with pytest.raises(KeyFileRefused):
        kek.newest()


def test_a_version_is_not_added_to_a_file_without_a_key(kek_file: Path) -> None:
    kek = FileKek.load(kek_file)
    kek_file.write_bytes(b"nothing of the kind")
    with pytest.raises(KeyFileRefused):
        kek.add_version()
    assert kek_file.read_bytes() == b"nothing of the kind"


def test_where_one_key_is_asked_for_two_are_refused(kek_file: Path) -> None:
    FileKek.load(kek_file).add_version()
    with pytest.raises(KeyFileRefused, match="more than one"):
        decode_key(kek_file)


@pytest.mark.parametrize("mode", [0o640, 0o620, 0o610, 0o604, 0o602, 0o601, 0o644, 0o666])
def test_a_kek_file_that_others_can_touch_is_refused(kek_file: Path, mode: int) -> None:
    kek_file.chmod(mode)
    with pytest.raises(KeyFileRefused, match=f"{mode:04o}"):
        FileKek.load(kek_file)


def test_a_read_only_kek_file_is_fine(kek_file: Path) -> None:
    kek_file.chmod(0o400)
    assert FileKek.load(kek_file).newest().reference.startswith("file/")


@pytest.mark.parametrize("content", [b"", b"short", b"not base64!" * 4, base64.b64encode(bytes(31)), bytes(32)])
def test_a_file_without_a_key_is_refused_without_showing_it(kek_file: Path, content: bytes) -> None:
    kek_file.write_bytes(content)
    with pytest.raises(KeyFileRefused, match="32 bytes") as refused:
        FileKek.load(kek_file)
    assert not content or repr(content)[2:-1] not in str(refused.value)


def test_a_device_is_no_key_file() -> None:
    with pytest.raises(KeyFileRefused, match="regular file"):
        FileKek.load(Path("/dev/null"))
