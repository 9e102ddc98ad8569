"""Fetched documents lie beside their proofs, for one person to read, and replace nothing."""

import base64
from pathlib import Path

import pytest

from tests.unit.cli.office import Invoices
from tests.unit.cli.running import log_in, tallystick

INVOICE = "019aa0e5-0000-7000-8000-00000000000f"


def reply(name: str = "INV-000012.pdf", content: bytes = b"%PDF") -> dict[str, str]:
    return {"file_name": name, "content_base64": base64.b64encode(content).decode(), "proof": "c2sp.org/tlog-proof@v1"}


def fetch(monkeypatch: pytest.MonkeyPatch, service: Invoices, *arguments: str) -> str:
    log_in(monkeypatch, service)
    done = tallystick(*arguments)
    assert done.exit_code == 0, (done.output, done.exception)
    return done.stdout


def test_a_document_and_its_proof_are_for_nobody_else_to_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    folder = tmp_path / "new"
    said = fetch(monkeypatch, Invoices(get_document=reply()), "documents", "fetch", INVOICE, "--to", str(folder))
    document, proof = folder / "INV-000012.pdf", folder / "INV-000012.pdf.tlog-proof"
    assert said.splitlines() == [str(document), str(proof)]
    assert (document.read_bytes(), proof.read_text("utf-8")) == (b"%PDF", "c2sp.org/tlog-proof@v1")
    assert [each.stat().st_mode & 0o777 for each in (folder, document, proof)] == [0o700, 0o600, 0o600]
    assert sorted(folder.iterdir()) == [document, proof]


def test_every_form_of_every_document_is_fetched(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    replies = [reply(name) for name in ("1.pdf", "1.xml", "2.pdf", "2.xml")]
    service = Invoices(get_document=[*replies], list_invoices={"invoices": [{"invoice_id": INVOICE}]})
    forms = ["--as", "pdf", "--as", "ubl"]
    fetch(monkeypatch, service, "documents", "fetch", INVOICE, "INV-2", *forms, "--to", str(tmp_path))
    assert [request for _, request in service.calls] == [
        {"invoice_id": INVOICE, "form": form} for _ in "12" for form in ("pdf", "ubl")
    ]
    assert len(list(tmp_path.iterdir())) == 2 * len(replies)


@pytest.mark.parametrize("there", ["INV-000012.pdf", "INV-000012.pdf.tlog-proof"])
def test_what_is_there_is_replaced_only_when_that_is_asked_for(
    there: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / there).write_text("mine", "utf-8")
    log_in(monkeypatch, Invoices(get_document=reply()))
    done = tallystick("documents", "fetch", INVOICE, "--to", str(tmp_path))
    assert done.exit_code == 1
    assert "is there already" in done.stderr
    assert [(each.name, each.read_text("utf-8")) for each in tmp_path.iterdir()] == [(there, "mine")]
    fetch(monkeypatch, Invoices(get_document=reply()), "documents", "fetch", INVOICE, "--to", str(tmp_path), "--force")
    assert (tmp_path / there).read_text("utf-8") != "mine"
    assert (tmp_path / there).stat().st_mode & 0o777 == 0o600


def test_a_number_is_no_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for number in ("../RE/1", ".hidden"):
        service = Invoices(get_quote_document=reply(f"{number}.pdf"))
        fetch(monkeypatch, service, "quotes", "fetch", INVOICE, "--to", str(tmp_path / "to"))
    names = sorted(each.name for each in (tmp_path / "to").glob("*.pdf"))
    assert names == ["%2E.%2FRE%2F1.pdf", "%2Ehidden.pdf"]
    assert [each.name for each in tmp_path.iterdir()] == ["to"]


def test_a_letter_is_fetched_by_its_reminder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    service = Invoices(get_reminder=reply("INV-000012-1.pdf"))
    fetch(monkeypatch, service, "reminders", "fetch", INVOICE, "--to", str(tmp_path))
    assert service.calls == [("get_reminder", {"reminder_id": INVOICE})]


def test_where_no_folder_can_be_made_that_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    service = Invoices(get_document=reply())
    log_in(monkeypatch, service)
    done = tallystick("documents", "fetch", INVOICE, "--to", str(tmp_path / "file" / "folder"))
    assert done.exit_code == 1
    assert "Not a directory" in done.stderr
    assert not service.asked
