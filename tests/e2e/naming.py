"""Every entrypoint of every service, and what a call to it names that belongs to a business.

Who adds an entrypoint adds a line: how to call it, or why there is nothing in it that could be another business's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from tests.e2e.contents import DRAFT, ITEM, PAID, PARTICULARS, REASON, RETURNED, REVISED, SCHEDULE, WITHOUT_LINES


@dataclass(frozen=True)
class Case:
    """A call that names things."""

    named: Mapping[str, str]
    """Fields, and which thing (things.py) each of them names; all of them of the same business."""
    own: Mapping[str, str] = field(default_factory=dict)
    """Fields that name the caller's own things in every call."""
    besides: Mapping[str, object] = field(default_factory=dict)
    """What else the request holds."""

    @property
    def fields(self) -> set[str]:
        """All fields of the request."""
        return {*self.named, *self.own, *self.besides}


Names = Sequence[Case]
Endpoint = tuple[str, str]
"""Service and method."""

_USER = Case({"user_id": "member"})
_STREAMS = (Case({"stream": "session_stream"}), Case({"stream": "user_stream"}))

NAMING: Mapping[Endpoint, Names] = MappingProxyType(
    {
        ("auth", "answer_training"): [Case({"attempt": "attempt"}, besides={"answers": [0] * 5})],
        ("auth", "approve_factor_reset"): [
            Case({"user_id": "other_member", "request_id": "reset_request", "digest": "reset_digest"}),
            Case({"request_id": "reset_request", "digest": "reset_digest"}, own={"user_id": "other_member"}),
        ],
        ("auth", "approve_owner_grant"): [Case({"request_id": "grant_request", "digest": "grant_digest"})],
        ("auth", "define_role"): [Case({"role_id": "role"}, besides={"name": "Renamed", "grants": []})],
        ("auth", "assign_role"): [
            Case({"user_id": "member"}, besides={"role": "auditor"}),
            Case({"user_id": "member", "role": "role"}),
            Case({"role": "role"}, own={"user_id": "member"}),
        ],
        ("auth", "complete_factor"): [Case({"offer": "offer"}, besides={"code": "000000"})],
        ("auth", "complete_step_up"): [Case({"challenge": "challenge"}, besides={"recovery_code": "none of mine"})],
        ("auth", "drill_results"): [Case({"drill_id": "drill"})],
        ("auth", "end_factor_reset"): [Case({"user_id": "other_member", "request_id": "reset_request"})],
        ("auth", "end_owner_grant"): [Case({"request_id": "grant_request"})],
        ("auth", "explain_access"): [Case({"user_id": "member"}, besides={"permission": "invoice:issue"})],
        ("auth", "invite_user"): [
            Case({"email": "email"}, besides={"name": "Newcomer", "role": "sales"}),
            Case({"role": "role"}, besides={"name": "Newcomer", "email": "newcomer@example.org"}),
        ],
        ("auth", "lock_state"): [_USER],
        ("auth", "read_stream"): _STREAMS,
        ("auth", "remove_factor"): [
            Case({"factor_id": "factor"}, own={"current_password": "password"}, besides={"recovery_code": "not mine"})
        ],
        ("auth", "request_factor_reset"): [Case({"user_id": "member"}, besides=REASON)],
        ("auth", "request_owner_grant"): [Case({"user_id": "newcomer"})],
        ("auth", "start_drill"): [Case({"user_ids": "members"}, besides={"template": "mailbox_full"})],
        ("auth", "unlock_user"): [_USER],
        ("auth", "waive_training"): [Case({"user_id": "member"}, besides={**REASON, "days": 1})],
        ("auth", "disable_user"): [Case({"user_id": "member"}, besides=REASON)],
        ("auth", "enable_user"): [_USER],
        ("auth", "retire_role"): [Case({"role_id": "unused_role"})],
        ("auth", "end_sessions_of"): [_USER],
        ("auth", "end_session"): [Case({"session_id": "session"})],
        ("invoices", "allocate_payment"): [
            Case({"payment_id": "payment", "allocations": "shares"}),
            Case({"allocations": "shares"}, own={"payment_id": "payment"}),
        ],
        ("invoices", "approve_bank_account_change"): [
            Case({"request_id": "account_request", "digest": "account_digest"})
        ],
        ("invoices", "approve_shredding"): [
            Case({"customer_id": "leaving", "request_id": "shredding_request", "digest": "shredding_digest"}),
            Case({"request_id": "shredding_request", "digest": "shredding_digest"}, own={"customer_id": "leaving"}),
        ],
        ("invoices", "customer_totals"): [Case({"customer_id": "customer"})],
        ("invoices", "draft_invoice"): [
            Case({"customer_id": "customer"}, besides=DRAFT),
            Case({"preceding": "preceding"}, own={"customer_id": "customer"}, besides=DRAFT),
            Case({"lines": "lines"}, own={"customer_id": "customer"}, besides=WITHOUT_LINES),
            Case({"attachments": "attachments"}, own={"customer_id": "customer"}, besides=DRAFT),
        ],
        ("invoices", "upload_attachment"): [
            Case({"customer_id": "customer"}, besides={"media_type": "text/csv", "content_base64": "YTtiCg=="})
        ],
        ("invoices", "get_attachment"): [
            Case({"invoice_id": "attached", "digest": "file"}),
            Case({"digest": "file"}, own={"invoice_id": "attached"}),
        ],
        ("invoices", "change_draft"): [
            Case({"invoice_id": "drafted", "content": "content"}, besides={"expected_version": 1}),
            Case({"invoice_id": "drafted"}, own={"content": "content"}, besides={"expected_version": 1}),
        ],
        ("invoices", "credit_invoice"): [Case({"invoice_id": "issued"})],
        ("invoices", "replace_invoice"): [Case({"invoice_id": "issued"})],
        ("invoices", "duplicate_invoice"): [Case({"invoice_id": "issued"}), Case({"invoice_id": "drafted"})],
        ("invoices", "end_bank_account_change"): [Case({"request_id": "account_request"})],
        ("invoices", "end_shredding"): [Case({"customer_id": "leaving", "request_id": "shredding_request"})],
        ("invoices", "explain_totals"): [
            Case({"invoice_id": "issued"}),
            Case({"invoice_id": "drafted"}),
            Case({"content": "content"}),
        ],
        ("invoices", "get_customer"): [Case({"customer_id": "customer"})],
        ("invoices", "change_customer"): [
            Case({"customer_id": "customer"}, besides={"expected_version": 1, "particulars": PARTICULARS})
        ],
        ("invoices", "get_item"): [Case({"item_id": "item"}), Case({"item_id": "other_item"})],
        ("invoices", "change_item"): [
            Case({"item_id": "item"}, besides={"expected_version": 1, "particulars": dict(ITEM)})
        ],
        ("invoices", "find_customers"): [Case({"name": "customer_name"}), Case({"email": "customer_email"})],
        ("invoices", "begin_export"): [Case({"customer_id": "customer"})],
        ("invoices", "check_invoice"): [Case({"invoice_id": "issued"}), Case({"invoice_id": "drafted"})],
        ("invoices", "get_document"): [Case({"invoice_id": "issued"})],
        ("invoices", "get_invoice"): [Case({"invoice_id": "issued"}), Case({"invoice_id": "drafted"})],
        ("invoices", "get_payment"): [Case({"payment_id": "payment"})],
        ("invoices", "get_plan"): [Case({"plan_id": "plan"})],
        ("invoices", "list_invoices"): [Case({"customer_id": "customer"})],
        ("invoices", "list_plans"): [Case({"customer_id": "customer"})],
        **{
            ("invoices", method): [Case({"customer_id": "customer"})]
            for method in ("aging", "get_statement", "list_open_items", "list_payments")
        },
        ("invoices", "make_plan"): [Case({"content": "content"}, besides={"schedule": dict(SCHEDULE)})],
        ("invoices", "pause_plan"): [Case({"plan_id": "plan"}, besides=REASON)],
        ("invoices", "resume_plan"): [Case({"plan_id": "plan"}, besides={"day": "2027-11-22"})],
        ("invoices", "end_plan"): [Case({"plan_id": "plan"}, besides=REASON)],
        ("invoices", "make_quote"): [Case({"content": "offer_content"}, besides={"valid_until": "2027-11-22"})],
        ("invoices", "change_quote"): [
            Case({"quote_id": "quote", "content": "offer_content"}, besides=REVISED),
            Case({"quote_id": "quote"}, own={"content": "offer_content"}, besides=REVISED),
        ],
        ("invoices", "extend_quote"): [Case({"quote_id": "quote"}, besides={"valid_until": "2027-12-22"})],
        ("invoices", "accept_quote"): [Case({"quote_id": "quote"}, besides={"accepted_by": "Mme. Dupont"})],
        ("invoices", "decline_quote"): [Case({"quote_id": "unwanted_quote"}, besides=REASON)],
        ("invoices", "invoice_quote"): [Case({"quote_id": "accepted_quote"})],
        ("invoices", "get_quote"): [Case({"quote_id": "quote"})],
        ("invoices", "get_quote_document"): [Case({"quote_id": "quote"})],
        ("invoices", "list_quotes"): [Case({"customer_id": "customer"})],
        ("invoices", "get_receivable"): [Case({"invoice_id": "issued"})],
        ("invoices", "get_shredding"): [Case({"customer_id": "leaving"})],
        ("invoices", "issue_invoice"): [Case({"invoice_id": "drafted"})],
        ("invoices", "retire_item"): [Case({"item_id": "other_item"})],
        ("invoices", "discard_draft"): [Case({"invoice_id": "unwanted"})],
        ("invoices", "read_stream"): [Case({"stream": "invoice_stream"}), Case({"stream": "customer_stream"})],
        ("invoices", "record_payment"): [
            Case({"customer_id": "customer"}, besides=PAID),
            Case({"allocations": "shares"}, own={"customer_id": "customer"}, besides=PAID),
        ],
        ("invoices", "refund_payment"): [Case({"payment_id": "payment"}, besides={"amount": "0.01", **RETURNED})],
        ("invoices", "refund_credit_note"): [
            Case({"invoice_id": "bonus"}, besides={"amount": "0.01", **RETURNED}),
        ],
        ("invoices", "suggest_allocations"): [Case({"payment_id": "payment"})],
        ("invoices", "undo_allocation"): [
            Case({"invoice_id": "issued"}, own={"payment_id": "payment"}, besides=REASON),
            Case({"payment_id": "payment", "invoice_id": "issued"}, besides=REASON),
        ],
        ("invoices", "reverse_payment"): [Case({"payment_id": "payment"}, besides=RETURNED)],
        ("invoices", "late_interest"): [Case({"invoice_id": "issued"})],
        ("invoices", "due_reminders"): [Case({"customer_id": "late_customer"})],
        ("invoices", "hold_reminders"): [Case({"invoice_id": "issued"}, besides=REASON)],
        ("invoices", "resume_reminders"): [Case({"invoice_id": "issued"})],
        ("invoices", "remind_invoice"): [Case({"invoice_id": "overdue"})],
        ("invoices", "remind_customer"): [Case({"customer_id": "late_customer"})],
        ("invoices", "get_reminder"): [Case({"reminder_id": "claim"})],
        ("invoices", "waive_claim"): [Case({"claim_id": "claim"}, besides=REASON)],
        ("invoices", "write_off"): [Case({"invoice_id": "issued"}, besides=REASON)],
        ("invoices", "reverse_write_off"): [Case({"invoice_id": "issued"}, besides=REASON)],
        ("invoices", "request_shredding"): [
            Case({"customer_id": "customer"}, besides={"reason": "erasure_request", "override": "court_order"})
        ],
    }
)
"""Endpoints that name things, in the order in which they can be called on one's own: what ends things comes last."""

