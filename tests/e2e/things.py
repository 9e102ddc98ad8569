"""What a business has, one of each kind that a call can name; and the names of what never was."""

import base64
import secrets
from collections.abc import Mapping
from typing import cast

from deploy.demo.scenario import SELLER
from services.auth.domain.ticket import SECRET_BYTES, Ticket, TicketKind
from shared.contracts.four_eyes import digest_of
from shared.kernel.ids import new_id
from tests.e2e.contents import DRAFT, ITEM, PAID, REMINDING, SCHEDULE
from tests.keyholder import Keyholder

Things = Mapping[str, object]
Request = dict[str, object]
_FILE = {"reference": "A", "file_name": "hours.csv", "media_type": "text/csv"}
_OTHER_IBAN = "GB82WEST12345698765432"


def things_of(owner: Keyholder) -> Things:
    """Have a business do everything once, up to what waits for a second person."""
    return {**_people(owner), **_account(owner), **_trade(owner), **_late(owner)}


def nobodys(owner: Keyholder) -> Things:
    """Return names of the same form that were never given to anything, as a person of a business would make them up."""
    ids = {name: new_id() for name in _IDS}
    digests = {name: secrets.token_hex(32) for name in _DIGESTS}
    return {
        **ids,
        **digests,
        "members": [new_id()],
        "preceding": [{"invoice_id": new_id(), "number": "INV-000001"}],
        "content": {"customer_id": new_id(), **DRAFT},
        "lines": [{"item_id": new_id(), "quantity": "2"}],
        "offer_content": {
            name: value for name, value in {"customer_id": new_id(), **DRAFT}.items() if name != "document_type"
        },
        "shares": [{"invoice_id": new_id(), "amount": "0.01"}],
        "email": f"{new_id()}@example.org",
        "attachments": [{**_FILE, "digest": secrets.token_hex(32)}],
        "customer_name": f"Nobody {new_id()}",
        "customer_email": f"{new_id()}@example.org",
        "offer": _ticket(TicketKind.FACTOR, owner),
        "challenge": _ticket(TicketKind.STEP_UP, owner),
        "session_stream": f"session-{new_id()}",
        "user_stream": f"user-{new_id()}",
        "invoice_stream": f"invoice-{new_id()}",
        "customer_stream": f"customer-{new_id()}",
    }


_DIGESTS = ("grant_digest", "reset_digest", "account_digest", "shredding_digest", "file")
_IDS = (
    *("member", "other_member", "newcomer", "role", "unused_role", "drill", "attempt", "factor", "session"),
    *("grant_request", "reset_request", "account_request", "shredding_request"),
    *("customer", "leaving", "drafted", "unwanted", "issued", "attached", "payment", "plan"),
    *("late_customer", "overdue", "claim", "bonus"),
    *("item", "other_item"),
    *("quote", "unwanted_quote", "accepted_quote"),
)


def _ticket(kind: TicketKind, owner: Keyholder) -> str:
    return Ticket(kind, owner.tenant, new_id(), secrets.token_bytes(SECRET_BYTES)).text()


def _people(owner: Keyholder) -> Things:
    """A team, a role, requests about people, and a drill."""
    member, other, newcomer = (
        owner.colleague("sales", name, f"{name.lower()}-{new_id()}@example.org") for name in ("Mia", "Otto", "Nora")
    )
    role, unused = (
        owner.command("auth", "define_role", {"name": name, "grants": [["invoice:read"]]})["role_id"]
        for name in ("Reader", "Unused")
    )
    owner.command("auth", "request_owner_grant", {"user_id": other.user_id})
    owner.command("auth", "request_factor_reset", {"user_id": other.user_id, "reason": "the telephone is lost"})
    (grant,), (reset,) = (
        cast("list[Request]", owner.call("auth", method, {})["waiting"])
        for method in ("list_owner_grants", "list_factor_resets")
    )
    return {
        "member": member.user_id,
        "other_member": other.user_id,
        "newcomer": newcomer.user_id,
        "members": [member.user_id],
        "email": member.email,
        "role": role,
        "unused_role": unused,
        "grant_request": grant["request_id"],
        "grant_digest": digest_of(grant),
        "reset_request": reset["request_id"],
        "reset_digest": digest_of(reset),
        "drill": owner.command("auth", "start_drill", {"template": "new_account"})["drill_id"],
        "user_stream": f"user-{member.user_id}",
    }


def _account(owner: Keyholder) -> Things:
    """What the owner's own account has."""
    offered: Request = {"name": "second", "kind": "totp", "current_password": owner.password}
    offered["recovery_code"] = owner.recovery_codes.pop()
    step_up: Request = {"service": "auth", "method": "unlock_user", "command_hash": secrets.token_hex(32)}
    factors = owner.call("auth", "list_factors", {})["factors"]
    assert isinstance(factors, list)
    session = owner.session["session_id"]
    return {
        "attempt": owner.command("auth", "begin_training", {"module": "phishing"})["attempt"],
        "factor": factors[0]["factor_id"],
        "offer": owner.call("auth", "begin_factor", offered)["offer"],
        "challenge": owner.call("auth", "begin_step_up", step_up)["challenge"],
        "password": owner.password,
        "session": session,
        "session_stream": f"session-{session}",
    }


