"""Series of numbers: configuring them, and what the log knows of them."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Protocol

from services.invoices.codec import written
from services.invoices.commands.numbering import ConfigureSeries
from services.invoices.domain.document.content import DocumentType
from services.invoices.domain.numbering import Numbering, begun_by, decide_series
from services.invoices.domain.series import Counter, numbering_stream, series_stream
from services.invoices.handlers.deciding import deciding_again
from services.invoices.history import encode, load_numbering
from services.invoices.ports import Ports
from shared.crypto.keyring import TENANT_SUBJECT
from shared.eventstore.model import CommandId


class RegisterPages(Protocol):
    """Where the register is read."""

    def page(
        self,
        tenant: str,
        counter: Counter,
        *,
        first: int,
        taken: int,
        known: int,
        page_after: int,
        limit: int,
        as_of: int | None,
    ) -> dict[str, Any]:
        """Return a page; PublicError read_model_behind, position_unknown."""
        ...


@deciding_again
def configure_series(
    ports: Ports,
    command: ConfigureSeries,
    *,
    tenant: str,
    command_id: CommandId,
    require_step_up: Callable[[], None],
) -> int:
    """Say how documents are numbered from the next number on; return the position.

    Judged first: nobody proves a factor for what is refused. Who issues expects the version of the numbering's stream,
    so that no number is given by what was just replaced.
    Raises PublicError series_invalid, series_collides, series_in_use, step_up_needed, step_up_invalid.
    """
    ports.keyring.create_tenant(tenant)
    numbering, version = load_numbering(ports.log, tenant)
    # Asked after loading, as in issuing.issue_invoice.
    if earlier := ports.log.replay_of(tenant, command_id):
        return earlier[0].position
    stream, counter = numbering_stream(tenant), begun_by(command.series)
    streams = [] if counter is None else [series_stream(tenant, counter)]
    begun = {each: ports.log.version(tenant, each) for each in streams}
    decision = decide_series(numbering, command.series, sum(begun.values()))
    require_step_up()
    event = encode(stream, TENANT_SUBJECT, decision)
    return ports.log.append(tenant, [event], {stream: version, **begun}, command_id)[0].position


def as_they_serve(numbering: Numbering) -> list[dict[str, Any]]:
    """Return every series as JSON values, by name, with the documents that come from it now."""
    return [
        written(
            replace(
                series,
                serves=tuple(kind for kind in DocumentType if numbering.serving[kind] == name),
            )
        )
        for name, series in sorted(numbering.series.items())
    ]


def number_register(
    ports: Ports,
    register: RegisterPages,
    counter: Counter,
    *,
    tenant: str,
    page_after: int,
    limit: int,
    as_of: int | None = None,
) -> dict[str, Any]:
    """Return a page of a register, complete up to this moment, or as it was when the log ended with `as_of`.

    Raises PublicError series_unknown, read_model_behind, position_unknown.
    """
    numbering, _ = load_numbering(ports.log, tenant)
    numbering.registered(counter.series)
    taken = ports.log.version(tenant, series_stream(tenant, counter))
    known = ports.log.head(tenant).size - 1
    return register.page(
        tenant,
        counter,
        first=numbering.first_of(counter),
        taken=taken,
        known=known,
        page_after=page_after,
        limit=limit,
        as_of=as_of,
    )