_OWN = "about the caller's own account, which the token names"
_ALL = "about the whole of the caller's business, which the token names"
_PLACES = "places, sizes and moments in the log of the caller's business"
_PRODUCT = "modules of the product, the same for every business"
_TICKET = "shows a ticket that was handed to its bearer, and has no token: the right itself, not the name of something"
_TYPED = "no token: who is meant is said by what they type (test_time_tells_nothing.py)"
_NEW = "makes something new, and names nothing that is there"
_FOR_SERVICES = "for services alone, which work for every business: no person has the permission"
_HEARD = "no call: an event that a service recorded, under the tenant of its log"
_OPEN = "says the same to everybody"

NAMING_NOTHING: Mapping[Endpoint, str] = MappingProxyType(
    {
        **dict.fromkeys(
            [
                ("auth", "begin_factor"),
                ("auth", "change_password"),
                ("auth", "explain_own_access"),
                ("auth", "list_factors"),
                ("auth", "list_sessions"),
                ("auth", "passkey_options"),
                ("auth", "renew_recovery_codes"),
                ("auth", "training_state"),
                ("auth", "whoami"),
            ],
            _OWN,
        ),
        **dict.fromkeys(
            [
                ("auth", "list_drills"),
                ("auth", "list_factor_resets"),
                ("auth", "list_owner_grants"),
                ("auth", "list_roles"),
                ("auth", "list_users"),
                ("auth", "set_training_policy"),
                ("auth", "team_training"),
                ("auth", "training_policy"),
                ("backup", "cosign"),
                ("invoices", "configure_reminders"),
                ("invoices", "configure_seller"),
                ("invoices", "get_reminder_policy"),
                ("invoices", "record_base_rate"),
                ("invoices", "configure_series"),
                ("invoices", "set_logo"),
                ("invoices", "remove_logo"),
                ("invoices", "list_series"),
                ("invoices", "number_register"),
                ("invoices", "get_bank_account_change"),
                ("invoices", "get_seller"),
                ("invoices", "list_items"),
                ("invoices", "list_shreddings"),
                ("invoices", "revenue"),
                ("invoices", "vat_report"),
                ("invoices", "request_bank_account_change"),
                ("notifier", "deliveries"),
            ],
            _ALL,
        ),
        **dict.fromkeys(
            [
                (service, method)
                for service in ("auth", "invoices")
                for method in (
                    *("checkpoint", "consistency", "export_keys", "export_keys_of"),
                    *("position_at", "prove", "read_log", "tile"),
                )
            ],
            _PLACES,
        ),
        **dict.fromkeys([("auth", "begin_training"), ("auth", "list_training"), ("auth", "read_training")], _PRODUCT),
        **dict.fromkeys(
            [
                ("auth", "begin_enrolment"),
                ("auth", "complete_enrolment"),
                ("auth", "complete_login"),
                ("auth", "follow_drill_link"),
                ("auth", "refresh_session"),
                ("auth", "service_token"),
            ],
            _TICKET,
        ),
        ("auth", "begin_login"): _TYPED,
        ("auth", "begin_step_up"): "a method and a hash that the caller computed over their own call",
        ("invoices", "export_page"): "shows a permit, which opens in one session of one business (test_exporting.py)",
        ("invoices", "import_documents"): _NEW,
        ("invoices", "register_customer"): _NEW,
        ("invoices", "register_item"): _NEW,
        **dict.fromkeys(
            [
                ("auth", "create_tenant"),
                ("auth", "notice"),
                ("auth", "record_decisions"),
                ("auth", "revocations"),
                ("backup", "list_snapshots"),
                ("backup", "take_snapshot"),
                *((service, "growth") for service in ("auth", "invoices")),
                *((service, "halts") for service in ("auth", "backup", "invoices", "notifier")),
            ],
            _FOR_SERVICES,
        ),
        **dict.fromkeys(
            [
                ("auth", "bank_account_change_requested"),
                ("auth", "shredding_requested"),
                ("notifier", "document_archived"),
                ("notifier", "notice_due"),
                ("notifier", "quote_archived"),
                ("auth", "customer_redirected"),
                ("notifier", "reminder_archived"),
            ],
            _HEARD,
        ),
        **dict.fromkeys([(service, "health") for service in ("auth", "backup", "invoices", "notifier")], _OPEN),
    }
)
