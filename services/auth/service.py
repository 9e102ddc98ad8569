"""auth over the bus."""

from services.auth.dependencies import App
from services.auth.entrypoints.accounts import AccountEntrypoints
from services.auth.entrypoints.administration import AdministrationEntrypoints
from services.auth.entrypoints.awaited import AwaitedSubscriptions
from services.auth.entrypoints.decisions import DecisionEntrypoints
from services.auth.entrypoints.drills import DrillEntrypoints
from services.auth.entrypoints.enrolment import EnrolmentEntrypoints
from services.auth.entrypoints.logins import LoginEntrypoints
from services.auth.entrypoints.notices import NoticeEntrypoints
from services.auth.entrypoints.owner_grants import OwnerGrantEntrypoints
from services.auth.entrypoints.resets import FactorResetEntrypoints
from services.auth.entrypoints.revocations import RevocationEntrypoints
from services.auth.entrypoints.roles import RoleEntrypoints
from services.auth.entrypoints.sessions import SessionEntrypoints
from services.auth.entrypoints.step_up import StepUpEntrypoints
from services.auth.entrypoints.tenants import TenantEntrypoints
from services.auth.entrypoints.training import TrainingEntrypoints
from services.auth.entrypoints.training_oversight import TrainingOversightEntrypoints
from shared.messaging.log_endpoints import LogEndpoints


class AuthService(
    TenantEntrypoints,
    EnrolmentEntrypoints,
    LoginEntrypoints,
    AccountEntrypoints,
    AdministrationEntrypoints,
    FactorResetEntrypoints,
    SessionEntrypoints,
    RoleEntrypoints,
    DecisionEntrypoints,
    RevocationEntrypoints,
    OwnerGrantEntrypoints,
    StepUpEntrypoints,
    NoticeEntrypoints,
    AwaitedSubscriptions,
    TrainingEntrypoints,
    TrainingOversightEntrypoints,
    DrillEntrypoints,
    LogEndpoints,
):
    """Users, factors, roles and tokens."""

    name = "auth"
    app = App()
