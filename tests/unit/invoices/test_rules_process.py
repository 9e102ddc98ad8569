"""The rules beside the service: the same answers, no secrets, no end of the service with them."""

import os
import select
import subprocess
import sys
from pathlib import Path

import pytest

from services.invoices.adapters.xml.forms import Forms, forms
from services.invoices.adapters.xml.rules import Rules
from services.invoices.adapters.xml.rules_process import RulesProcess, RulesUnavailable
from services.invoices.domain.document.issued import Document
from services.invoices.domain.document.vat import VatCategory
from shared.contracts.errors import PublicError
from tests.unit.invoices.documents import PDF, PDF_DIGEST, document, full

ROOT = Path(__file__).parents[3]
IN_A_SERVICE = """
from shared.messaging import green
green.patch()
from eventlet import tpool
from services.invoices.adapters.xml.rules_process import RulesProcess
from services.invoices.adapters.xml.forms import forms
from services.invoices.domain.document.vat import VatCategory
from tests.unit.invoices.documents import document, full
rules = RulesProcess()
print(tpool.execute(rules.broken, forms(document(full(VatCategory.STANDARD)))), rules._process.pid)
"""


@pytest.fixture
def sound() -> Document:
    return document(full(VatCategory.STANDARD))


def test_the_answers_are_those_of_the_rules(sound: Document) -> None:
    wrong = forms(sound, {PDF_DIGEST: PDF})
    wrong = Forms(wrong.cii.replace(b">H87<", b">PIECES<"), wrong.ubl.replace(b">380<", b">0<"))
    with RulesProcess() as rules:
        assert rules.broken(forms(sound)) == []
        assert rules.broken(wrong) == Rules().broken(wrong) != []
        with pytest.raises(PublicError, match="document_breaks_rule"):
            rules.require_kept(wrong)


def test_a_killed_process_is_told_and_replaced(sound: Document) -> None:
    with RulesProcess() as rules:
        assert rules.broken(forms(sound)) == []
        assert rules._process is not None
        rules._process.kill()
        rules._process.wait()
        assert rules.broken(forms(sound)) == []


def test_a_process_that_dies_over_a_question_is_told(sound: Document, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with RulesProcess() as rules, pytest.raises(RulesUnavailable):
        rules.broken(forms(sound))


def test_the_process_knows_nothing_of_the_service(sound: Document, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TALLYSTICK_DATABASE_PASSWORD", "secret")
    with RulesProcess() as rules:
        rules.broken(forms(sound))
        assert rules._process is not None
        assert b"secret" not in Path(f"/proc/{rules._process.pid}/environ").read_bytes()


def test_the_process_ends_with_a_green_service() -> None:
    """The service ends without closing anything, as when it is killed."""
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", IN_A_SERVICE], cwd=ROOT, capture_output=True, text=True, check=True
    )
    answer, pid = run.stdout.rsplit(maxsplit=1)
    assert answer == "[]"
    _wait_for_the_end_of(int(pid))


def _wait_for_the_end_of(pid: int) -> None:
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    with os.fdopen(descriptor):
        select.select([descriptor], [], [])
