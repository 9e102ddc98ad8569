"""What can be asked of auth, in the imperative."""

from services.auth.commands.enrolment import BeginEnrolment, CompleteEnrolment
from services.auth.commands.logins import BeginLogin, CompleteLogin, IssueServiceToken
from services.auth.commands.tenants import CreateTenant, InviteUser

__all__ = [
    "BeginEnrolment",
    "BeginLogin",
    "CompleteEnrolment",
    "CompleteLogin",
    "CreateTenant",
    "InviteUser",
    "IssueServiceToken",
]
