"""The press: an issued document in its final forms, none of which leaves before the official rules were checked."""

from services.invoices.adapters.drawing.draw import draw, draw_letter
from services.invoices.adapters.drawing.embedded import embedded_xml
from services.invoices.adapters.xml.forms import forms
from services.invoices.adapters.xml.rules_process import RulesProcess
from services.invoices.domain.document.issued import Document
from services.invoices.domain.document.rule import BrokenRule
from services.invoices.domain.events.reminders import ReminderWritten
from services.invoices.ports import Files, Printed


class OfficialPress:
    """XML by our own hand, judged by the official rules in a process beside; drawn by Typst around it.

    Calls block for tens of milliseconds and may come from one thread at a time.
    """

    def __init__(self, rules: RulesProcess) -> None:
        self._rules = rules

    def print(self, document: Document, files: Files) -> Printed:
        """Return the forms. Raises PublicError document_breaks_rule; LogoRefused, RulesUnavailable."""
        written = forms(document, files.attachments)
        self._rules.require_kept(written)
        pdf = draw(document, written.cii, logo=files.logo, attachments=files.attachments)
        return Printed(pdf=pdf, ubl=written.ubl)

    def offer(self, document: Document, logo: bytes | None) -> bytes:
        """Return a drawn quote; LogoRefused."""
        return draw(document, None, logo=logo)

    def letter(self, written: ReminderWritten, logo: bytes | None) -> bytes:
        """Return the PDF of a reminder; LogoRefused."""
        return draw_letter(written, logo=logo)

    def broken(self, document: Document) -> list[BrokenRule]:
        """Return the official rules that a document breaks; RulesUnavailable."""
        return self._rules.broken(forms(document))

    def cii_in(self, pdf: bytes) -> bytes:
        """Return the CII form that one of its PDFs carries."""
        return embedded_xml(pdf)

    def close(self) -> None:
        """End the process beside."""
        self._rules.close()
