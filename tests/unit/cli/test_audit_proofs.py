"""The proof of a document: made by an auditor from a bundle, checked by whoever got the document."""

import base64
import resource
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import pytest
from click.testing import Result

from cli.audit.proof_commands import NOT_WITNESSED
from shared.crypto.signing import SigningKey
from shared.merkle.cosignature import cosign
from shared.merkle.note import NoteVerifier
from tests.audited import PDF, WITNESS, WITNESS_KEY, Business
from tests.unit.cli.conftest import Desk, desk_of
from tests.unit.cli.running import log_in

EVENTS = 10
ARCHIVED = 7
"""Where the document of INV-000001 is bound."""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """Two archived documents and a draft."""
    business = Business()
    customer, invoices = business.trade(2)
    for invoice_id in invoices:
        business.archive(invoice_id, customer)
    draft = business.draft(customer)
    return desk_of(business, business.bundle(tmp_path_factory.mktemp("desk") / "bundle"), invoices, draft)


@pytest.fixture
def sent(desk: Desk, tmp_path: Path) -> tuple[Path, Path]:
    """What a customer has: the document and its proof."""
    name = str(tmp_path / "INV-000001")
    made = desk.on_bundle("proof", "INV-000001", "--output", name)
    assert made.exit_code == 0, made.output
    document = tmp_path / "INV-000001.pdf"
    document.write_bytes(PDF)
    return document, tmp_path / "INV-000001.tlog-proof"


def check(desk: Desk, document: Path, proof: Path, *more: str) -> Result:
    return desk.audit("check", str(document), str(proof), *desk.trusting(), *more)


def test_a_customer_checks_a_document_that_was_sent(desk: Desk, sent: tuple[Path, Path]) -> None:
    done = check(desk, *sent, "--witness-key", str(WITNESS))
    assert done.exit_code == 0, done.output
    first, second, third = done.stdout.splitlines()
    assert first == "PROVED: INV-000001.pdf is, byte for byte, the document archived on 2026-11-22 at 09:08:00 UTC."
    assert (
        second == f"It stands at position {ARCHIVED} (the first is 0) of the {EVENTS} events that"
        f" {desk.business.origin} has signed for."
    )
    assert third.startswith("The witness witness.example cosigned that history at 2026-")


def test_the_xml_of_a_document_is_checked_as_its_pdf_is(tmp_path: Path) -> None:
    business, xml = Business(), b"<Invoice/>"
    customer, [invoice] = business.trade(1)
    stream, subject = f"invoice-{invoice}", f"customer-{customer}"
    business.record(stream, "XmlArchived", {"invoice_id": invoice}, subject, sha256(xml).hexdigest())
    desk = desk_of(business, business.bundle(tmp_path / "bundle"), [invoice], "")
    form, proof = tmp_path / "INV-000001.xml", tmp_path / "INV-000001.tlog-proof"
    form.write_bytes(xml)
    proof.write_text(business.access.receipt(business.tenant, business.size - 1), "utf-8")
    assert check(desk, form, proof).stdout.startswith("PROVED: INV-000001.xml is, byte for byte, the document archived")
    form.write_bytes(xml + b" ")
    assert check(desk, form, proof).exit_code == 1


def test_a_document_with_one_other_byte_is_not_proved(desk: Desk, sent: tuple[Path, Path]) -> None:
    document, proof = sent
    document.write_bytes(PDF + b" ")
    done = check(desk, document, proof)
    assert done.exit_code == 1
    assert "NOT PROVED: the proof holds, but this file is not the document that was issued" in done.stdout


def test_no_bit_of_a_proof_can_be_changed(desk: Desk, sent: tuple[Path, Path]) -> None:
    document, proof = sent
    text = proof.read_bytes()
    cosignature = text.rindex("—".encode())
    for at in range(0, cosignature, 7):
        changed = bytearray(text)
        changed[at] ^= 1
        proof.write_bytes(bytes(changed))
        done = check(desk, document, proof)
        assert done.exit_code == 1, f"byte {at}"
        assert done.exception is None or isinstance(done.exception, SystemExit)


