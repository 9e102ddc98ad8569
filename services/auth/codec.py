"""Between events of the domain and events of the log: explicit names, no guessing."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from types import MappingProxyType
from typing import Any

from services.auth.domain import events
from services.auth.domain.events import AuthEvent
from shared.eventstore.model import NewEvent, RecordedEvent

EVENT_SCHEMAS: Mapping[str, int] = MappingProxyType(
    {
        "TenantCreated": 1,
        "AddressClaimed": 1,
        "UserInvited": 1,
        "EnrolmentBegun": 1,
        "EnrolmentProofRefused": 1,
        "UserEnrolled": 1,
        "RecoveryCodesIssued": 1,
        "RecoveryCodeUsed": 1,
        "UserLocked": 1,
        "UserUnlocked": 1,
        "FactorAdded": 1,
        "FactorOffered": 1,
        "FactorRemoved": 1,
        "OfferProofRefused": 1,
        "PasskeyUsed": 1,
        "FactorCloned": 1,
        "PasswordChanged": 1,
        "PasswordRehashed": 1,
        "ProofRefused": 1,
        "BreakGlassUsed": 1,
        "FactorResetRequested": 1,
        "FactorResetEnded": 1,
        "FactorsReset": 1,
        "NewDeviceSeen": 1,
        "UserDisabled": 1,
        "UserEnabled": 1,
        "LoginBegun": 1,
        "LoginRefused": 1,
        "LoginProofRefused": 1,
        "LoginSucceeded": 1,
        "StepUpBegun": 1,
        "StepUpRefused": 1,
        "StepUpProved": 1,
        "OwnerGrantRequested": 1,
        "OwnerGranted": 1,
        "OwnerGrantEnded": 1,
        "NoticeDue": 1,
        "ApprovalAwaited": 1,
        "RedirectHeard": 1,
        "AccessDenied": 1,
        "SensitiveAccessGranted": 1,
        "RoleDefined": 1,
        "RoleRetired": 1,
        "RoleAssigned": 1,
        "TrainingPolicySet": 1,
        "TrainingBegun": 1,
        "TrainingCompleted": 1,
        "TrainingFailed": 1,
        "TrainingWaived": 1,
        "TrainingReminded": 1,
        "DrillStarted": 1,
        "DrillMailed": 1,
        "DrillLinkFollowed": 1,
        "SessionBegan": 1,
        "SessionRefreshed": 1,
        "SessionEnded": 1,
        "UserSessionsEnded": 1,
    }
)
"""Every event type that auth writes, with its present schema. Names are never reused."""

_CLASSES: Mapping[str, Any] = {name: getattr(events, name) for name in EVENT_SCHEMAS}


def encode(stream: str, subject: str, event: AuthEvent) -> NewEvent:
    """Return the event as the log takes it, to be sealed under the subject's key."""
    name = type(event).__name__
    return NewEvent(stream=stream, type=name, schema=EVENT_SCHEMAS[name], payload=asdict(event), subject=subject)


def decode(recorded: RecordedEvent) -> AuthEvent:
    """Return the event of the domain; KeyError for a type that auth never wrote."""
    event: AuthEvent = _CLASSES[recorded.type](**recorded.payload)
    return event


def decode_all(recorded: Iterable[RecordedEvent]) -> list[AuthEvent]:
    """Decode in order."""
    return [decode(event) for event in recorded]
