"""What can be asked of auth, in the imperative."""

from services.auth.commands.accounts import (
    AskPasskey,
    BeginFactor,
    ChangePassword,
    CompleteFactor,
    RemoveFactor,
    RenewRecoveryCodes,
)
from services.auth.commands.administration import DisableUser, EnableUser, UnlockUser
from services.auth.commands.drills import FollowDrillLink, StartDrill
from services.auth.commands.enrolment import BeginEnrolment, CompleteEnrolment
from services.auth.commands.logins import BeginLogin, CompleteLogin, IssueServiceToken
from services.auth.commands.owner_grants import ApproveOwnerGrant, EndOwnerGrant, RequestOwnerGrant
from services.auth.commands.resets import ApproveFactorReset, EndFactorReset, RequestFactorReset
from services.auth.commands.roles import AssignRole, DefineRole, ExplainAccess, RetireRole
from services.auth.commands.sessions import EndSession, EndSessionsOf, RefreshSession
from services.auth.commands.step_up import BeginStepUp, CompleteStepUp
from services.auth.commands.tenants import CreateTenant, InviteUser
from services.auth.commands.training import AnswerTraining, BeginTraining, WaiveTraining

__all__ = [
    "AnswerTraining",
    "ApproveFactorReset",
    "ApproveOwnerGrant",
    "AskPasskey",
    "AssignRole",
    "BeginEnrolment",
    "BeginFactor",
    "BeginLogin",
    "BeginStepUp",
    "BeginTraining",
    "ChangePassword",
    "CompleteEnrolment",
    "CompleteFactor",
    "CompleteLogin",
    "CompleteStepUp",
    "CreateTenant",
    "DefineRole",
    "DisableUser",
    "EnableUser",
    "EndFactorReset",
    "EndOwnerGrant",
    "EndSession",
    "EndSessionsOf",
    "ExplainAccess",
    "FollowDrillLink",
    "InviteUser",
    "IssueServiceToken",
    "RefreshSession",
    "RemoveFactor",
    "RenewRecoveryCodes",
    "RequestFactorReset",
    "RequestOwnerGrant",
    "RetireRole",
    "StartDrill",
    "UnlockUser",
    "WaiveTraining",
]
