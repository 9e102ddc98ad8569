"""Everything that is remembered about users and logins.

Fields are strings and integers; moments are RFC 3339 in UTC. Events are recorded sealed under the key of the user they
are about. Secrets are sealed a second time under a key that never rests in a database (`factor`) or hashed with such a
key (`password_hash`): an auditor who holds every data key can read this history, yet cannot log in as anybody.
"""

from services.auth.domain.events.accounts import (
    AccountEvent,
    FactorAdded,
    FactorCloned,
    FactorOffered,
    FactorRemoved,
    OfferProofRefused,
    PasskeyUsed,
    PasswordChanged,
    PasswordRehashed,
    ProofRefused,
)
from services.auth.domain.events.administration import (
    AdministrationEvent,
    NewDeviceSeen,
    UserDisabled,
    UserEnabled,
)
from services.auth.domain.events.awaited import ApprovalAwaited, AwaitedEvent, RedirectHeard
from services.auth.domain.events.decisions import AccessDenied, DecisionEvent, SensitiveAccessGranted
from services.auth.domain.events.drills import DrillEvent, DrillLinkFollowed, DrillMailed, DrillStarted
from services.auth.domain.events.logins import LoginBegun, LoginEvent, LoginProofRefused, LoginRefused, LoginSucceeded
from services.auth.domain.events.notices import NoticeDue, NoticeEvent
from services.auth.domain.events.owner_grants import (
    OwnerGranted,
    OwnerGrantEnded,
    OwnerGrantEvent,
    OwnerGrantRequested,
)
from services.auth.domain.events.resets import (
    BreakGlassUsed,
    FactorResetEnded,
    FactorResetRequested,
    FactorsReset,
    ResetEvent,
)
from services.auth.domain.events.roles import RoleAssigned, RoleDefined, RoleEvent, RoleRetired
from services.auth.domain.events.sessions import SessionBegan, SessionEnded, SessionEvent, SessionRefreshed
from services.auth.domain.events.step_ups import StepUpBegun, StepUpEvent, StepUpProved, StepUpRefused
from services.auth.domain.events.tenants import AddressClaimed, TenantCreated, TenantEvent
from services.auth.domain.events.training import (
    TrainingBegun,
    TrainingCompleted,
    TrainingEvent,
    TrainingFailed,
    TrainingPolicySet,
    TrainingReminded,
    TrainingWaived,
)
from services.auth.domain.events.users import (
    EnrolmentBegun,
    EnrolmentProofRefused,
    RecoveryCodesIssued,
    RecoveryCodeUsed,
    UserEnrolled,
    UserEvent,
    UserInvited,
    UserLocked,
    UserSessionsEnded,
    UserUnlocked,
)

AuthEvent = (
    TenantEvent
    | UserEvent
    | LoginEvent
    | SessionEvent
    | StepUpEvent
    | NoticeEvent
    | TrainingEvent
    | RoleEvent
    | DecisionEvent
    | DrillEvent
    | AwaitedEvent
    | OwnerGrantEvent
)

__all__ = [
    "AccessDenied",
    "AccountEvent",
    "AddressClaimed",
    "AdministrationEvent",
    "ApprovalAwaited",
    "AuthEvent",
    "AwaitedEvent",
    "BreakGlassUsed",
    "DecisionEvent",
    "DrillEvent",
    "DrillLinkFollowed",
    "DrillMailed",
    "DrillStarted",
    "EnrolmentBegun",
    "EnrolmentProofRefused",
    "FactorAdded",
    "FactorCloned",
    "FactorOffered",
    "FactorRemoved",
    "FactorResetEnded",
    "FactorResetRequested",
    "FactorsReset",
    "LoginBegun",
    "LoginEvent",
    "LoginProofRefused",
    "LoginRefused",
    "LoginSucceeded",
    "NewDeviceSeen",
    "NoticeDue",
    "NoticeEvent",
    "OfferProofRefused",
    "OwnerGrantEnded",
    "OwnerGrantEvent",
    "OwnerGrantRequested",
    "OwnerGranted",
    "PasskeyUsed",
    "PasswordChanged",
    "PasswordRehashed",
    "ProofRefused",
    "RecoveryCodeUsed",
    "RecoveryCodesIssued",
    "RedirectHeard",
    "ResetEvent",
    "RoleAssigned",
    "RoleDefined",
    "RoleEvent",
    "RoleRetired",
    "SensitiveAccessGranted",
    "SessionBegan",
    "SessionEnded",
    "SessionEvent",
    "SessionRefreshed",
    "StepUpBegun",
    "StepUpEvent",
    "StepUpProved",
    "StepUpRefused",
    "TenantCreated",
    "TenantEvent",
    "TrainingBegun",
    "TrainingCompleted",
    "TrainingEvent",
    "TrainingFailed",
    "TrainingPolicySet",
    "TrainingReminded",
    "TrainingWaived",
    "UserDisabled",
    "UserEnabled",
    "UserEnrolled",
    "UserEvent",
    "UserInvited",
    "UserLocked",
    "UserSessionsEnded",
    "UserUnlocked",
]
