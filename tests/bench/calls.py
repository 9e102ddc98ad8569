"""How long a call takes that does something, beside a bare nameko echo: the same broker, the same run, turn by turn."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from itertools import cycle
from typing import Any

from nameko.standalone.rpc import ClusterRpcProxy

from deploy.demo.scenario import SELLER
from deploy.local.environment import VHOST
from deploy.local.ports import LOOPBACK
from deploy.local.profile import CHECKOUT
from deploy.local.rabbitmq import ADMINISTRATOR
from shared.kernel.ids import new_id
from tests.bench.part import Bench, Ratios, Raw
from tests.bench.revocations import percentile
from tests.bench.rounds import Contender, interleaved, seconds_of
from tests.bench.system import System, whole_system
from tests.integration.invoices.running import CUSTOMER, ISSUE_DATE, LINE

_SAID = "x" * 400
"""About as long as a token, which every other call carries."""


def latency(bench: Bench) -> tuple[Ratios, Raw]:
    """Issue, read and list, each beside an echo; return medians as shares of the echo's."""
    with whole_system() as system, _echo(system) as echo:
        contenders: dict[str, Contender] = {"echo": partial(seconds_of, echo), **_calls(system, bench.scale.calls + 1)}
        took = interleaved(bench.scale.calls, contenders, lambda _: None)
    bench.said(f"{bench.scale.calls} rounds of calls")
    ratios = {
        "issue_p50_vs_echo": took.median("issue_invoice") / took.median("echo"),
        "issue_p99_ms": 1000 * percentile(sorted(took.seconds["issue_invoice"]), 99),
        "get_p50_vs_echo": took.median("get_invoice") / took.median("echo"),
        "list_p50_vs_echo": took.median("list_invoices") / took.median("echo"),
    }
    spread = {
        name: {"median": took.median(name) * 1000, "lowest": min(each) * 1000, "highest": max(each) * 1000}
        for name, each in took.seconds.items()
    }
    return ratios, {"milliseconds": spread, "load": os.getloadavg()[0]}


def _calls(system: System, drafts: int) -> Mapping[str, Callable[[], float]]:
    """Return what is timed; each issues a draft of its own, that was written before."""
    owner = system.owner
    owner.log_in()
    owner.command("invoices", "configure_seller", SELLER)
    customer = owner.command("invoices", "register_customer", CUSTOMER)["customer_id"]
    content = {"document_type": "invoice", "issue_date": ISSUE_DATE, "currency": "EUR", "lines": [LINE]}
    draft: dict[str, Any] = {"customer_id": customer, **content}
    drafted = [owner.command("invoices", "draft_invoice", draft) for _ in range(drafts)]
    written = [each["invoice_id"] for each in drafted]
    # Read models give way to calls: what is timed finds them up to date.
    owner.call("invoices", "get_invoice", {"invoice_id": written[-1], "after": drafted[-1]["position"]})
    to_issue, to_read = iter(written), cycle(written)

    def timed(method: str, request: Callable[[], dict[str, object]], *, key: bool = False) -> Callable[[], float]:
        return lambda: seconds_of(partial(owner.call, "invoices", method, request(), new_id() if key else None))

    return {
        "issue_invoice": timed("issue_invoice", lambda: {"invoice_id": next(to_issue)}, key=True),
        "get_invoice": timed("get_invoice", lambda: {"invoice_id": next(to_read)}),
        "list_invoices": timed("list_invoices", lambda: {"limit": 50}),
    }


@contextmanager
def _echo(system: System) -> Iterator[Callable[[], object]]:
    """Run the echo in a process of its own, as the administrator of the broker: it has no rights there otherwise."""
    rabbit = system.stack.rabbitmq
    uri = f"amqp://{ADMINISTRATOR}:{rabbit.passwords[ADMINISTRATOR]}@{LOOPBACK}:{rabbit.port}/{VHOST}"
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.echo"], cwd=CHECKOUT, env={**os.environ, "ECHO_AMQP_URI": uri}
    )
    try:
        with ClusterRpcProxy({"AMQP_URI": uri, "serializer": "json"}, timeout=60) as proxy:
            while not rabbit.serves(VHOST, "echo"):
                time.sleep(0.2)
            yield lambda: proxy.echo.echo(_SAID)
    finally:
        process.terminate()
        process.wait()
