"""A payment and an invoice that is owed, for tests."""

from datetime import date
from decimal import Decimal

import pytest

from services.invoices.domain.events.payments import Method, PaymentRecorded
from services.invoices.domain.payment import Payment
from services.invoices.domain.receivable import Receivable
from shared.contracts.errors import ErrorCode, PublicError

DUE = date(2026, 6, 30)


def amount(text: str) -> Decimal:
    return Decimal(text)


def payment(of: str | Decimal = "100.00", payment_id: str = "p1") -> Payment:
    return Payment(PaymentRecorded(payment_id, "c1", Decimal(of), "EUR", date(2026, 6, 15), Method.TRANSFER))


def owed(payable: str | Decimal = "100.00", invoice_id: str = "i1") -> Receivable:
    return Receivable(invoice_id, "c1", "EUR", DUE, Decimal(payable))


def refused(code: ErrorCode) -> "pytest.RaisesExc[PublicError]":
    return pytest.RaisesExc(PublicError, check=lambda error: error.code is code)