def test_a_proof_of_something_else_than_a_document_is_not_proved(desk: Desk, tmp_path: Path) -> None:
    proof = tmp_path / "thing.tlog-proof"
    proof.write_text(desk.business.access.prove(desk.business.tenant, 1), "utf-8")
    document = tmp_path / "thing.pdf"
    document.write_bytes(PDF)
    assert "is not the archiving of a document" in check(desk, document, proof).stdout


def mailed(desk: Desk, folder: Path, cosigned: str = "") -> tuple[Path, Path]:
    """The document and the proof as the business mails them: the log alone has signed."""
    document, proof = folder / "x.pdf", folder / "x.tlog-proof"
    document.write_bytes(PDF)
    proof.write_text(desk.business.access.receipt(desk.business.tenant, ARCHIVED) + cosigned, "utf-8")
    return document, proof


def test_a_mailed_proof_is_proved_and_that_no_witness_cosigned_it_is_said(desk: Desk, tmp_path: Path) -> None:
    files = mailed(desk, tmp_path)
    assert check(desk, *files).exit_code == 0
    done = check(desk, *files, "--witness-key", str(WITNESS))
    assert done.exit_code == NOT_WITNESSED
    assert done.stdout.startswith("PROVED, NOT WITNESSED: x.pdf is, byte for byte, the document archived on 2026-11-22")
    assert "No cosignature of the witness witness.example is in this proof" in done.stdout


def test_a_false_cosignature_is_no_missing_one(desk: Desk, tmp_path: Path) -> None:
    forged = cosign("another history\n", WITNESS.name, WITNESS_KEY, 1_795_000_000).line
    done = check(desk, *mailed(desk, tmp_path, forged), "--witness-key", str(WITNESS))
    assert done.exit_code == 1
    assert done.stdout.startswith("NOT PROVED: the proof does not hold: checkpoint: the cosignature of witness.example")


def test_another_document_is_not_proved_whoever_cosigned(desk: Desk, tmp_path: Path) -> None:
    document, proof = mailed(desk, tmp_path)
    document.write_bytes(PDF + b" ")
    assert check(desk, document, proof, "--witness-key", str(WITNESS)).exit_code == 1


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"[" * 2_000_000, b"c2sp.org/tlog-proof@v1\nextra \n"])
def test_a_proof_that_is_something_else_ends_with_a_sentence(
    desk: Desk, sent: tuple[Path, Path], tmp_path: Path, content: bytes
) -> None:
    odd = tmp_path / "odd"
    odd.write_bytes(content)
    done = check(desk, sent[0], odd)
    assert done.exit_code == (3 if content.startswith((b"\xff", b"[")) else 1)
    assert isinstance(done.exception, SystemExit)


def test_a_bundle_that_another_key_signed_gives_no_proof(desk: Desk, tmp_path: Path) -> None:
    other = str(NoteVerifier(desk.business.origin, SigningKey.generate().public))
    bundle = [str(desk.folder), "--identity", str(desk.identity)]
    done = desk.audit("proof", "INV-000001", *bundle, "--log-key", other, "--output", str(tmp_path / "x"))
    assert done.exit_code == 1
    assert "checkpoint_invalid" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_proof_from_a_bundle_needs_the_key_of_the_log(desk: Desk, tmp_path: Path) -> None:
    bundle = [str(desk.folder), "--identity", str(desk.identity)]
    done = desk.audit("proof", "INV-000001", *bundle, "--output", str(tmp_path / "x"))
    assert done.exit_code == 2
    assert "give --log-key" in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("output", ["", "/", ".", "..", "/tmp"])  # noqa: S108 - a folder that is there; nothing is written
