"""Aggregates from the log and their events into it: the names of auth's streams live here."""

from services.auth.codec import decode_all, encode
from services.auth.domain.events import AuthEvent
from services.auth.domain.login import Login, fold_login
from services.auth.domain.tenant import Tenant, fold_tenant
from services.auth.domain.user import User, fold_user
from shared.crypto.keyring import KeyShredded
from shared.eventstore.log import TenantLog


def tenant_stream(tenant: str) -> str:
    """Name the stream of a tenant's addresses."""
    return f"tenant-{tenant}"


def user_stream(user_id: str) -> str:
    """Name the stream of a user, which is also the data subject whose key seals it."""
    return f"user-{user_id}"


def login_stream(login_id: str) -> str:
    """Name the stream of one attempt to log in."""
    return f"login-{login_id}"


def load_tenant(log: TenantLog, tenant: str) -> Tenant:
    """Return the tenant; version 0 when there is none."""
    return fold_tenant(decode_all(log.load(tenant, tenant_stream(tenant))))


def load_user(log: TenantLog, tenant: str, user_id: str) -> User | None:
    """Return the user; None when unknown, or forgotten: a shredded key makes a user as if never known."""
    try:
        return fold_user(decode_all(log.load(tenant, user_stream(user_id))))
    except KeyShredded:
        return None


def load_login(log: TenantLog, tenant: str, login_id: str) -> Login | None:
    """Return the login; None when unknown, or of a user who was forgotten."""
    try:
        return fold_login(decode_all(log.load(tenant, login_stream(login_id))))
    except KeyShredded:
        return None


def append_to_user(log: TenantLog, tenant: str, user_id: str, version: int, event: AuthEvent) -> None:
    """Append to the user's stream, which must be at `version`; VersionConflict."""
    stream = user_stream(user_id)
    log.append(tenant, [encode(stream, stream, event)], {stream: version})


def append_to_login(
    log: TenantLog, tenant: str, login_id: str, version: int, event: AuthEvent, *, subject: str
) -> None:
    """Append to the login's stream, which must be at `version`, sealed for `subject`; VersionConflict."""
    stream = login_stream(login_id)
    log.append(tenant, [encode(stream, subject, event)], {stream: version})
