"""Schematron in the form that its authors publish it in: an XSLT 2.0 stylesheet, which writes a report (SVRL).

What a report says of a broken rule is its id and its words. The stylesheets used here put no value of the document into
the words, which a test makes sure of.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import cast

from lxml import etree
from saxonche import PySaxonProcessor

from services.invoices.domain.document.rule import BrokenRule

_SVRL = "{http://purl.oclc.org/dsdl/svrl}"
_PREFIX = re.compile(r"^\[[^\]]+\]\s*-?\s*")
_TERM = re.compile(r"\bB[TG]-[0-9]+\b")
_LINE = re.compile(
    r"(?:IncludedSupplyChainTradeLineItem|InvoiceLine|CreditNoteLine)(?:\[namespace-uri[^]]*\])?\[([0-9]+)\]"
)
# The code lists of the CII rules are a document of their own, which would be read again for every invoice.
_READ_ONCE = "http://saxon.sf.net/feature/preEvaluateDocFunction"


class Processor:
    """Saxon, which compiles stylesheets."""

    def __init__(self) -> None:
        self._saxon = PySaxonProcessor(license=False)
        self._saxon.set_configuration_property(_READ_ONCE, "on")

    def schematron(self, stylesheet: Path) -> "Schematron":
        """Compile a stylesheet: a few tenths of a second."""
        return Schematron(self._saxon, stylesheet)


class Schematron:
    """One compiled set of rules."""

    def __init__(self, saxon: PySaxonProcessor, stylesheet: Path) -> None:
        self._saxon = saxon
        self._rules = saxon.new_xslt30_processor().compile_stylesheet(stylesheet_file=str(stylesheet))

    def broken(self, xml: str) -> list[BrokenRule]:
        """Return the rules that a well-formed document breaks, without those that only warn."""
        report = self._rules.transform_to_string(xdm_node=self._saxon.parse_xml(xml_text=xml))
        return list(_read(report.encode()))


def _read(report: bytes) -> Iterator[BrokenRule]:
    for finding in etree.fromstring(report).iter(f"{_SVRL}failed-assert", f"{_SVRL}successful-report"):
        if finding.get("flag") == "warning":
            continue
        words = _PREFIX.sub("", " ".join("".join(cast("Iterator[str]", finding.itertext())).split()))
        line = _LINE.search(finding.get("location", ""))
        yield BrokenRule(finding.get("id", ""), words, int(line[1]) - 1 if line else None, terms_in(words))


def terms_in(words: str) -> tuple[str, ...]:
    """Return the business terms and groups that a rule's words name, e.g. `BT-9`, each once."""
    return tuple(dict.fromkeys(_TERM.findall(words)))