def test_a_folder_is_no_name_for_a_proof(desk: Desk, output: str) -> None:
    done = desk.on_bundle("proof", "INV-000001", "--output", output)
    assert done.exit_code == 2
    assert "names a folder" in done.stderr


def test_a_document_number_is_never_a_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    business = Business()
    customer = business.register()
    invoice = business.draft(customer)
    business.issue(invoice, customer, number="../stolen")
    business.archive(invoice, customer)
    desk = desk_of(business, business.bundle(tmp_path / "bundle"), [invoice], "")
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    done = desk.on_bundle("proof", invoice)
    assert done.exit_code == 1
    assert "is no name for a file" in done.stderr
    assert not list(tmp_path.rglob("*.tlog-proof"))


def test_a_proof_is_not_written_over_a_file(desk: Desk, sent: tuple[Path, Path]) -> None:
    base = str(sent[0].with_suffix(""))
    done = desk.on_bundle("proof", "INV-000001", "--output", base)
    assert done.exit_code == 1
    assert "File exists" in done.stderr


class Running:
    """The running system, asked for the document of INV-000001."""

    def __init__(self, desk: Desk) -> None:
        proof = desk.business.access.receipt(desk.business.tenant, ARCHIVED)
        content = base64.b64encode(PDF).decode()
        self._document = {"file_name": "INV-000001.pdf", "content_base64": content, "proof": proof}

    def query(self, service: str, method: str, request: dict[str, object]) -> dict[str, str]:
        """Answer."""
        assert (service, method, len(request)) == ("invoices", "get_document", 1)
        return self._document


@pytest.fixture
def running(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody has logged in to the running system."""

    log_in(monkeypatch, Running(desk))


@pytest.mark.usefixtures("running")
@pytest.mark.parametrize("ending", ["pdf", "tlog-proof"])
def test_where_one_of_the_files_is_there_neither_is_written(desk: Desk, tmp_path: Path, ending: str) -> None:
    there = tmp_path / f"mailed.{ending}"
    there.write_bytes(b"somebody else's")
    done = desk.audit("proof", desk.invoices[0], "--pdf", "--output", str(tmp_path / "mailed"))
    assert done.exit_code == 1
    assert f"{there}: File exists; nothing was written" in done.stderr
    assert list(tmp_path.iterdir()) == [there]
    assert there.read_bytes() == b"somebody else's"


@contextmanager
def room_for(size: int) -> Iterator[None]:
    """Let files grow to so many bytes, as on a disk that is nearly full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.usefixtures("running")
def test_no_half_of_a_proof_is_left_behind(desk: Desk, tmp_path: Path) -> None:
    with room_for(100):
        done = desk.audit("proof", desk.invoices[0], "--pdf", "--output", str(tmp_path / "mailed"))
    assert done.exit_code == 1
    assert "File too large; nothing was written" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_no_proof_is_made_from_a_damaged_bundle(desk: Desk, tmp_path: Path) -> None:
    folder = tmp_path / "bundle"
    shutil.copytree(desk.folder, folder)
    (folder / f"tile/0/000.p/{EVENTS}").write_bytes(bytes(EVENTS * 32))
    done = desk.on_bundle("proof", desk.invoices[0], folder=folder)
    assert done.exit_code == 1
    assert "position 0: leaf_differs" in done.stderr


def test_what_was_issued_and_not_archived_yet_has_nothing_to_prove_yet(tmp_path: Path) -> None:
    business = Business()
    _, [invoice] = business.trade(1)
    desk = desk_of(business, business.bundle(tmp_path / "bundle"), [invoice], "")
    done = desk.on_bundle("proof", invoice)
    assert done.exit_code == 1
    assert "was not archived yet when this bundle was made" in done.stderr


def test_a_draft_has_nothing_to_prove(desk: Desk) -> None:
    done = desk.on_bundle("proof", desk.draft)
    assert done.exit_code == 1
    assert "nothing to prove" in done.stderr
