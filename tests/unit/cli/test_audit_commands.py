"""What an auditor types, on a bundle: no test here can open a socket."""

import json
import socket
from pathlib import Path

import pytest
from pytest_socket import SocketBlockedError

from shared.crypto.signing import SigningKey
from shared.kernel.ids import new_id
from shared.merkle.note import NoteVerifier
from tests.audited import WITNESS
from tests.unit.cli.conftest import Desk


def test_a_bundle_is_verified_where_no_socket_can_be_opened(desk: Desk) -> None:
    with pytest.warns(UserWarning, match="socket"), pytest.raises(SocketBlockedError):
        socket.socket()
    done = desk.on_bundle("verify", "--witness-key", str(WITNESS))
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("OK: 9 events, 9 opened")
    assert "cosigned by the witness at 2026-" in done.stdout


def test_verifying_for_machines_is_one_object(desk: Desk) -> None:
    report = json.loads(desk.on_bundle("verify", "--json").stdout)
    assert (report["ok"], report["events"], report["opened"], report["faults"]) == (True, 9, 9, [])
    assert (report["signed_by_log"], report["origin"]) == (True, desk.business.origin)


def test_a_wrong_log_key_is_one_fault_and_exit_status_1(desk: Desk) -> None:
    other = NoteVerifier(desk.business.origin, SigningKey.generate().public)
    done = desk.audit("verify", str(desk.folder), "--log-key", str(other))
    assert done.exit_code == 1
    assert done.stdout.count("checkpoint_invalid") == 1
    assert "1 FAULT:" in done.stdout


def test_history_is_told_in_sentences(desk: Desk) -> None:
    done = desk.on_bundle("replay")
    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    assert len(lines) == 9
    by = "user 019aa0e5-0000-7000-8000-0000000000aa (with password and one-time code, from laptop)"
    deed = "registered the customer Zoë in Hamburg (DE), known as K-1"
    assert lines[0] == f"       0  2026-11-22 09:01:00.000 UTC  {by} {deed}"
    assert lines[4].endswith("issued invoice INV-000001 to Zoë over EUR 23.21 (net 19.50, VAT 3.71)")


def test_what_this_program_does_not_know_is_told_all_the_same_and_cannot_steer_the_terminal(desk: Desk) -> None:
    last = desk.on_bundle("replay").stdout.splitlines()[-1]
    assert last.endswith('recorded SomethingNew of thing-1: {"colour": "blue\\u001b[31m"}')


def test_history_for_machines_is_an_event_a_line(desk: Desk) -> None:
    events = [json.loads(line) for line in desk.on_bundle("replay", "--json").stdout.splitlines()]
    assert [event["position"] for event in events] == list(range(9))
    assert events[0]["by"]["factors"] == ["pwd", "otp"]


@pytest.mark.parametrize(("moment", "count"), [("4", 5), ("2026-11-22T09:05:00Z", 5), ("2026-11-22T10:05:30+01:00", 5)])
def test_history_can_be_told_up_to_a_moment(desk: Desk, moment: str, count: int) -> None:
    assert len(desk.on_bundle("replay", "--at", moment).stdout.splitlines()) == count


def test_one_stream_can_be_told(desk: Desk) -> None:
    done = desk.on_bundle("replay", "--stream", f"invoice-{desk.invoices[1]}")
    assert [line.split()[0] for line in done.stdout.splitlines()] == ["2", "6"]


def test_a_stream_that_does_not_exist_is_said(desk: Desk) -> None:
    done = desk.on_bundle("replay", "--stream", "nope")
    assert done.exit_code == 2
    assert "there is no stream nope in this log" in done.stderr


@pytest.mark.parametrize("name", ["number", "id"])
def test_an_invoice_is_shown_as_it_was(desk: Desk, name: str) -> None:
    invoice = {"number": "INV-000001", "id": desk.invoices[0]}[name]
    issued = json.loads(desk.on_bundle("as-of", invoice, "4", "--json").stdout)
    draft = json.loads(desk.on_bundle("as-of", invoice, "3", "--json").stdout)
    before = json.loads(desk.on_bundle("as-of", invoice, "0", "--json").stdout)
    assert (issued["state"], issued["number"], issued["totals"]["payable"]) == ("issued", "INV-000001", "23.21")
    assert (draft["state"], draft["customer_name"], "number" in draft) == ("draft", "Zoë", False)
    assert before == {}


def test_an_invoice_as_a_person_reads_it(desk: Desk) -> None:
    done = desk.on_bundle("as-of", "INV-000001", "2026-11-22T12:00:00Z")
    assert "  customer_name: Zoë\n" in done.stdout
    assert "  content.lines[0].quantity: 2\n" in done.stdout
    assert "was not there yet" in desk.on_bundle("as-of", "INV-000001", "0").stdout


