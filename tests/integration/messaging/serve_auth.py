"""Stands in for auth where a service is tested without it: gives any service a token, and revokes nothing."""

# ruff: noqa: E402, ARG002 - a green process is made green before anything else is imported; an endpoint's signature
from shared.messaging import green

green.patch()

import sys
from datetime import timedelta
from functools import partial
from typing import Any

from shared.contracts.auth import ServiceTokenRequest, TokenReply
from shared.contracts.base import NoRequest
from shared.contracts.revocations import RevocationsReply
from shared.kernel.clock import SystemClock, to_rfc3339
from shared.messaging import worker
from shared.messaging.access import PUBLIC
from shared.messaging.endpoints import BaseService, Call, Reply, Request, query
from shared.messaging.settings import WorkerSettings, read_or_exit
from tests.integration.messaging.application import App


class Auth(BaseService):
    name = "auth"
    app: Any = App()

    @query(permission=PUBLIC, request=ServiceTokenRequest, reply=TokenReply)
    def service_token(self, call: Call, request: Request) -> Reply:
        return {"token": "nobody looks at it", "expires_at": to_rfc3339(SystemClock().now() + timedelta(minutes=5))}

    @query(permission=PUBLIC, request=NoRequest, reply=RevocationsReply)
    def revocations(self, call: Call, request: Request) -> Reply:
        return {"revoked": [], "undecided": [], "more": False}


if __name__ == "__main__":
    sys.exit(worker.run(Auth, read_or_exit(partial(WorkerSettings.read, service=Auth.name))))
