"""How long a token goes on being taken after its session was ended, by whichever service takes it longest.

On the whole system as an operator starts it: four service processes, broker and durable database.
"""

import math
import statistics
import time
from collections.abc import Mapping, Sequence

from shared.contracts.errors import ErrorCode, PublicError
from shared.kernel.ids import new_id
from shared.messaging.client import RpcClient
from shared.messaging.revocations import LOOK
from tests.bench.part import Bench, Ratios, Raw
from tests.bench.system import whole_system
from tests.keyholder import Keyholder

_GOLDEN = (math.sqrt(5) - 1) / 2
# Called with nothing in them: the token is looked at first, and a request that is not complete costs nobody any work.
_ASKED: Mapping[str, str] = {
    "auth": "whoami",
    "invoices": "get_invoice",
    "notifier": "deliveries",
    "backup": "cosign",
}


def revocation(bench: Bench) -> tuple[Ratios, Raw]:
    """End a session as often as the scale says; return the seconds until every service refuses its token.

    Counted from the answer to `end_session` to the answer that refuses. Services look once a second, so sessions end at
    moments that lie evenly in the second between two looks: otherwise each would begin where the one before it ended.
    """
    took: dict[str, list[float]] = {service: [] for service in _ASKED}
    with whole_system() as system:
        for number in range(bench.scale.revocations):
            time.sleep(LOOK * (number * _GOLDEN % 1))
            for service, seconds in _revoked(system.owner).items():
                took[service].append(seconds)
        bench.said(f"{bench.scale.revocations} sessions ended")
    last = sorted(map(max, zip(*took.values(), strict=True)))
    ratios = {
        "revocation_seconds_p50": percentile(last, 50),
        "revocation_seconds_p99": percentile(last, 99),
        "revocation_seconds_max": last[-1],
    }
    spread = {
        service: {"median": statistics.median(each), "lowest": min(each), "highest": max(each)}
        for service, each in took.items()
    }
    return ratios, {"revocations": len(last), "seconds": spread}


def percentile(ordered: Sequence[float], share: int) -> float:
    """Return the smallest value that this share of all, in percent, does not exceed: one that was measured."""
    return ordered[math.ceil(len(ordered) * share / 100) - 1]


def _revoked(owner: Keyholder) -> dict[str, float]:
    """Log in, end the session, and ask every service until it refuses; return the seconds that each took."""
    owner.log_in()
    token = str(owner.session["token"])
    while not all(_takes(owner.client, service, token) for service in _ASKED):
        pass
    owner.client.call("auth", "end_session", {}, token=token, idempotency_key=new_id())
    ended, refused = time.perf_counter(), dict[str, float]()
    while len(refused) < len(_ASKED):
        for service in _ASKED.keys() - refused.keys():
            if not _takes(owner.client, service, token):
                refused[service] = time.perf_counter() - ended
    return {service: refused[service] for service in _ASKED}


def _takes(client: RpcClient, service: str, token: str) -> bool:
    """Whether a service goes on to the request; PublicError when it is not well."""
    try:
        client.call(service, _ASKED[service], {}, token=token)
    except PublicError as refusal:
        if refusal.code not in (ErrorCode.TOKEN_REVOKED, ErrorCode.MALFORMED_REQUEST):
            raise
        return refusal.code is ErrorCode.MALFORMED_REQUEST
    return True
