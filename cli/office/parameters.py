"""Arguments and options of the daily commands, each called as the field of the request that it fills."""

from datetime import date
from typing import Any

import click

from cli.files import FILE
from shared.kernel.ids import is_uuid


class _Id(click.ParamType[str]):
    """An id, as lists print it first."""

    name = "id"

    def __init__(self, noun: str, found_by: str) -> None:
        self._noun, self._found_by = noun, found_by

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:  # noqa: ANN401 - click's signature
        if not is_uuid(value):
            self.fail(f"{str(value)!r} is no {self._noun}'s id; find it with: tallystick {self._found_by}", param, ctx)
        return str(value)


class _Day(click.ParamType[str]):
    """A calendar day."""

    name = "YYYY-MM-DD"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:  # noqa: ANN401 - click's signature
        try:
            return date.fromisoformat(str(value)).isoformat()
        except ValueError:
            self.fail(f"{str(value)!r} is no day; a day is written like 2026-11-22.", param, ctx)


class _Share(click.ParamType[dict[str, str]]):
    """How much is for which invoice."""

    name = "INVOICE=AMOUNT"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dict[str, str]:  # noqa: ANN401 - click's signature
        invoice, equals, amount = str(value).rpartition("=")
        if not (invoice and equals and amount):
            self.fail(f"{str(value)!r} is no share; one is written like INV-000012=119.00.", param, ctx)
        return {"invoice_id": invoice, "amount": amount}


CUSTOMER = _Id("customer", "customers find")
ITEM = _Id("item", "items list")
PAYMENT = _Id("payment", "payments list")
PLAN = _Id("plan", "plans list")
QUOTE = _Id("quote", "quotes list")
REMINDER = _Id("reminder", "documents owed")
DAY = _Day()
SHARE = _Share()


def this(field: str, kind: _Id) -> click.Argument:
    """Return the argument that says which one."""
    return click.Argument([field], type=kind, metavar=field.upper())


def invoice() -> click.Argument:
    """Return the argument that says which document, by its id or its number."""
    return click.Argument(["invoice_id"], metavar="INVOICE")


def from_file() -> click.Argument:
    """Return the argument that names a file for the request."""
    return click.Argument(["file"], type=FILE)


def text(option: str, field: str, about: str, *, required: bool = False) -> click.Option:
    """Return an option for a text, an amount or a number as it is written."""
    return click.Option([option, field], required=required, help=about)


def day(option: str, field: str, about: str, *, required: bool = False) -> click.Option:
    """Return an option for a day."""
    return click.Option([option, field], type=DAY, required=required, help=about)


def amount() -> click.Argument:
    """Return the argument that says how much money."""
    return click.Argument(["amount"], metavar="AMOUNT")


def value_date() -> click.Option:
    """Return the option that says when the money came or went."""
    return day("--on", "value_date", "From which day the bank counts it.", required=True)


def why() -> click.Option:
    """Return the option that every change of mind needs."""
    return text("--reason", "reason", "Why; it stays in the log.", required=True)


def customer(about: str) -> click.Option:
    """Return the option that limits a list to one customer."""
    return click.Option(["--customer", "customer_id"], type=CUSTOMER, help=about)


def chosen(option: str, field: str, values: tuple[str, ...], about: str, *, multiple: bool = False) -> click.Option:
    """Return an option for one of these, or for several."""
    return click.Option([option, field], type=click.Choice(values), multiple=multiple, help=about)


def as_of() -> click.Option:
    """Return the option that asks about the past."""
    return click.Option(["--as-of", "as_of"], type=click.IntRange(0), help="As of this position of the log.")
