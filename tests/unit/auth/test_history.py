"""The log as auth folds it: what it does not know stops it, and never lets anybody in."""

from collections.abc import Callable

import pytest

from services.auth.codec import EVENT_SCHEMAS
from services.auth.history import load_login, load_tenant, load_user, login_stream, tenant_stream, user_stream
from shared.eventstore.log import TenantLog
from shared.eventstore.memory import InMemoryEventStore
from shared.eventstore.model import NewEvent
from shared.eventstore.registry import EventRegistry, EventTypeUnknown
from shared.eventstore.snapshots import InMemorySnapshots, Snapshots
from shared.kernel.ids import new_id
from tests.keyrings import CLOCK, keyring_over

TENANT, USER, LOGIN = new_id(), new_id(), new_id()
NEWER = EventRegistry({**EVENT_SCHEMAS, "PasskeyAdded": 1, "LoginSucceeded": 2}, {("LoginSucceeded", 1): dict})
FOLDS: dict[str, Callable[[TenantLog], object]] = {
    tenant_stream(TENANT): lambda log: load_tenant(Snapshots(InMemorySnapshots(), log, keyring_over()), TENANT),
    user_stream(USER): lambda log: load_user(log, TENANT, USER),
    login_stream(LOGIN): lambda log: load_login(log, TENANT, LOGIN),
}


@pytest.mark.parametrize("stream", FOLDS, ids=lambda stream: stream.split("-")[0])
@pytest.mark.parametrize(("type_name", "schema"), [("PasskeyAdded", 1), ("LoginSucceeded", 2)])
def test_what_a_newer_program_wrote_stops_the_fold_and_is_named(stream: str, type_name: str, schema: int) -> None:
    store, keyring = InMemoryEventStore(), keyring_over()
    keyring.create_tenant(TENANT)
    newer = TenantLog(store, keyring, NEWER, CLOCK)
    newer.append(TENANT, [NewEvent(stream, type_name, schema, {}, "tenant")], {stream: 0})
    with pytest.raises(EventTypeUnknown, match=f"{type_name} is not known here"):
        FOLDS[stream](TenantLog(store, keyring, EventRegistry(EVENT_SCHEMAS), CLOCK))
