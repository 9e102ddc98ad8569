"""What every KEK keeps to: in memory, in a file, and in a PKCS#11 token that never gives its bytes away."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pkcs11
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.crypto.kek import FileKek, KeyEncryptionKey, MemoryKek, UnwrapFailed
from shared.crypto.pkcs11_kek import Pkcs11Kek, TokenRefused
from shared.crypto.private_files import KeyFileRefused, write_private_file
from shared.kernel.ids import new_id
from shared.messaging.settings import Environment, SettingInvalid, read_kek

KEY, AAD = bytes(range(32)), b'{"key_id":"a"}'
MODULES = [Path(folder) / "softhsm/libsofthsm2.so" for folder in ("/usr/lib", "/usr/lib64", "/usr/local/lib")]
PIN = "only-for-tests"


class Token:
    """A token of SoftHSM2 in a folder of this test's own."""

    def __init__(self, folder: Path, module: Path) -> None:
        self.module, self.pin_file = module, folder / "pin"
        write_private_file(self.pin_file, f"{PIN}\n".encode())
        (folder / "tokens").mkdir()
        (folder / "softhsm2.conf").write_text(f"directories.tokendir = {folder / 'tokens'}\nlog.level = ERROR\n")

    def initialise(self) -> None:
        label = ["--init-token", "--free", "--label", "tallystick"]
        command = ["softhsm2-util", *label, "--pin", PIN, "--so-pin", "only-for-tests"]
        subprocess.run(command, check=True, capture_output=True)

    def log_in(self, key_label: str = "kek") -> Pkcs11Kek:
        return Pkcs11Kek(self.module, "tallystick", key_label, PIN)

    def load(self, key_label: str = "kek") -> Pkcs11Kek:
        return Pkcs11Kek.load(self.module, "tallystick", key_label, self.pin_file)


@pytest.fixture(scope="session")
def token(tmp_path_factory: pytest.TempPathFactory) -> Token:
    """One for the session: a process loads the module once, with the folder that it finds then."""
    module = next((path for path in MODULES if path.exists()), None)
    if module is None or shutil.which("softhsm2-util") is None:
        pytest.skip("softhsm2 is not installed")
    folder = tmp_path_factory.mktemp("token")
    token = Token(folder, module)
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("SOFTHSM2_CONF", str(folder / "softhsm2.conf"))
        token.initialise()
        pkcs11.lib(str(module))
    return token


def in_memory(_: pytest.FixtureRequest) -> KeyEncryptionKey:
    return MemoryKek.of(bytes(32))


def in_a_file(request: pytest.FixtureRequest) -> KeyEncryptionKey:
    path: Path = request.getfixturevalue("tmp_path") / "kek"
    FileKek.create(path)
    return FileKek.load(path)


def in_a_token(request: pytest.FixtureRequest) -> KeyEncryptionKey:
    token: Token = request.getfixturevalue("token")
    kek = token.log_in(f"kek-{new_id()}")
    kek.add_version()
    return kek


@pytest.fixture(params=[in_memory, in_a_file, in_a_token])
def kek(request: pytest.FixtureRequest) -> KeyEncryptionKey:
    make: Callable[[pytest.FixtureRequest], KeyEncryptionKey] = request.param
    return make(request)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(key=st.binary(min_size=32, max_size=32), aad=st.binary(max_size=300))
def test_what_is_wrapped_unwraps(kek: KeyEncryptionKey, key: bytes, aad: bytes) -> None:
    newest = kek.newest()
    wrapped = newest.wrap(key, aad)
    assert kek.version(newest.reference).unwrap(wrapped, aad) == key
    assert key not in wrapped
    assert len(wrapped) == 12 + 32 + 16


def test_wrapping_twice_never_gives_the_same_bytes(kek: KeyEncryptionKey) -> None:
    assert len({kek.newest().wrap(KEY, AAD) for _ in range(64)}) == 64


def test_a_key_wrapped_for_one_place_does_not_unwrap_in_another(kek: KeyEncryptionKey) -> None:
    wrapped = kek.newest().wrap(KEY, AAD)
    for elsewhere in (b"", AAD[:-1], AAD + b" "):
        with pytest.raises(UnwrapFailed, match=kek.newest().reference):
            kek.newest().unwrap(wrapped, elsewhere)


def test_any_changed_byte_of_a_wrapped_key_is_noticed(kek: KeyEncryptionKey) -> None:
    wrapped = kek.newest().wrap(KEY, AAD)
    for place in range(len(wrapped)):
        changed = wrapped[:place] + bytes([wrapped[place] ^ 1]) + wrapped[place + 1 :]
        with pytest.raises(UnwrapFailed):
            kek.newest().unwrap(changed, AAD)


def test_a_wrapped_key_cut_anywhere_is_refused(kek: KeyEncryptionKey) -> None:
    wrapped = kek.newest().wrap(KEY, AAD)
    for length in range(len(wrapped)):
        with pytest.raises(UnwrapFailed):
            kek.newest().unwrap(wrapped[:length], AAD)


