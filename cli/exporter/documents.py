"""The documents of an export, page by page."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from cli.session import Session
from shared.contracts.errors import ErrorCode, PublicError

Document = Mapping[str, Any]
"""As ExportedDocumentSchema."""


class Export:
    """Begun with a fresh proof; where it takes longer than the proof lets it, begun again and gone on with."""

    def __init__(self, session: Session, wanted: Mapping[str, object]) -> None:
        """Begin; PublicError."""
        self._session, self._wanted = session, wanted
        self._begin()

    def _begin(self) -> None:
        begun = self._session.query("invoices", "begin_export", self._wanted)
        self._export, self.documents = str(begun["export"]), int(begun["documents"])

    def read(self, progress: Callable[[int], None]) -> Iterator[Document]:
        """Yield every document; `progress` is told how many were looked at."""
        place: dict[str, int] = {}
        looked_at = 0
        while True:
            page = self._page(place)
            yield from page["documents"]
            looked_at += page["looked_at"]
            progress(looked_at)
            if "next_page" not in page:
                return
            place = {"page_after": page["next_page"]}

    def _page(self, place: Mapping[str, int]) -> Mapping[str, Any]:
        try:
            return self._session.query("invoices", "export_page", {"export": self._export, **place})
        except PublicError as refused:
            if refused.code is not ErrorCode.EXPORT_INVALID:
                raise
        # Whatever was issued meanwhile is part of it then: documents are read in one order, so none is lost or doubled.
        self._begin()
        return self._session.query("invoices", "export_page", {"export": self._export, **place})
