"""Rows as an import reads them, and a mapping for them."""

from collections.abc import Iterable
from pathlib import Path

from cli.importer.documents import Document, Documents
from cli.importer.mapping import ColumnMapping
from cli.importer.rows import Row

MAPPING_FILE = Path("deploy/demo/mappings/sample.yaml")
HEADER = "document,date,customer_no,customer,email,street,city,post_code,country,article,text,quantity,net_price"
GOOD = "RE1,2026-03-01,K-1,Kunde,k@kunde.example,Weg 1,Ort,12345,Germany,A-1,Bell,2,1.50"


def row(number: int = 1, **changes: str) -> Row:
    values = dict(zip(HEADER.split(","), GOOD.split(","), strict=True)) | changes
    return Row(number, values, complete=True)


def group(
    rows: Iterable[Row], mapping: ColumnMapping, limit: int | None = None, *, partial: bool = True
) -> list[Document]:
    read = list(rows)
    return list(Documents(lambda: read, mapping, limit, partial=partial))