def test_a_new_version_wraps_and_the_old_ones_go_on_unwrapping(kek: KeyEncryptionKey) -> None:
    first = kek.newest()
    wrapped = first.wrap(KEY, AAD)
    kek.add_version()
    second = kek.newest()
    assert second.reference != first.reference
    with pytest.raises(UnwrapFailed):
        second.unwrap(wrapped, AAD)
    assert kek.version(first.reference).unwrap(wrapped, AAD) == KEY
    kek.add_version()
    assert kek.version(first.reference).unwrap(wrapped, AAD) == KEY


def test_a_version_that_was_removed_unwraps_nothing(kek: KeyEncryptionKey) -> None:
    assert kek.remove_old_versions(()) == 0
    first = kek.newest().reference
    kek.add_version()
    wrapped = kek.newest().wrap(KEY, AAD)
    assert kek.remove_old_versions(()) == 1
    with pytest.raises(UnwrapFailed, match=first):
        kek.version(first)
    assert kek.newest().unwrap(wrapped, AAD) == KEY


def test_a_version_that_is_in_use_is_not_removed(kek: KeyEncryptionKey) -> None:
    first = kek.newest()
    wrapped = first.wrap(KEY, AAD)
    kek.add_version()
    kek.add_version()
    assert kek.remove_old_versions({first.reference, "elsewhere/1"}) == 1
    assert kek.version(first.reference).unwrap(wrapped, AAD) == KEY
    assert kek.newest().reference != first.reference
    assert kek.remove_old_versions(()) == 1


def test_a_version_that_never_was_is_named(kek: KeyEncryptionKey) -> None:
    with pytest.raises(UnwrapFailed, match="elsewhere/1"):
        kek.version("elsewhere/1")


def test_a_reference_is_fit_for_what_the_wrapping_is_bound_to(kek: KeyEncryptionKey) -> None:
    kek_id, version = kek.newest().reference.split("/")
    assert kek_id
    assert version
    assert kek.newest().reference.isascii()
    assert kek.newest().reference.isprintable()


# ---- What is the token's own


def test_the_key_never_leaves_its_token(token: Token) -> None:
    kek = token.log_in("kek-secret")
    kek.add_version()
    with kek.newest()._key() as handle:
        assert handle[pkcs11.Attribute.SENSITIVE]
        assert not handle[pkcs11.Attribute.EXTRACTABLE]
        with pytest.raises(pkcs11.AttributeSensitive):
            handle[pkcs11.Attribute.VALUE]


def test_two_in_one_process_share_a_login(token: Token) -> None:
    first = token.log_in("kek-shared")
    first.add_version()
    assert token.load("kek-shared").newest().unwrap(first.newest().wrap(KEY, AAD), AAD) == KEY


def test_a_token_without_the_key_is_refused_at_the_start(token: Token) -> None:
    with pytest.raises(TokenRefused, match="kek-nowhere"):
        token.load("kek-nowhere")


@pytest.mark.parametrize("label", ["kek/1", "k\u00e9k", "kek\n"])
def test_a_label_that_cannot_be_written_down_plainly_is_refused(token: Token, label: str) -> None:
    with pytest.raises(TokenRefused, match="ASCII"):
        token.log_in(label)


def test_a_pin_that_others_can_read_is_refused(token: Token, tmp_path: Path) -> None:
    pin_file = tmp_path / "pin"
    pin_file.write_text(PIN)
    pin_file.chmod(0o644)
    with pytest.raises(KeyFileRefused, match="0644"):
        Pkcs11Kek.load(token.module, "tallystick", "kek", pin_file)


def test_what_is_no_module_and_a_token_that_is_not_there_are_refused(token: Token) -> None:
    with pytest.raises(TokenRefused):
        Pkcs11Kek(Path("/dev/null"), "tallystick", "kek", PIN)
    with pytest.raises(TokenRefused, match="elsewhere"):
        Pkcs11Kek(token.module, "elsewhere", "kek", PIN)


# ---- How a service is given one


@pytest.fixture
def configured(token: Token, monkeypatch: pytest.MonkeyPatch) -> Pkcs11Kek:
    """The settings name a key in the token."""
    kek = token.log_in(f"kek-{new_id()}")
    kek.add_version()
    values = {
        "KEK": "pkcs11",
        "PKCS11_MODULE": str(token.module),
        "PKCS11_TOKEN": "tallystick",
        "PKCS11_KEY_LABEL": kek.newest().label,
        "PKCS11_PIN_FILE": str(token.pin_file),
    }
    for name, value in values.items():
        monkeypatch.setenv(f"TALLYSTICK_{name}", value)
    return kek


def test_the_settings_name_a_token(configured: Pkcs11Kek) -> None:
    wrapped = configured.newest().wrap(KEY, AAD)
    service = read_kek(Environment())
    assert service.newest().reference == configured.newest().reference
    assert service.version(configured.newest().reference).unwrap(wrapped, AAD) == KEY


def test_a_wrong_token_or_provider_ends_the_start_with_one_sentence(
    configured: Pkcs11Kek, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TALLYSTICK_PKCS11_TOKEN", "elsewhere")
    with pytest.raises(SettingInvalid, match="TALLYSTICK_PKCS11_PIN_FILE"):
        read_kek(Environment())
    monkeypatch.setenv("TALLYSTICK_KEK", "vault")
    with pytest.raises(SettingInvalid, match="TALLYSTICK_KEK is neither"):
        read_kek(Environment())
