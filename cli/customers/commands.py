"""`tallystick customers`: find one, and forget one for good (docs/forgetting.md)."""

import json
from typing import Any

import click

from cli.audit.sentences import printable
from cli.customers.loss import show_loss
from cli.session import Session, logged_in
from shared.contracts.four_eyes import digest_of
from shared.contracts.shredding import OVERRIDES, REASONS
from shared.kernel.ids import is_uuid, new_id


class _CustomerId(click.ParamType[str]):
    """A customer's id: forgetting goes by id alone, because two customers may have one name."""

    name = "CUSTOMER_ID"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:  # noqa: ANN401 - click's signature
        if not is_uuid(value):
            self.fail(f"{str(value)!r} is no customer's id; find it with: tallystick customers find", param, ctx)
        return str(value)


_customer = click.argument("customer_id", type=_CustomerId())
_yes = click.option("--yes", is_flag=True, help="Do not ask; for programs that have shown what will be lost.")
_json = click.option("--json", "as_json", is_flag=True, help="For machines.")


@click.group()
def customers() -> None:
    """Make customers known, find and change them, or forget one for good."""


@customers.command("find", epilog="\b\nExamples:\n  tallystick customers find --name 'Zoë Kunde'\n")
@click.option("--name", help="The exact name, but for case and white space.")
@click.option("--email", help="The exact address.")
def find_command(*, name: str | None, email: str | None) -> None:
    """Print the customers with exactly this name or e-mail, a line each, ids first."""
    asked = {key: value for key, value in (("name", name), ("email", email)) if value is not None}
    if not asked:
        raise click.UsageError("Give --name or --email.")
    with logged_in() as session:
        found = session.query("invoices", "find_customers", asked)["customers"]
    for each in found:
        click.echo(printable(f"{each['customer_id']}  {each['name']} <{each['email']}>"))
    if not found:
        click.echo("No customer of yours has exactly this name or address.", err=True)


@customers.command("forget", epilog="\b\nExamples:\n  tallystick customers forget 0198… --reason erasure_request\n")
@_customer
@click.option("--reason", type=click.Choice(REASONS), required=True, help="Why; it stays in the log.")
@click.option("--override", type=click.Choice(OVERRIDES), help="Why in spite of retention; another owner must agree.")
@_yes
def forget_command(*, customer_id: str, reason: str, override: str | None, yes: bool) -> None:
    """Destroy the keys of a customer's data, after showing what will be lost. Nobody can undo it."""
    request = {"customer_id": customer_id, "reason": reason}
    with logged_in() as session:
        show_loss(session, customer_id)
        if override is None:
            _require_agreement("Forget this customer now, for good?", yes=yes)
        else:
            request["override"] = override
            _require_agreement("Ask that another owner agree to forget this customer?", yes=yes)
        _decide(session, "request_shredding", request)


@customers.command("forgetting")
@_customer
@_json
def forgetting_command(*, customer_id: str, as_json: bool) -> None:
    """Show whether a customer is forgotten, or who asked for it and why."""
    with logged_in() as session:
        asked = _asked(session, customer_id)
    click.echo(json.dumps(asked) if as_json else printable(_described(customer_id, asked)))


@customers.command("approve-forgetting")
@_customer
@_yes
def approve_command(*, customer_id: str, yes: bool) -> None:
    """Agree, as another owner, to the request that is shown, and so forget the customer. Nobody can undo it."""
    with logged_in() as session:
        asked = _asked(session, customer_id)
        if asked["state"] != "awaiting_approval":
            raise click.ClickException(printable(_described(customer_id, asked)))
        click.echo(printable(_described(customer_id, asked)), err=True)
        show_loss(session, customer_id)
        _require_agreement("Agree to this request and forget the customer now, for good?", yes=yes)
        # Exactly what was shown: a newer request, or another customer's, has another digest and is refused.
        shown = asked["waiting"]
        agreed = {"customer_id": customer_id, "request_id": shown["request_id"], "digest": digest_of(shown)}
        _decide(session, "approve_shredding", agreed)


def _asked(session: Session, customer_id: str) -> dict[str, Any]:
    return session.query("invoices", "get_shredding", {"customer_id": customer_id})


def _require_agreement(question: str, *, yes: bool) -> None:
    """Ask the person at the keyboard; whoever is silent or has no keyboard has not agreed."""
    if not yes:
        click.confirm(question, abort=True, err=True)


def _decide(session: Session, method: str, request: dict[str, Any]) -> None:
    """Send what was decided, and say what became of it: the one place from which anything is destroyed."""
    reply = session.command("invoices", method, request, idempotency_key=new_id())
    click.echo(f"{reply['state']} {request['customer_id']}")


def _described(customer_id: str, asked: dict[str, Any]) -> str:
    if asked["state"] == "none":
        return f"Nobody has asked to forget customer {customer_id}."
    # What is agreed to is what is said: where something waits, in its words.
    asked = {**asked, **asked.get("waiting", {})}
    why = f"{asked['reason']}, in spite of retention: {asked['override']}" if "override" in asked else asked["reason"]
    if asked["state"] == "shredded":
        return f"Customer {customer_id} is forgotten ({why}), as user {asked['requested_by']} asked."
    if asked["state"] != "awaiting_approval":
        became = "nobody agreed in time" if asked["state"] == "expired" else f"that was {asked['state']}"
        return f"User {asked['requested_by']} asked to forget customer {customer_id} ({why}); {became}."
    return (
        f"User {asked['requested_by']} asks to forget customer {asked['customer_id']} ({why}); another owner has to"
        f" agree by {asked['expires_at']}. Request {asked['request_id']}."
    )
