"""The XMP that makes a PDF with an embedded `factur-x.xml` a Factur-X document (Factur-X 1.0, 6.2; ZUGFeRD 2).

Typst writes the XMP of PDF/A and PDF/UA and has no way to add to it. So the packet is replaced by a longer one where
it stands. Reading the whole file and writing it again, as libraries do, takes as long as drawing it.
"""

from services.invoices.adapters.drawing.objects import found

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


def declared(stream: bytes) -> bytes:
    """Return a metadata stream with the schema's description and its four properties.

    ValueError for one that is not built as Typst does.
    """
    # Titles stand in it with < and > escaped, so no text of a document can be mistaken for these ends.
    if stream.count(_SCHEMAS_END) != 1 or stream.count(_RDF_END) != 1:
        raise ValueError("metadata without the ends that the declaration goes before")
    stream = stream.replace(_SCHEMAS_END, _SCHEMA + _SCHEMAS_END).replace(_RDF_END, _DESCRIPTION + _RDF_END)
    length = found(rb"/Length (\d+)", stream)
    added = len(_SCHEMA) + len(_DESCRIPTION)
    return stream[: length.start(1)] + b"%d" % (int(length[1]) + added) + stream[length.end(1) :]
