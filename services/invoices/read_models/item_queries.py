"""Items in a list, as of a position."""

from dataclasses import dataclass
from typing import Any

from services.invoices.read_models import search
from services.invoices.read_models.items import ITEMS
from services.invoices.read_models.pages import Beginning, continued, filled
from services.invoices.read_models.reading import Asked, Reader, Row
from services.invoices.read_models.search import SearchIndex
from services.invoices.read_models.versions import as_of as stood

_PAGE = f"""
    SELECT i.position, i.item_id::text, i.since, i.key::text, i.sealed, i.version, i.retired FROM items i
    WHERE i.tenant = %(tenant)s AND i.position > %(beyond)s AND {stood("i")}
    AND (%(retired)s OR NOT i.retired) AND (%(number)s::bytea IS NULL OR i.number_index = %(number)s)
    ORDER BY i.position LIMIT %(most)s
"""  # noqa: S608 -- parts are this service's own


@dataclass(frozen=True, slots=True)
class ItemQueries:
    """Reads one tenant's items."""

    reader: Reader
    search: SearchIndex

    def page(
        self, tenant: str, asked: Asked, begins: str | None, *, number: str | None, retired: bool, limit: int
    ) -> dict[str, Any]:
        """Return items in the order of their registration, and where the next page begins when there is one.

        `number`: exactly this article number, case and white space aside. `retired`: those too. Raises PublicError
        malformed_request for a page that there is not, and as `Reader.at`.
        """
        first = Beginning.read(begins, ITEMS, (int,))
        reading = self.reader.at(tenant, continued(asked, first))
        wanted = {
            "number": None if number is None else self.search.of(tenant, search.ITEM, number),
            "retired": retired,
            "beyond": -1 if first is None else first.key[0],
            "most": limit + 1,
        }
        rows = list(reading.opened(ITEMS, reading.look(_PAGE, wanted), lambda row: row[1:5]))
        items, more = filled(rows, limit, _shown)
        ends = {"next_page": Beginning(reading.as_of, ITEMS, (rows[len(items) - 1][0][0],)).text()} if more else {}
        return {"items": items, "as_of": reading.as_of, **ends}


def _shown(found: tuple[Row, dict[str, Any]]) -> dict[str, Any]:
    (*_, version, retired), said = found
    particulars = {name: value for name, value in said.items() if name != "item_id"}
    return {"item_id": said["item_id"], "version": version, "retired": retired, "particulars": particulars}
