"""Commands about items."""

from dataclasses import dataclass

from services.invoices.commands.items import ChangeItem, RegisterItem, RetireItem
from services.invoices.domain import refusals_of_items
from services.invoices.domain.changing import require_version
from services.invoices.domain.item import ItemState, decide_item, decide_item_change, decide_item_end, fold_item
from services.invoices.handlers.deciding import deciding_again
from services.invoices.handlers.past import recorded_until
from services.invoices.history import decode, encode, item_of, item_stream, load_item
from services.invoices.ports import Ports
from shared.crypto.keyring import TENANT_SUBJECT
from shared.eventstore.model import CommandId, RecordedEvent
from shared.kernel.ids import new_id


@dataclass(frozen=True, slots=True)
class Itemised:
    """An item as a command left it."""

    item_id: str
    position: int
    version: int
    """What `expected_version` is compared with."""


@deciding_again
def register_item(ports: Ports, command: RegisterItem, *, tenant: str, command_id: CommandId) -> Itemised:
    """Make an item known; PublicError item_invalid. The tenant's first command makes its key in this service."""
    ports.keyring.create_tenant(tenant)
    if earlier := ports.log.replay_of(tenant, command_id):
        return _itemised(earlier[0])
    item = command.named(new_id())
    stream = item_stream(item.item_id)
    event = encode(stream, TENANT_SUBJECT, decide_item(item))
    return _itemised(ports.log.append(tenant, [event], {stream: 0}, command_id)[0])


def change_item(ports: Ports, command: ChangeItem, *, tenant: str, command_id: CommandId) -> Itemised:
    """Describe or price an item otherwise, for lines that are written from now on.

    Not decided again when somebody else is quicker: what they wrote would be lost without having been read.

    Raises PublicError item_unknown, item_retired, item_invalid, concurrent_change.
    """
    state, version = load_item(ports.log, tenant, command.item_id)
    if earlier := ports.log.replay_of(tenant, command_id):
        return _itemised(earlier[0])
    decision = decide_item_change(state, command.particulars.named(command.item_id))
    require_version(version, command.expected_version)
    stream = item_stream(command.item_id)
    event = encode(stream, TENANT_SUBJECT, decision)
    return _itemised(ports.log.append(tenant, [event], {stream: version}, command_id)[0])


@deciding_again
def retire_item(ports: Ports, command: RetireItem, *, tenant: str, command_id: CommandId) -> Itemised:
    """Have no new line take from an item; PublicError item_unknown, item_retired, concurrent_change."""
    state, version = load_item(ports.log, tenant, command.item_id)
    if earlier := ports.log.replay_of(tenant, command_id):
        return _itemised(earlier[0])
    decision = decide_item_end(state)
    require_version(version, command.expected_version)
    stream = item_stream(command.item_id)
    event = encode(stream, TENANT_SUBJECT, decision)
    return _itemised(ports.log.append(tenant, [event], {stream: version}, command_id)[0])


def get_item(ports: Ports, item_id: str, *, tenant: str, as_of: int | None = None) -> tuple[ItemState, int]:
    """Return an item and its version, as it is or as of a position; PublicError item_unknown, position_unknown."""
    recorded = recorded_until(ports, tenant, item_stream(item_id), as_of)
    state = fold_item(map(decode, recorded))
    if state is None:
        raise refusals_of_items.item_unknown()
    return state, len(recorded)


def _itemised(recorded: RecordedEvent) -> Itemised:
    return Itemised(item_of(recorded.stream), recorded.position, recorded.version)
