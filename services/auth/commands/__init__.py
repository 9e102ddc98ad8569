"""What can be asked of auth, in the imperative."""

from services.auth.commands.enrolment import BeginEnrolment, CompleteEnrolment
from services.auth.commands.logins import BeginLogin, CompleteLogin, IssueServiceToken
from services.auth.commands.sessions import EndSession, EndSessionsOf, RefreshSession
from services.auth.commands.step_up import BeginStepUp, CompleteStepUp
from services.auth.commands.tenants import CreateTenant, InviteUser

__all__ = [
    "BeginEnrolment",
    "BeginLogin",
    "BeginStepUp",
    "CompleteEnrolment",
    "CompleteLogin",
    "CompleteStepUp",
    "CreateTenant",
    "EndSession",
    "EndSessionsOf",
    "InviteUser",
    "IssueServiceToken",
    "RefreshSession",
]