def _trade(owner: Keyholder) -> Things:
    """Customers, invoices, and what waits for a second person."""
    owner.command("invoices", "configure_seller", SELLER)
    who = {"name": f"Zoë {new_id()}", "email": f"{new_id()}@kunde.example", "address": SELLER["address"]}
    customer, leaving = (str(owner.command("invoices", "register_customer", who)["customer_id"]) for _ in range(2))
    drafted, unwanted, issued = (
        str(owner.command("invoices", "draft_invoice", {"customer_id": customer, **DRAFT})["invoice_id"])
        for _ in range(3)
    )
    owner.command("invoices", "issue_invoice", {"invoice_id": issued})
    item, other_item = (owner.command("invoices", "register_item", dict(ITEM))["item_id"] for _ in range(2))
    # A file of its own: what two businesses share by chance, both may name.
    csv = base64.b64encode(f"hours;{new_id()}\n".encode()).decode()
    file: Request = {"customer_id": customer, "media_type": "text/csv", "content_base64": csv}
    digest = owner.command("invoices", "upload_attachment", file)["digest"]
    attachments = [{**_FILE, "digest": digest}]
    with_file = {"customer_id": customer, **DRAFT, "attachments": attachments}
    attached = owner.command("invoices", "draft_invoice", with_file)["invoice_id"]
    payment = owner.command("invoices", "record_payment", {"customer_id": customer, **PAID})["payment_id"]
    recurring = {"content": {"customer_id": customer, **DRAFT}, "schedule": dict(SCHEDULE)}
    plan = owner.command("invoices", "make_plan", recurring)["plan_id"]
    offer = {name: value for name, value in {"customer_id": customer, **DRAFT}.items() if name != "document_type"}
    quote, unwanted_quote, accepted_quote = (
        str(owner.command("invoices", "make_quote", {"content": offer, "valid_until": "2027-11-22"})["quote_id"])
        for _ in range(3)
    )
    owner.command("invoices", "accept_quote", {"quote_id": accepted_quote, "accepted_by": "Mme. Dupont"})
    owner.command("invoices", "request_bank_account_change", {"iban": _OTHER_IBAN})
    account = owner.call("invoices", "get_bank_account_change", {})["waiting"]
    asked: Request = {"customer_id": leaving, "reason": "erasure_request", "override": "court_order"}
    owner.command("invoices", "request_shredding", asked)
    shredding = owner.call("invoices", "get_shredding", {"customer_id": leaving})["waiting"]
    assert isinstance(account, dict)
    assert isinstance(shredding, dict)
    return {
        "customer": customer,
        "customer_name": who["name"],
        "customer_email": who["email"],
        "leaving": leaving,
        "drafted": drafted,
        "unwanted": unwanted,
        "preceding": [{"invoice_id": issued, "number": "INV-000001"}],
        "content": {"customer_id": customer, **DRAFT},
        "issued": issued,
        "attached": attached,
        "attachments": attachments,
        "file": digest,
        "payment": payment,
        "plan": plan,
        "item": item,
        "other_item": other_item,
        "lines": [{"item_id": item, "quantity": "2"}],
        "quote": quote,
        "unwanted_quote": unwanted_quote,
        "accepted_quote": accepted_quote,
        "offer_content": offer,
        "shares": [{"invoice_id": issued, "amount": "0.01"}],
        "account_request": account["request_id"],
        "account_digest": digest_of(account),
        "shredding_request": shredding["request_id"],
        "shredding_digest": digest_of(shredding),
        "invoice_stream": f"invoice-{issued}",
        "customer_stream": f"customer-{customer}",
    }


def _late(owner: Keyholder) -> Things:
    """Three invoices that were due a month ago, one of which was reminded of, and a credit note that names none."""
    owner.command("invoices", "configure_reminders", dict(REMINDING))
    who = {"name": f"Lea {new_id()}", "email": f"{new_id()}@kunde.example", "address": SELLER["address"]}
    customer = owner.command("invoices", "register_customer", who)["customer_id"]
    content = {"customer_id": customer, **DRAFT, "issue_date": "2026-10-01", "due_date": "2026-10-15"}
    reminded, overdue, other = (
        str(owner.command("invoices", "draft_invoice", content)["invoice_id"]) for _ in range(3)
    )
    for invoice_id in (reminded, overdue, other):
        owner.command("invoices", "issue_invoice", {"invoice_id": invoice_id})
    draft = {"customer_id": customer, **DRAFT, "document_type": "credit_note"}
    bonus = owner.command("invoices", "draft_invoice", draft)["invoice_id"]
    owner.command("invoices", "issue_invoice", {"invoice_id": bonus})
    (written,) = cast(
        "list[Request]", owner.command("invoices", "remind_invoice", {"invoice_id": reminded})["reminders"]
    )
    return {"late_customer": customer, "overdue": overdue, "claim": written["reminder_id"], "bonus": bonus}
