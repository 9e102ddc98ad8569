"""Judging a code of the second factor, wherever one is asked for."""

from services.auth.domain.code import CodeCheck, CodeOutcome
from services.auth.ports import Ports


def check_code(ports: Ports, tenant: str, user_id: str, factor: str, code: str) -> CodeCheck:
    """Judge a code and, when it is right, use it up: before anything is granted, so that it can grant one thing."""
    now = ports.clock.now()
    if not ports.code_uses.attempt(tenant, user_id, now):
        return CodeCheck(CodeOutcome.TOO_MANY)
    step = ports.second_factor.step_of(tenant, user_id, factor, code, now)
    if step is None:
        return CodeCheck(CodeOutcome.WRONG)
    if not ports.code_uses.accept(tenant, user_id, step):
        return CodeCheck(CodeOutcome.REUSED)
    return CodeCheck(CodeOutcome.ACCEPTED, step)
