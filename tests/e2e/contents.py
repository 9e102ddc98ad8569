"""What calls say beside the things that they name, for naming.py and things.py."""

from collections.abc import Mapping
from types import MappingProxyType

_LINE = {"name": "Bell", "quantity": "2", "unit_price": "9.75", "vat_category": "S", "vat_rate": "19"}
DRAFT: Mapping[str, object] = MappingProxyType(
    {"document_type": "invoice", "issue_date": "2026-11-22", "currency": "EUR", "lines": [_LINE]}
)
ITEM: Mapping[str, object] = MappingProxyType(
    {"name": "Bell", "unit_price": "9.75", "currency": "EUR", "vat_category": "S", "vat_rate": "19"}
)
_ADDRESS = {"line": "Kaistraße 4", "city": "Hamburg", "post_code": "20457", "country_code": "DE"}
PARTICULARS = {"name": "Zoë", "email": "zoe@kunde.example", "address": _ADDRESS}
WITHOUT_LINES = {name: value for name, value in DRAFT.items() if name != "lines"}
PAID: Mapping[str, object] = MappingProxyType(
    {"amount": "5.00", "currency": "EUR", "value_date": "2026-11-22", "method": "transfer"}
)
# Due after the walk: nothing is written while businesses are compared.
SCHEDULE = MappingProxyType({"first": "2027-11-22", "interval": "month"})
REASON = {"reason": "as agreed"}
REMINDING: Mapping[str, object] = MappingProxyType(
    {"currency": "EUR", "levels": [{"days": 1, "term_days": 0, "fee": "5.00"}]}
)
RETURNED = {"value_date": "2026-11-22", **REASON}
REVISED = {"valid_until": "2027-11-22", "expected_version": 1}
