"""Make the golden documents: an invoice, one in XRechnung, a credit note; each as CII and as UBL.

    python -m tests.vectors.make_document_vectors

They are indented for whoever reads a difference; the programs write no white space between elements. Unlike the other
vectors they are made by the code that they test: what vouches for them is that they keep the official rules, which a
test makes sure of, and that somebody read them.
"""

from pathlib import Path

from lxml import etree

from services.invoices.adapters.xml.forms import forms
from tests.unit.invoices.documents import GOLDEN, PDF, PDF_DIGEST

DIRECTORY = Path(__file__).parent / "documents"


def main() -> None:
    for name, document in GOLDEN.items():
        both = forms(document, {PDF_DIGEST: PDF})
        for form, content in (("cii", both.cii), ("ubl", both.ubl)):
            root = etree.fromstring(content)
            etree.indent(root)
            written = etree.tostring(root, encoding="UTF-8", xml_declaration=True)
            (DIRECTORY / f"{name}.{form}.xml").write_bytes(written + b"\n")


if __name__ == "__main__":
    main()
