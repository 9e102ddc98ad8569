"""Entrypoints of owners who look after the training of their people."""

from typing import Any

from services.auth import handlers
from services.auth.commands import WaiveTraining
from services.auth.dependencies import App
from services.auth.domain.training_policy import TrainingPolicy
from services.auth.entrypoints.training import training_reply
from shared.contracts import training as contract
from shared.contracts.base import NoRequest
from shared.contracts.permissions import Permission
from shared.messaging.endpoints import BaseService, Call, command, query
from shared.messaging.step_up import StepUp


class TrainingOversightEntrypoints(BaseService):
    """The rules, the team, waivers."""

    app: App

    @query(permission=Permission.TRAINING_READ, request=NoRequest, reply=contract.TrainingPolicySchema)
    def training_policy(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG002 - nothing is asked
        """Return the rules that hold."""
        policy = handlers.training_policy(self.app.ports, tenant=call.require_tenant()).policy
        return {
            "modules": list(policy.modules),
            "first_due_days": policy.first_due_days,
            "valid_days": policy.valid_days,
            "grace_days": policy.grace_days,
            "remind_days": list(policy.remind_days),
            "pass_percent": policy.pass_percent,
        }

    @command(
        permission=Permission.TRAINING_MANAGE,
        request=contract.TrainingPolicySchema,
        reply=contract.TrainingRecordedReply,
    )
    def set_training_policy(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Set the rules."""
        modules, remind_days = dict.fromkeys(request["modules"]), sorted(set(request["remind_days"]), reverse=True)
        policy = TrainingPolicy(**{**request, "modules": tuple(modules), "remind_days": tuple(remind_days)})
        position = handlers.set_training_policy(
            self.app.ports, policy, tenant=call.require_tenant(), command_id=call.require_command()
        )
        return {"position": position}

    @query(permission=Permission.TRAINING_READ, request=NoRequest, reply=contract.TeamTrainingReply)
    def team_training(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG002 - nothing is asked
        """Tell who is current and who is not."""
        team = handlers.team_training(self.app.ports, tenant=call.require_tenant())
        return {
            "members": [
                {"user_id": member.user_id, "name": member.name, **training_reply(member.training)} for member in team
            ]
        }

    @command(
        permission=Permission.TRAINING_MANAGE,
        request=contract.WaiveTrainingRequest,
        reply=contract.TrainingRecordedReply,
        step_up=StepUp.ALWAYS,
    )
    def waive_training(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Let somebody keep all permissions for at most seven days."""
        position = handlers.waive_training(
            self.app.ports,
            WaiveTraining(**request),
            tenant=call.require_tenant(),
            by=call.actor.id if call.actor else "",
            command_id=call.require_command(),
        )
        return {"position": position}
