"""No file that is named at the command line, whatever it is, ends a command with a traceback."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from cli.files import OutputFile
from cli.main import main
from tests.audited import Business

MAPPING = "deploy/demo/mappings/sample.yaml"
KEY = str(Business().verifier)
RESTORE = ["restore", "--from", "{folder}", "--identity", "{empty}", "--admin-dsn-file", "{empty}", "--signer", KEY]


def filled(arguments: list[str], tmp_path: Path, file: Path) -> list[str]:
    """Put `file` where it stands in the command, and an empty file and an empty folder where others are needed."""
    (tmp_path / "empty").touch(mode=0o600)
    (tmp_path / "folder").mkdir(exist_ok=True)
    places = {"file": file, "empty": tmp_path / "empty", "folder": tmp_path / "folder"}
    return [each.format(**places) for each in arguments]


READ = {
    "import data": ["import", "{file}", "--mapping", MAPPING, "--refused", os.devnull],
    "import mapping_file": ["import", "{empty}", "--mapping", "{file}", "--refused", os.devnull],
    "roles define file": ["roles", "define", "{file}"],
    "seller logo file": ["seller", "logo", "{file}"],
    "seller configure file": ["seller", "configure", "{file}"],
    **{
        f"{command} file": [*command.split(), "{file}"]
        for command in (
            *("customers add", "customers change", "items add", "items change", "quotes make", "quotes change"),
            *("documents draft", "documents change", "plans make", "reminders configure"),
        )
    },
    "training policy path": ["training", "policy", "--file", "{file}"],
    "audit check document": ["audit", "check", "{file}", "{empty}", "--log-key", KEY],
    "audit check proof": ["audit", "check", "{empty}", "{file}", "--log-key", KEY],
    "audit verify after_checkpoint": ["audit", "verify", "{folder}", "--log-key", KEY, "--after-checkpoint", "{file}"],
    "audit verify identity_file": ["audit", "verify", "{folder}", "--log-key", KEY, "--identity", "{file}"],
    "audit replay identity_file": ["audit", "replay", "{folder}", "--identity", "{file}"],
    "audit as-of identity_file": ["audit", "as-of", "INV-1", "0", "{folder}", "--identity", "{file}"],
    "audit diff identity_file": ["audit", "diff", "INV-1", "0", "1", "{folder}", "--identity", "{file}"],
    "audit proof identity_file": ["audit", "proof", "1", "{folder}", "--log-key", KEY, "--identity", "{file}"],
    "restore identity_file": [*RESTORE, "--identity", "{file}"],
    "restore admin_dsn_file": [*RESTORE, "--admin-dsn-file", "{file}"],
}
FOLDERS = {
    "audit verify bundle": ["audit", "verify", "{file}", "--log-key", KEY],
    "audit replay bundle": ["audit", "replay", "{file}", "--identity", "{empty}"],
    "audit as-of bundle": ["audit", "as-of", "INV-1", "0", "{file}", "--identity", "{empty}"],
    "audit diff bundle": ["audit", "diff", "INV-1", "0", "1", "{file}", "--identity", "{empty}"],
    "audit proof bundle": ["audit", "proof", "INV-1", "{file}", "--log-key", KEY, "--identity", "{empty}"],
    "restore directory": [*RESTORE, "--from", "{file}"],
    "keys expire directory": ["keys", "expire", "--from", "{file}", "--signer", KEY],
}
WRITTEN = {
    "import refused_file": ["import", "{empty}", "--mapping", MAPPING, "--refused", "{file}"],
    "export output": ["export", "{file}", "--as", "csv"],
    "enrol png": ["enrol", "--png", "{file}"],
    "factors add png": ["factors", "add", "phone", "--png", "{file}"],
}
WRITTEN_AFTER_A_LOGIN = {
    *("audit export folder", "audit proof output"),
    *("documents fetch folder", "quotes fetch folder", "reminders fetch folder"),
}  # tests of their own: test_exit_status and others


def named_files(group: click.Group = main, *path: str) -> Iterator[str]:
    """Yield every parameter of every command that names a file or a folder."""
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from named_files(command, *path, name)
            continue
        for parameter in command.params:
            if isinstance(parameter.type, click.Path | OutputFile) or parameter.type.name == "NAME":
                yield " ".join([*path, name, str(parameter.name)])


def test_every_file_that_a_command_takes_is_tried_here() -> None:
    assert set(named_files()) == {*READ, *FOLDERS, *WRITTEN, *WRITTEN_AFTER_A_LOGIN}


def missing(place: Path) -> Path:
    return place / "none" / "file"


def below_a_file(place: Path) -> Path:
    (place / "plain").touch()
    return place / "plain" / "file"


def a_folder(place: Path) -> Path:
    (place / "sub").mkdir()
    return place / "sub"


def a_link_to_itself(place: Path) -> Path:
    (place / "loop").symlink_to(place / "loop")
    return place / "loop"


def holding(content: bytes) -> Callable[[Path], Path]:
    def make(place: Path) -> Path:
        file = place / "content"
        file.write_bytes(content)
        file.chmod(0o600)
        return file

    return make


def unreadable(_: Path) -> Path:
    return Path("/proc/self/mem")  # opens, and then gives an error: as a disk does that fails


FAULTS: dict[str, Callable[[Path], Path]] = {
    "missing": missing,
    "below a file": below_a_file,
    "a folder": a_folder,
    "a link to itself": a_link_to_itself,
    "empty": holding(b""),
    "not UTF-8": holding(b"name: \xff\xfe\ncanary-7d1f"),
    "binary": holding(bytes(range(256))),
    "no YAML": holding(b"canary-7d1f: [\n"),
    "no date": holding(b"canary-7d1f: 2026-13-45"),
    "too deep": holding(b"[" * 2_000),
    "failing": unreadable,
}


@pytest.fixture(autouse=True)
def _not_logged_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TALLYSTICK_TOKEN_FILE", str(tmp_path / "no token"))
    for name in ("AMQP_URL", "AMQP_PASSWORD_FILE", "CALL_KEYS_FILE"):
        monkeypatch.delenv(f"TALLYSTICK_{name}", raising=False)


def refused(arguments: list[str]) -> str:
    """Run a command that cannot succeed; return the last line that it said."""
    done = CliRunner().invoke(main, arguments)
    assert isinstance(done.exception, SystemExit), done.exception
    assert done.exit_code in {1, 2, 3}
    assert "canary-7d1f" not in done.output
    return done.output.rstrip().splitlines()[-1]


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("parameter", [*READ, *FOLDERS])
def test_what_cannot_be_read_is_said_in_a_sentence(tmp_path: Path, parameter: str, fault: str) -> None:
    arguments = {**READ, **FOLDERS}[parameter]
    assert refused(filled(arguments, tmp_path, FAULTS[fault](tmp_path)))


REQUESTS = [
    parameter for parameter in READ if not parameter.startswith(("audit", "restore", "seller logo", "import d"))
]


@pytest.mark.parametrize("fault", ["missing", "empty", "not UTF-8", "no YAML", "too deep", "failing"])
@pytest.mark.parametrize("parameter", REQUESTS)
def test_a_file_without_a_request_is_told_from_what_was_refused(tmp_path: Path, parameter: str, fault: str) -> None:
    done = CliRunner().invoke(main, filled(READ[parameter], tmp_path, FAULTS[fault](tmp_path)))
    assert done.exit_code == 2, done.output


@pytest.mark.parametrize(
    "content",
    [
        "name: Ada\naddress:\n  city: canary-7d1f\n  city: Hamburg\n",
        '{"name": "Ada",\n"lines": [\n{"quantity": 1, "item": "a",\n"quantity": "canary-7d1f"}]}',
        "first: &a {x: 1}\nsecond: *a\nname:\n  !!str name: canary-7d1f\n  name: 2",
    ],
    ids=["YAML", "JSON", "with tags"],
)
@pytest.mark.parametrize("parameter", REQUESTS)
def test_a_field_that_stands_twice_is_refused_and_nothing_is_asked(
    tmp_path: Path, parameter: str, content: str
) -> None:
    said = refused(filled(READ[parameter], tmp_path, holding(content.encode())(tmp_path)))
    line = 5 if "!!str" in content else 4
    assert said == f"Error: {tmp_path / 'content'}, line {line}: this field is written a second time; say it once"


@pytest.mark.parametrize("fault", ["missing", "below a file", "a folder", "a link to itself"])
@pytest.mark.parametrize("parameter", WRITTEN)
def test_where_nothing_can_be_written_nothing_is_asked(tmp_path: Path, parameter: str, fault: str) -> None:
    said = refused(filled(WRITTEN[parameter], tmp_path, FAULTS[fault](tmp_path)))
    assert said.startswith("Error: Invalid value for ")


@pytest.mark.parametrize("parameter", ["enrol png", "factors add png"])
def test_a_picture_of_a_secret_replaces_nothing_and_nothing_is_asked(tmp_path: Path, parameter: str) -> None:
    there = holding(b"mine")(tmp_path)
    assert "exists: name a new file" in refused(filled(WRITTEN[parameter], tmp_path, there))
    assert there.read_bytes() == b"mine"


def test_what_the_machine_refuses_later_is_said_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def full() -> None:
        raise OSError(28, "No space left on device", "/somewhere")

    monkeypatch.setattr(main.commands["whoami"], "callback", full)
    assert refused(["whoami"]) == "Error: /somewhere: No space left on device"


def test_whoever_stops_reading_is_not_shown_a_traceback() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        command = [sys.executable, "-m", "cli", "seller", "template"]
        done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, check=False, text=True)
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (1, "")
