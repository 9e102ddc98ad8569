"""One service calls another: with a timeout, over the same sealed bus, with its own rights on the broker."""

from collections.abc import Callable

import pytest

from shared.contracts.errors import ErrorCode, PublicError
from shared.contracts.permissions import Permission
from tests.integration.messaging.conftest import TENANT, Bus
from tests.integration.messaging.processes import Processes
from tests.stack import Database

pytestmark = pytest.mark.integration


def test_a_service_calls_another_and_gives_up_on_one_that_is_slow_or_absent(
    bus: Bus, processes: Processes, invoices_database: Database, database: Callable[[str], Database]
) -> None:
    called = processes.start("serve_invoices", bus.environment("invoices", invoices_database))
    calling = processes.start("serve_notifier", bus.environment("notifier", database("notifier")))
    called.wait_for("serving")
    calling.wait_for("serving")
    with bus.client() as client:
        assert client.call("notifier", "double_elsewhere", {"number": 21}) == {"number": 42}
        with pytest.raises(PublicError) as absent:
            client.call("notifier", "call_nobody", {"text": "nobody"})
        with invoices_database.connect_as_admin() as holder:
            holder.execute("SELECT pg_advisory_lock(1)")
            with pytest.raises(PublicError) as slow:
                client.call("notifier", "wait_elsewhere", {"number": 1})
        assert client.call("notifier", "double_elsewhere", {"number": 4}) == {"number": 8}
    assert absent.value.code == slow.value.code == ErrorCode.SERVICE_UNAVAILABLE
    assert calling.terminate() == called.terminate() == 0


def test_a_service_that_acts_for_a_person_gets_what_the_person_has_and_no_more(
    bus: Bus, processes: Processes, invoices_database: Database, database: Callable[[str], Database]
) -> None:
    called = processes.start("serve_invoices", bus.environment("invoices", invoices_database))
    calling = processes.start("serve_notifier", bus.environment("notifier", database("notifier")))
    called.wait_for("serving")
    calling.wait_for("serving")
    with bus.client() as client:
        ada = bus.token(Permission.INVOICE_READ, sub="ada")
        answer = client.call("notifier", "whose_elsewhere", {"number": 1}, token=ada)
        assert answer == {"text": f"ada for {TENANT}"}  # as if she had asked herself
        with pytest.raises(PublicError) as refused:
            client.call("notifier", "whose_elsewhere", {"number": 1}, token=bus.token(Permission.INVOICE_ISSUE))
    assert refused.value.code == ErrorCode.PERMISSION_DENIED
    assert ada not in calling.text() + called.text()
