"""What it takes to call invoices, as a process, in the name of a business."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from shared.contracts.errors import ErrorCode, PublicError
from shared.contracts.permissions import Permission
from shared.kernel.ids import new_id
from shared.messaging.client import RpcClient
from shared.messaging.command_hash import Asked
from tests.integration.messaging.conftest import Bus
from tests.integration.messaging.processes import PATIENCE, ServiceProcess

ADDRESS = {"line": "Canary Lane 218", "city": "Utrecht", "post_code": "3511 NP", "country_code": "NL"}
SELLER: dict[str, Any] = {
    "name": "Canary Sellers",
    "vat_id": "DE123456788",
    "address": ADDRESS,
    "email": "canary.seller@canary.example",
    "iban": "DE02120300000000202051",
}
FULL_SELLER: dict[str, Any] = {
    **SELLER,
    "trading_name": "Canary Cycles",
    "registration": {"identifier": "HRB 4711"},
    "tax_number": "22/815/0815/4",
    "legal_information": "Registered in Hamburg.\nManaging director Ada Lund.",
    "electronic_address": {"scheme": "9930", "identifier": "DE123456788"},
    "contact": {"name": "Ada Lund", "telephone": "+49 40 123456", "email": "ada@canary.example"},
    "account_name": "Canary Sellers KG",
    "bic": "DEUTDEFF",
    "language": "de",
    "colour": "#0b5c8f",
    "small_business": True,
}
CUSTOMER: dict[str, Any] = {"name": "Canary Buyers", "email": "canary.buyer@canary.example", "address": ADDRESS}
LINE: dict[str, Any] = {
    "name": "Canary bell",
    "quantity": "2",
    "unit_price": "9.75",
    "vat_category": "S",
    "vat_rate": "19",
}
ISSUE_DATE = "2026-06-02"
UNTIL, LATER = (str((datetime.now(UTC) + timedelta(days=ahead)).date()) for ahead in (30, 60))
"""Days up to which a quote is good."""


@dataclass
class Caller:
    """A person of one business who calls the service, and has proved a factor for every call."""

    bus: Bus
    client: RpcClient
    tenant: str = field(default_factory=new_id)
    person: str = field(default_factory=new_id)

    def token(self, *permissions: str, **changes: object) -> str:
        return self.bus.token(*(permissions or Permission), **{"tenant": self.tenant, "sub": self.person, **changes})

    def ask(self, method: str, /, **request: Any) -> dict[str, Any]:  # noqa: ANN401 -- whatever the request holds
        return self._call(method, request, None)

    def order(self, method: str, /, *, key: str | None = None, **request: Any) -> dict[str, Any]:  # noqa: ANN401 -- as above
        return self._call(method, request, key or new_id())

    def _call(self, method: str, request: dict[str, Any], key: str | None) -> dict[str, Any]:
        token = self.token()
        proof = self.bus.proof(token, Asked("invoices", method, self.tenant, request, self.person), key)
        return self.client.call("invoices", method, request, token=token, idempotency_key=key, proof=proof)

    def draft(self, customer_id: str, **changes: object) -> str:
        asked: dict[str, Any] = {
            "document_type": "invoice",
            "issue_date": ISSUE_DATE,
            "currency": "EUR",
            "lines": [LINE],
            **changes,
        }
        return str(self.order("draft_invoice", customer_id=customer_id, **asked)["invoice_id"])

    def document(self, invoice_id: str) -> dict[str, Any]:
        """The document of what was issued, as soon as it is archived."""
        return self._archived("get_document", invoice_id=invoice_id)

    def letter(self, reminder_id: str) -> dict[str, Any]:
        """The letter of a reminder, as soon as it is archived."""
        return self._archived("get_reminder", reminder_id=reminder_id)

    def offer(self, quote_id: str) -> dict[str, Any]:
        """The document of a quote, as soon as it is archived."""
        return self._archived("get_quote_document", quote_id=quote_id)

    def _archived(self, method: str, **named: str) -> dict[str, Any]:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                return self.ask(method, **named)
            except PublicError as refused:
                if refused.code is not ErrorCode.DOCUMENT_PENDING or time.monotonic() > deadline:
                    raise
            time.sleep(0.05)

    def customer(self) -> str:
        return str(self.order("register_customer", **CUSTOMER)["customer_id"])


@dataclass
class Running:
    """invoices, served."""

    bus: Bus
    client: RpcClient
    process: ServiceProcess
    environment: Mapping[str, str]
    log: Path

    def hears(self) -> bool:
        """Whether it knows what was revoked, and so lets people in."""
        try:
            Caller(self.bus, self.client).ask("list_invoices")
        except PublicError as refused:
            return refused.code is not ErrorCode.SERVICE_UNAVAILABLE
        return True

    def start(self) -> None:
        self.process = ServiceProcess.start("services.invoices", self.environment, self.log)
