"""Entrypoints of a person who enrols."""

from typing import Any

from services.auth import handlers
from services.auth.commands import BeginEnrolment, CompleteEnrolment
from services.auth.dependencies import App
from services.auth.domain.factor import FactorKind
from services.auth.entrypoints.proofs import setup_fields, take_first_proof
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
        enrolling = handlers.begin_enrolment(
            self.app.ports, BeginEnrolment(kind=FactorKind(request.pop("kind")), **request)
        )
        return {
            "enrolment": enrolling.enrolment,
            **setup_fields(enrolling.setup),
            "expires_at": to_rfc3339(enrolling.expires_at),
        }

    @query(permission=PUBLIC, request=contract.CompleteEnrolmentRequest, reply=contract.CompleteEnrolmentReply)
    def complete_enrolment(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG002 - public
        """Make the account active by a first proof."""
        enrolled = handlers.complete_enrolment(
            self.app.ports, CompleteEnrolment(request["enrolment"], take_first_proof(request))
        )
        return {"user_id": enrolled.user_id, "tenant": enrolled.tenant, "recovery_codes": enrolled.recovery_codes}
