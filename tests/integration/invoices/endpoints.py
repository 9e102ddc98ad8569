"""Every endpoint that needs a token, with the permission that it needs, and a request that it understands."""

from typing import Any

from shared.contracts.permissions import Permission
from tests.integration.invoices.running import CUSTOMER, ISSUE_DATE, LINE, SELLER

COMMANDS = {
    "configure_seller": Permission.TENANT_CONFIGURE,
    "configure_series": Permission.TENANT_CONFIGURE,
    "request_bank_account_change": Permission.TENANT_CONFIGURE,
    "approve_bank_account_change": Permission.TENANT_CONFIGURE,
    "end_bank_account_change": Permission.TENANT_CONFIGURE,
    "set_logo": Permission.TENANT_CONFIGURE,
    "remove_logo": Permission.TENANT_CONFIGURE,
    "upload_attachment": Permission.INVOICE_DRAFT,
    "register_customer": Permission.CUSTOMER_WRITE,
    "change_customer": Permission.CUSTOMER_WRITE,
    "draft_invoice": Permission.INVOICE_DRAFT,
    "change_draft": Permission.INVOICE_DRAFT,
    "discard_draft": Permission.INVOICE_DRAFT,
    "duplicate_invoice": Permission.INVOICE_DRAFT,
    "credit_invoice": Permission.INVOICE_DRAFT,
    "replace_invoice": Permission.INVOICE_DRAFT,
    "issue_invoice": Permission.INVOICE_ISSUE,
    "import_documents": Permission.INVOICE_IMPORT,
    "record_payment": Permission.PAYMENT_RECORD,
    "allocate_payment": Permission.PAYMENT_RECORD,
    "undo_allocation": Permission.PAYMENT_RECORD,
    "reverse_payment": Permission.PAYMENT_RECORD,
    "refund_payment": Permission.PAYMENT_REFUND,
    "make_plan": Permission.PLAN_MANAGE,
    "pause_plan": Permission.PLAN_MANAGE,
    "resume_plan": Permission.PLAN_MANAGE,
    "end_plan": Permission.PLAN_MANAGE,
    "write_off": Permission.INVOICE_WRITE_OFF,
    "reverse_write_off": Permission.INVOICE_WRITE_OFF,
    "request_shredding": Permission.SHREDDING_REQUEST,
    "approve_shredding": Permission.SHREDDING_APPROVE,
}
QUERIES = {
    "get_seller": Permission.TENANT_CONFIGURE,
    "get_bank_account_change": Permission.TENANT_CONFIGURE,
    "get_invoice": Permission.INVOICE_READ,
    "explain_totals": Permission.INVOICE_READ,
    "list_series": Permission.REGISTER_READ,
    "number_register": Permission.REGISTER_READ,
    "list_invoices": Permission.INVOICE_READ,
    "find_customers": Permission.CUSTOMER_WRITE,
    "get_customer": Permission.CUSTOMER_WRITE,
    "customer_totals": Permission.INVOICE_READ,
    "get_plan": Permission.PLAN_MANAGE,
    "get_payment": Permission.PAYMENT_READ,
    "suggest_allocations": Permission.PAYMENT_READ,
    "get_receivable": Permission.PAYMENT_READ,
    "get_document": Permission.DOCUMENT_READ,
    "check_invoice": Permission.INVOICE_READ,
    "get_attachment": Permission.INVOICE_READ,
    "get_shredding": Permission.SHREDDING_REQUEST,
    "read_log": Permission.LOG_READ,
    "read_stream": Permission.LOG_READ,
    "position_at": Permission.LOG_READ,
    "checkpoint": Permission.LOG_READ,
    "tile": Permission.LOG_READ,
    "prove": Permission.LOG_READ,
    "consistency": Permission.LOG_READ,
    "growth": Permission.LOG_WITNESS,
    "export_keys": Permission.LOG_EXPORT,
    "export_keys_of": Permission.LOG_EXPORT,
    "halts": Permission.OPERATIONS_READ,
}
ENDPOINTS = {**COMMANDS, **QUERIES}
PAYMENT_ID = "019aa0e5-0000-7000-8000-00000000000f"
PAID: dict[str, Any] = {"amount": "5.00", "currency": "EUR", "value_date": ISSUE_DATE, "method": "transfer"}
_CONTENT = {
    "customer_id": "019aa0e5-0000-7000-8000-00000000000c",
    "document_type": "invoice",
    "issue_date": ISSUE_DATE,
    "currency": "EUR",
    "lines": [LINE],
}
_DOCUMENT = {"invoice_id": "019aa0e5-0000-7000-8000-00000000000d"}
VALID: dict[str, dict[str, Any]] = {
    "configure_seller": SELLER,
    "configure_series": {"name": "RE", "pattern": "{series}-{year}-{number:05}", "resets": True},
    "set_logo": {"content_base64": "iVBORw0KGgo="},
    "remove_logo": {},
    "upload_attachment": {
        "customer_id": "019aa0e5-0000-7000-8000-00000000000c",
        "media_type": "text/csv",
        "content_base64": "YTtiCg==",
    },
    "get_attachment": {"invoice_id": "019aa0e5-0000-7000-8000-00000000000d", "digest": "0" * 64},
    "number_register": {"series": "INV"},
    "register_customer": CUSTOMER,
    "change_customer": {
        "customer_id": "019aa0e5-0000-7000-8000-00000000000c",
        "expected_version": 1,
        "particulars": CUSTOMER,
    },
    "draft_invoice": _CONTENT,
    "change_draft": {**_DOCUMENT, "expected_version": 1, "content": _CONTENT},
    "discard_draft": _DOCUMENT,
    "duplicate_invoice": _DOCUMENT,
    "credit_invoice": {**_DOCUMENT, "lines": [{"line": 0, "quantity": "1"}]},
    "replace_invoice": _DOCUMENT,
    "import_documents": {
        "customers": [{"key": "K-1", "particulars": CUSTOMER}],
        "documents": [
            {
                "key": "RE-1",
                "customer": "K-1",
                "content": {
                    "document_type": "invoice",
                    "issue_date": ISSUE_DATE,
                    "currency": "EUR",
                    "lines": [LINE],
                },
            }
        ],
    },
    "issue_invoice": _DOCUMENT,
    "make_plan": {
        "content": {
            "customer_id": "019aa0e5-0000-7000-8000-00000000000c",
            "document_type": "invoice",
            "issue_date": ISSUE_DATE,
            "currency": "EUR",
            "lines": [LINE],
        },
        "schedule": {"first": ISSUE_DATE, "interval": "month"},
    },
    "pause_plan": {"plan_id": PAYMENT_ID, "reason": "on holiday"},
    "resume_plan": {"plan_id": PAYMENT_ID, "day": ISSUE_DATE},
    "end_plan": {"plan_id": PAYMENT_ID, "reason": "cancelled"},
    "record_payment": {"customer_id": "019aa0e5-0000-7000-8000-00000000000c", **PAID},
    "allocate_payment": {
        "payment_id": PAYMENT_ID,
        "allocations": [{"invoice_id": "019aa0e5-0000-7000-8000-00000000000d", "amount": "5.00"}],
    },
    "undo_allocation": {
        "payment_id": PAYMENT_ID,
        "invoice_id": "019aa0e5-0000-7000-8000-00000000000d",
        "reason": "another invoice",
    },
    "reverse_payment": {"payment_id": PAYMENT_ID, "value_date": ISSUE_DATE, "reason": "no funds"},
    "refund_payment": {"payment_id": PAYMENT_ID, "amount": "5.00", "value_date": ISSUE_DATE, "reason": "paid twice"},
    "write_off": {"invoice_id": "019aa0e5-0000-7000-8000-00000000000d", "reason": "insolvent"},
    "reverse_write_off": {"invoice_id": "019aa0e5-0000-7000-8000-00000000000d", "reason": "the estate pays"},
    "request_shredding": {"customer_id": "019aa0e5-0000-7000-8000-00000000000c", "reason": "erasure_request"},
    "approve_shredding": {
        "customer_id": "019aa0e5-0000-7000-8000-00000000000c",
        "request_id": "019aa0e5-0000-7000-8000-00000000000e",
        "digest": "0" * 64,
    },
    "request_bank_account_change": {"iban": "GB33BUKB20201555555555"},
    "approve_bank_account_change": {"request_id": "019aa0e5-0000-7000-8000-00000000000e", "digest": "0" * 64},
    "end_bank_account_change": {"request_id": "019aa0e5-0000-7000-8000-00000000000e"},
}
