"""One function per command: load, decide, append, answer from what was recorded.

Commands that carry an idempotency key (`command_id`) answer a retry with the first answer. The others are made safe by
single-use tickets and single-use codes.
"""

from services.auth.handlers.accounts import (
    ask_passkey,
    begin_factor,
    change_password,
    complete_factor,
    own_account,
    remove_factor,
    renew_recovery_codes,
)
from services.auth.handlers.administration import disable_user, enable_user, lock_state, unlock_user
from services.auth.handlers.awaited import note_awaited, note_redirect
from services.auth.handlers.decisions import record_decisions
from services.auth.handlers.drills import drill_results, follow_drill_link, list_drills, start_drill
from services.auth.handlers.enrolment import begin_enrolment, complete_enrolment
from services.auth.handlers.login import begin_login, complete_login
from services.auth.handlers.notices import notice
from services.auth.handlers.owner_grants import (
    approve_owner_grant,
    end_owner_grant,
    request_owner_grant,
    waiting_owner_grants,
)
from services.auth.handlers.people import explain_access, list_users
from services.auth.handlers.resets import (
    approve_factor_reset,
    break_glass,
    end_factor_reset,
    request_factor_reset,
    waiting_factor_resets,
)
from services.auth.handlers.roles import assign_role, define_role, list_roles, retire_role
from services.auth.handlers.service_tokens import issue_service_token
from services.auth.handlers.sessions import end_session, end_sessions_of, list_sessions, own_session, refresh_session
from services.auth.handlers.step_up import begin_step_up, complete_step_up
from services.auth.handlers.tenants import create_tenant, invite_user
from services.auth.handlers.training import answer_training, begin_training, own_training, training_module
from services.auth.handlers.training_oversight import (
    remind_team,
    set_training_policy,
    team_training,
    training_policy,
    waive_training,
)

__all__ = [
    "answer_training",
    "approve_factor_reset",
    "approve_owner_grant",
    "ask_passkey",
    "assign_role",
    "begin_enrolment",
    "begin_factor",
    "begin_login",
    "begin_step_up",
    "begin_training",
    "break_glass",
    "change_password",
    "complete_enrolment",
    "complete_factor",
    "complete_login",
    "complete_step_up",
    "create_tenant",
    "define_role",
    "disable_user",
    "drill_results",
    "enable_user",
    "end_factor_reset",
    "end_owner_grant",
    "end_session",
    "end_sessions_of",
    "explain_access",
    "follow_drill_link",
    "invite_user",
    "issue_service_token",
    "list_drills",
    "list_roles",
    "list_sessions",
    "list_users",
    "lock_state",
    "note_awaited",
    "note_redirect",
    "notice",
    "own_account",
    "own_session",
    "own_training",
    "record_decisions",
    "refresh_session",
    "remind_team",
    "remove_factor",
    "renew_recovery_codes",
    "request_factor_reset",
    "request_owner_grant",
    "retire_role",
    "set_training_policy",
    "start_drill",
    "team_training",
    "training_module",
    "training_policy",
    "unlock_user",
    "waiting_factor_resets",
    "waiting_owner_grants",
    "waive_training",
]
