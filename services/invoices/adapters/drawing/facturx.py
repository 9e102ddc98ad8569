"""The XMP that makes a PDF with an embedded `factur-x.xml` a Factur-X document (Factur-X 1.0, 6.2; ZUGFeRD 2).

Typst writes the XMP of PDF/A and PDF/UA and has no way to add to it. So the packet is replaced by a longer one where
it stands and what comes after it moves: positions are in one cross-reference table (ISO 32000-1, 7.5.4). Reading the
whole file and writing it again, as libraries do, takes as long as drawing it.
"""

import re
import zlib

_NAMESPACE = b"urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#"
_PROPERTIES = (
    (b"DocumentFileName", b"factur-x.xml", b"The name of the embedded XML document"),
    (b"DocumentType", b"INVOICE", b"The type of the hybrid document in capital letters, e.g. INVOICE or ORDER"),
    (b"Version", b"1.0", b"The actual version of the standard applying to the embedded XML document"),
    (b"ConformanceLevel", b"EN 16931", b"The conformance level of the embedded XML document"),
)
_SCHEMA = (
    b'<rdf:li rdf:parseType="Resource"><pdfaSchema:schema>Factur-X PDFA Extension Schema</pdfaSchema:schema>'
    b"<pdfaSchema:namespaceURI>" + _NAMESPACE + b"</pdfaSchema:namespaceURI><pdfaSchema:prefix>fx</pdfaSchema:prefix>"
    b"<pdfaSchema:property><rdf:Seq>"
    + b"".join(
        b'<rdf:li rdf:parseType="Resource"><pdfaProperty:name>' + name + b"</pdfaProperty:name>"
        b"<pdfaProperty:valueType>Text</pdfaProperty:valueType><pdfaProperty:category>external</pdfaProperty:category>"
        b"<pdfaProperty:description>" + words + b"</pdfaProperty:description></rdf:li>"
        for name, _, words in _PROPERTIES
    )
    + b"</rdf:Seq></pdfaSchema:property></rdf:li>"
)
_DESCRIPTION = (
    b'<rdf:Description rdf:about="" xmlns:fx="'
    + _NAMESPACE
    + b'">'
    + b"".join(b"<fx:" + name + b">" + value + b"</fx:" + name + b">" for name, value, _ in _PROPERTIES)
    + b"</rdf:Description>"
)
_SCHEMAS_END, _RDF_END = b"</rdf:Bag></pdfaExtension:schemas>", b"</rdf:RDF>"
_ENTRY = 20
"""Bytes of an entry in the cross-reference table."""
_LONGEST_HEAD = 4096


def declare(pdf: bytes) -> bytes:
    """Return the PDF that says in its metadata what it embeds; ValueError for one that is not built as Typst does."""
    table, entries, offsets = _table(pdf)
    trailer = entries + len(offsets) * _ENTRY
    metadata = offsets[int(_found(rb"/Metadata (\d+) 0 R", _catalog(pdf))[1])]
    end = pdf.index(b"endobj", metadata)
    longer = _with_declaration(pdf[metadata:end])
    moved = len(longer) - (end - metadata)
    places = bytearray(pdf[entries:trailer])
    for number, offset in enumerate(offsets):
        if offset > metadata:
            places[number * _ENTRY : number * _ENTRY + 10] = b"%010d" % (offset + moved)
    tail = re.sub(rb"(?<=startxref\n)\d+", b"%d" % (table + moved), pdf[trailer:])
    return pdf[:metadata] + longer + pdf[end:entries] + bytes(places) + tail


def embedded_xml(pdf: bytes) -> bytes:
    """Return the CII that a PDF carries, byte for byte; ValueError for one that is not built as Typst does."""
    _, _, offsets = _table(pdf)
    file = offsets[int(_found(rb"\(factur-x\.xml\)\s*(\d+) 0 R", _catalog(pdf))[1])]
    stream = offsets[int(_found(rb"/EF\s*<<\s*/F (\d+) 0 R", pdf[file : pdf.index(b"endobj", file)])[1])]
    head = _found(rb"\A\d+ 0 obj\s*<<(.*?)>>\s*stream\r?\n", pdf[stream : stream + _LONGEST_HEAD])
    length = int(_found(rb"/Length (\d+)", head[1])[1])
    content = pdf[stream + head.end() : stream + head.end() + length]
    return zlib.decompress(content) if b"/FlateDecode" in head[1] else content


def _table(pdf: bytes) -> tuple[int, int, list[int]]:
    """Return where the cross-reference table and its entries begin, and where each object does."""
    table = int(_found(rb"startxref\s+(\d+)\s+%%EOF\s*\Z", pdf[-64:])[1])
    head = _found(rb"xref\s+0 (\d+)\s*?\n", pdf[table : table + 64])
    entries = table + head.end()
    trailer = entries + int(head[1]) * _ENTRY
    return table, entries, [int(pdf[at : at + 10]) for at in range(entries, trailer, _ENTRY)]


def _catalog(pdf: bytes) -> bytes:
    _, entries, offsets = _table(pdf)
    catalog = offsets[int(_found(rb"/Root (\d+) 0 R", pdf[entries + len(offsets) * _ENTRY :])[1])]
    return pdf[catalog : pdf.index(b"endobj", catalog)]


def _with_declaration(stream: bytes) -> bytes:
    """Return the metadata stream with the schema's description and its four properties."""
    # Titles stand in it with < and > escaped, so no text of a document can be mistaken for these ends.
    if stream.count(_SCHEMAS_END) != 1 or stream.count(_RDF_END) != 1:
        raise ValueError("metadata without the ends that the declaration goes before")
    stream = stream.replace(_SCHEMAS_END, _SCHEMA + _SCHEMAS_END).replace(_RDF_END, _DESCRIPTION + _RDF_END)
    length = _found(rb"/Length (\d+)", stream)
    added = len(_SCHEMA) + len(_DESCRIPTION)
    return stream[: length.start(1)] + b"%d" % (int(length[1]) + added) + stream[length.end(1) :]


def _found(pattern: bytes, within: bytes) -> re.Match[bytes]:
    match = re.search(pattern, within, re.DOTALL)
    if match is None:
        raise ValueError(f"no {pattern!r} in the PDF")
    return match
