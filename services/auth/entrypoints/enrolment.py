"""Entrypoints of a person who enrols."""

from typing import Any

from services.auth import handlers
from services.auth.commands import BeginEnrolment, CompleteEnrolment
from services.auth.dependencies import App
from services.auth.domain.proof import TotpCode
from shared.contracts import auth as contract
from shared.kernel.clock import to_rfc3339
from shared.messaging.access import PUBLIC
from shared.messaging.endpoints import BaseService, Call, query


class EnrolmentEntrypoints(BaseService):
    """From an invitation to an active account."""

    app: App

    @query(permission=PUBLIC, request=contract.BeginEnrolmentRequest, reply=contract.BeginEnrolmentReply)
    def begin_enrolment(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG002 - public
        """Take the password of an invited person and offer a second factor."""
        enrolling = handlers.begin_enrolment(self.app.ports, BeginEnrolment(**request))
        return {
            "enrolment": enrolling.enrolment,
            "provisioning_uri": enrolling.provisioning_uri,
            "expires_at": to_rfc3339(enrolling.expires_at),
        }

    @query(permission=PUBLIC, request=contract.CompleteEnrolmentRequest, reply=contract.CompleteEnrolmentReply)
    def complete_enrolment(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG002 - public
        """Make the account active by a first proof."""
        enrolled = handlers.complete_enrolment(
            self.app.ports, CompleteEnrolment(request["enrolment"], TotpCode(request["code"]))
        )
        return {"user_id": enrolled.user_id, "tenant": enrolled.tenant, "recovery_codes": enrolled.recovery_codes}