def test_what_changed_is_told_with_who_and_with_which_factors_and_from_where(desk: Desk) -> None:
    done = desk.on_bundle("diff", "INV-000001", "2", "8")
    assert done.exit_code == 0, done.output
    assert "  state: draft -> issued\n" in done.stdout
    assert "  number: (nothing) -> INV-000001\n" in done.stdout
    assert "(with password and one-time code, from laptop) issued invoice INV-000001" in done.stdout
    changes = json.loads(desk.on_bundle("diff", "INV-000001", "2", "8", "--json").stdout)
    assert changes["changes"]["state"] == {"before": "draft", "after": "issued"}
    assert [event["position"] for event in changes["events"]] == [4]


def test_nothing_changed_is_told_too(desk: Desk) -> None:
    assert "no changes" in desk.on_bundle("diff", "INV-000001", "6", "8").stdout


@pytest.mark.parametrize("command", [["as-of", "INV-000009", "3"], ["diff", "INV-000009", "1", "3"], ["proof", "nope"]])
def test_an_invoice_that_does_not_exist_is_said(desk: Desk, command: list[str]) -> None:
    done = desk.on_bundle(*command)
    assert done.exit_code == 2
    assert f"there is no invoice {command[1]} in this log" in done.stderr


def test_an_id_that_no_invoice_has_is_said(desk: Desk) -> None:
    assert desk.on_bundle("as-of", new_id(), "3").exit_code == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ["replay", "BUNDLE"],
        ["replay", "BUNDLE", "--at", "yesterday"],
        ["replay", "BUNDLE", "--at", "2026-11-22"],
        ["replay", "BUNDLE", "--at", "0001-01-01T00:00:00Z"],
        ["verify", "BUNDLE", "--log-key", "nonsense"],
        ["verify", "BUNDLE"],
        ["verify", "/nowhere", "--log-key", "nonsense"],
        ["as-of", "INV-000001", "3", "BUNDLE"],
        ["proof", "INV-000001", "BUNDLE", "--pdf"],
        ["proof", "INV-000001", "BUNDLE"],
        ["export", "COPY", "--recipient", "age1nonsense"],
        ["check", "/nowhere", "/nowhere", "--log-key", "x"],
    ],
)
def test_a_bad_argument_ends_with_a_sentence_and_exit_status_2(desk: Desk, arguments: list[str]) -> None:
    done = desk.audit(*[str(desk.folder) if argument == "BUNDLE" else argument for argument in arguments])
    assert done.exit_code == 2
    assert "Error: " in done.stderr


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"[" * 100_000, b"age-encryption.org/v1\n"])
@pytest.mark.parametrize("name", ["bundle.json", "checkpoint", "keys.age"])
def test_a_file_that_is_something_else_ends_with_a_sentence(
    desk: Desk, tmp_path: Path, name: str, content: bytes
) -> None:
    folder = desk.business.bundle(tmp_path / "bundle").bundle.folder
    (folder / name).write_bytes(content)
    done = desk.audit("verify", str(folder), "--identity", str(desk.identity), *desk.trusting())
    assert done.exit_code == 3
    assert isinstance(done.exception, SystemExit)
    assert done.stderr.startswith("Error: ")


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"[" * 2_000_000, b"AGE-SECRET-KEY-1\n"])
def test_an_identity_or_checkpoint_that_is_something_else_ends_with_a_sentence(
    desk: Desk, tmp_path: Path, content: bytes
) -> None:
    odd = tmp_path / "odd"
    odd.write_bytes(content)
    odd.chmod(0o600)
    bundle = str(desk.folder)
    for done in (
        desk.audit("verify", bundle, *desk.trusting(), "--identity", str(odd)),
        desk.audit("verify", bundle, *desk.trusting(), "--after-checkpoint", str(odd)),
    ):
        assert done.exit_code in (1, 3)
        assert isinstance(done.exception, SystemExit)


def test_an_identity_that_others_can_read_is_refused(desk: Desk, tmp_path: Path) -> None:
    identity = tmp_path / "open.age"
    identity.write_bytes(desk.identity.read_bytes())
    identity.chmod(0o644)
    done = desk.audit("replay", str(desk.folder), "--identity", str(identity))
    assert done.exit_code == 3
    assert "chmod 600" in done.stderr


@pytest.mark.parametrize("command", ["replay", "verify", "as-of", "diff", "export", "proof", "check", "log-keys"])
def test_help_has_an_example(desk: Desk, command: str) -> None:
    done = desk.audit(command, "--help")
    assert done.exit_code == 0
    assert f"tallystick audit {command}" in done.stdout.split("Examples:")[1]


def test_what_a_log_does_not_sign_is_not_passed_over_in_silence(desk: Desk) -> None:
    done = desk.audit("replay", str(desk.folder), "--identity", str(desk.identity))
    assert done.exit_code == 0
    assert "who signed this log was not checked" in done.stderr
