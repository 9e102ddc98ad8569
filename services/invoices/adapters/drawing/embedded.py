"""The files in a PDF: the XML for machines, and a document's attachments for whoever opens it (ISO 19005-3, 6.8).

Typst is given text alone. So it embeds the digest of each attachment under the attachment's name, and writes
everything around it; then the file takes the place of its digest, as it is.
"""

import re
import zlib
from collections.abc import Iterator, Mapping

from services.invoices.adapters.drawing.facturx import declared
from services.invoices.adapters.drawing.objects import Objects, objects_of, with_others

_EMBEDDED = re.compile(
    rb"\A(\d+) 0 obj\n<</Length (\d+)/Type/EmbeddedFile(/Filter/FlateDecode)?/Subtype/([^/<>()\[\]\s]+)"
    rb"/Params<</Size \d+/ModDate(\(D:\d{14}Z\))>>>>\nstream\n"
)
"""The whole head: what a file is called stands elsewhere, and what is in it comes after."""
_XML = b"text#2Fxml"
"""As ISO 32000-1 writes the media type `text/xml` (7.3.5); no attachment has it (BT-125)."""


def completed(pdf: bytes, attachments: Mapping[str, bytes]) -> bytes:
    """Return the PDF with Factur-X declared, and with each attachment, by its digest, where Typst put the digest.

    ValueError for a PDF that is not built as Typst does.
    """
    objects = objects_of(pdf)
    others = {objects.metadata: declared(objects[objects.metadata])}
    for number, head, content in _files(objects):
        file = attachments.get(content.decode("ascii")) if head[4] != _XML else None
        if file is not None:
            # Not compressed: most of these files are already, and zlib's bytes are not the same on every machine.
            others[number] = (
                b"%d 0 obj\n<</Length %d/Type/EmbeddedFile/Subtype/%b/Params<</Size %d/ModDate%b>>>>\nstream\n"
                % (number, len(file), head[4], len(file), head[5])
            ) + (file + b"\nendstream\nendobj\n\n")
    return with_others(objects, others)


def embedded_xml(pdf: bytes) -> bytes:
    """Return the CII that a PDF carries, byte for byte; ValueError for one that is not built as Typst does."""
    for _, head, content in _files(objects_of(pdf)):
        if head[4] == _XML:
            return content
    raise ValueError("no XML in the PDF")


def _files(objects: Objects) -> Iterator[tuple[int, re.Match[bytes], bytes]]:
    """Yield the number of each embedded file, its head, and what is in it."""
    for number, text in objects:
        head = _EMBEDDED.match(text)
        if head is not None:
            content = text[head.end() : head.end() + int(head[2])]
            yield number, head, zlib.decompress(content) if head[3] else content
