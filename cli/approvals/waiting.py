"""What waits for a second person, in all services, and how each kind of it is shown and decided."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cli.session import Session
from shared.contracts.errors import ErrorCode, PublicError
from shared.contracts.four_eyes import digest_of

Shown = Mapping[str, Any]


@dataclass(frozen=True)
class Kind:
    """The calls about one kind of request, to one service."""

    service: str
    show: str
    approve: str
    end: str
    sentence: str
    """What a second person agrees to; filled in from what the service shows."""
    names: tuple[str, ...] = ("request_id",)
    """Which of the things shown say what is decided about."""


KINDS: Mapping[str, Kind] = {
    "bank_account_change": Kind(
        service="invoices",
        show="get_bank_account_change",
        approve="approve_bank_account_change",
        end="end_bank_account_change",
        sentence="customers of {seller} pay into {new_iban} instead of {old_iban}",
    ),
    "shredding": Kind(
        service="invoices",
        show="list_shreddings",
        approve="approve_shredding",
        end="end_shredding",
        sentence="customer {customer_id} is forgotten for good ({reason}), in spite of retention ({override})",
        names=("customer_id", "request_id"),
    ),
    "owner_grant": Kind(
        service="auth",
        show="list_owner_grants",
        approve="approve_owner_grant",
        end="end_owner_grant",
        sentence="{name} <{email}> becomes an owner",
    ),
    "factor_reset": Kind(
        service="auth",
        show="list_factor_resets",
        approve="approve_factor_reset",
        end="end_factor_reset",
        sentence="{name} <{email}> loses password and factors, and is invited anew ({reason})",
        names=("user_id", "request_id"),
    ),
}


@dataclass(frozen=True)
class Waiting:
    """A request as its service shows it."""

    kind: Kind
    shown: Shown

    @property
    def request_id(self) -> str:
        """The request's id."""
        return str(self.shown["request_id"])

    def lines(self) -> list[str]:
        """Say all that is agreed to: the digest that is sent is made of exactly these."""
        return [self.kind.sentence.format(**self.shown), *(f"  {name}: {self.shown[name]}" for name in self.shown)]

    @property
    def destroys(self) -> str | None:
        """The id of the customer who is forgotten for good by this; None for what can be set right again."""
        return str(self.shown["customer_id"]) if self.shown["kind"] == "shredding" else None

    @property
    def _named(self) -> dict[str, object]:
        return {name: self.shown[name] for name in self.kind.names}

    def approve(self, session: Session, idempotency_key: str) -> Shown:
        """Agree to what `lines` says, and return the answer; PublicError when the service has anything else in mind."""
        request = {**self._named, "digest": digest_of(self.shown)}
        return session.command(self.kind.service, self.kind.approve, request, idempotency_key)

    def end(self, session: Session, idempotency_key: str) -> None:
        """Withdraw it, or reject it."""
        session.command(self.kind.service, self.kind.end, self._named, idempotency_key)


def waiting(session: Session) -> Iterator[Waiting]:
    """Yield what waits and may be decided by whoever asks; PublicError."""
    for kind in KINDS.values():
        try:
            shown = session.query(kind.service, kind.show, {}).get("waiting", [])
        except PublicError as error:
            if error.code is ErrorCode.PERMISSION_DENIED:
                continue
            raise
        yield from (Waiting(kind, each) for each in (shown if isinstance(shown, list) else [shown]))
