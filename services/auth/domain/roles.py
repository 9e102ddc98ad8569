"""What each role of a person, and each service, may do: the only place that says so."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from shared.contracts.permissions import Permission


class Role(StrEnum):
    """What a person is in the business; one role a person."""

    OWNER = "owner"
    BOOKKEEPER = "bookkeeper"
    SALES = "sales"
    AUDITOR = "auditor"
    OPERATOR = "operator"


ROLE_PERMISSIONS: Mapping[Role, frozenset[Permission]] = MappingProxyType(
    {
        # Exporting keys stays with the auditor: the token of the daily work cannot carry all data away.
        # Exporting documents takes a fresh proof of a factor beside the token.
        Role.OWNER: frozenset(
            {
                Permission.TENANT_CONFIGURE,
                Permission.USER_INVITE,
                Permission.TRAINING_READ,
                Permission.TRAINING_MANAGE,
                Permission.USER_DISABLE,
                Permission.USER_UNLOCK,
                Permission.FACTORS_RESET,
                Permission.SESSION_REVOKE,
                Permission.USER_READ,
                Permission.ROLE_DEFINE,
                Permission.ROLE_ASSIGN,
                Permission.OWNER_APPROVE,
                Permission.CUSTOMER_WRITE,
                Permission.ITEM_WRITE,
                Permission.ITEM_READ,
                # Nobody below the owner destroys anything for good; where two must agree, both are owners.
                Permission.SHREDDING_REQUEST,
                Permission.SHREDDING_APPROVE,
                Permission.INVOICE_DRAFT,
                Permission.INVOICE_ISSUE,
                Permission.INVOICE_IMPORT,
                Permission.INVOICE_READ,
                Permission.PAYMENT_RECORD,
                Permission.PAYMENT_READ,
                Permission.PAYMENT_REFUND,
                Permission.INVOICE_WRITE_OFF,
                Permission.REMINDER_SEND,
                Permission.REGISTER_READ,
                Permission.REPORT_READ,
                Permission.PLAN_MANAGE,
                Permission.QUOTE_WRITE,
                Permission.QUOTE_READ,
                Permission.DOCUMENT_READ,
                Permission.DOCUMENT_EXPORT,
                Permission.DELIVERY_READ,
                Permission.LOG_READ,
            }
        ),
        Role.BOOKKEEPER: frozenset(
            {
                Permission.CUSTOMER_WRITE,
                Permission.ITEM_WRITE,
                Permission.ITEM_READ,
                Permission.INVOICE_DRAFT,
                Permission.INVOICE_ISSUE,
                Permission.INVOICE_IMPORT,
                Permission.INVOICE_READ,
                Permission.PAYMENT_RECORD,
                Permission.PAYMENT_READ,
                Permission.PAYMENT_REFUND,
                Permission.INVOICE_WRITE_OFF,
                Permission.REMINDER_SEND,
                Permission.REGISTER_READ,
                Permission.REPORT_READ,
                Permission.PLAN_MANAGE,
                Permission.QUOTE_WRITE,
                Permission.QUOTE_READ,
                Permission.DOCUMENT_READ,
                Permission.DOCUMENT_EXPORT,
                Permission.DELIVERY_READ,
            }
        ),
        Role.SALES: frozenset(
            {
                Permission.CUSTOMER_WRITE,
                Permission.ITEM_READ,
                Permission.INVOICE_DRAFT,
                Permission.INVOICE_READ,
                Permission.PAYMENT_READ,
                Permission.QUOTE_WRITE,
                Permission.QUOTE_READ,
            }
        ),
        Role.AUDITOR: frozenset(
            {
                Permission.ITEM_READ,
                Permission.INVOICE_READ,
                Permission.PAYMENT_READ,
                Permission.QUOTE_READ,
                Permission.REGISTER_READ,
                Permission.REPORT_READ,
                Permission.DOCUMENT_READ,
                Permission.DOCUMENT_EXPORT,
                Permission.DELIVERY_READ,
                Permission.LOG_READ,
                Permission.LOG_EXPORT,
            }
        ),
        # A person's token ends at the tenant; tenants and backups span all of them, so no role reaches those:
        # otherwise an owner could invite somebody into power over other businesses.
        Role.OPERATOR: frozenset({Permission.DELIVERY_READ}),
    }
)

SERVICE_PERMISSIONS: Mapping[str, frozenset[Permission]] = MappingProxyType(
    {
        "invoices": frozenset({Permission.DECISION_RECORD, Permission.REVOCATION_READ}),
        "notifier": frozenset(
            {
                Permission.DECISION_RECORD,
                Permission.REVOCATION_READ,
                Permission.DOCUMENT_READ,
                Permission.QUOTE_READ,
                Permission.NOTICE_READ,
            }
        ),
        "backup": frozenset({Permission.DECISION_RECORD, Permission.REVOCATION_READ, Permission.LOG_WITNESS}),
        "operator": frozenset(
            {
                Permission.TENANT_CREATE,
                # In the place of a second owner, where there is none (owner_grants.py).
                Permission.OWNER_APPROVE,
                Permission.BACKUP_RUN,
                Permission.BACKUP_READ,
                Permission.OPERATIONS_READ,
            }
        ),
    }
)
"""Service principals, each proved by its own key; whoever is not listed gets no token."""
