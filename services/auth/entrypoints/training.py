"""Entrypoints of whoever is trained. None of them takes somebody's word for it: what counts is graded here."""

from typing import Any

from services.auth import handlers
from services.auth.commands import AnswerTraining, BeginTraining
from services.auth.dependencies import App
from services.auth.domain.training import Training
from shared.contracts import training as contract
from shared.contracts.base import NoRequest
from shared.kernel.clock import to_rfc3339
from shared.messaging.access import OWN
from shared.messaging.endpoints import BaseService, Call, command, query


class TrainingEntrypoints(BaseService):
    """Lessons, questions and answers."""

    app: App

    @query(permission=OWN, request=contract.ListTrainingRequest, reply=contract.ListTrainingReply)
    def list_training(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Name all modules."""
        ports = self.app.ports
        asked_for = handlers.training_policy(ports, tenant=call.require_tenant()).policy.modules
        modules = [handlers.training_module(ports, name, request["language"]) for name in ports.modules.names()]
        return {
            "modules": [
                {
                    "module": module.name,
                    "title": module.title,
                    "minutes": module.minutes,
                    "asked_for": module.name in asked_for,
                }
                for module in modules
            ]
        }

    @query(permission=OWN, request=contract.ReadTrainingRequest, reply=contract.ReadTrainingReply)
    def read_training(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG002 - the same for all
        """Return a lesson."""
        module = handlers.training_module(self.app.ports, request["module"], request["language"])
        return {
            "module": module.name,
            "version": module.version,
            "language": module.language,
            "title": module.title,
            "minutes": module.minutes,
            "lesson": module.lesson,
        }

    @command(permission=OWN, request=contract.BeginTrainingRequest, reply=contract.BeginTrainingReply)
    def begin_training(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Draw questions for the caller."""
        asked = handlers.begin_training(
            self.app.ports,
            BeginTraining(**request),
            tenant=call.require_tenant(),
            user_id=_user(call),
            command_id=call.require_command(),
        )
        questions = [{"question": each.text, "options": list(each.options)} for each in asked.questions]
        return {"attempt": asked.attempt, "questions": questions, "expires_at": to_rfc3339(asked.expires_at)}

    @command(permission=OWN, request=contract.AnswerTrainingRequest, reply=contract.AnswerTrainingReply)
    def answer_training(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Grade the caller's answers."""
        graded = handlers.answer_training(
            self.app.ports,
            AnswerTraining(request["attempt"], tuple(request["answers"])),
            tenant=call.require_tenant(),
            user_id=_user(call),
            command_id=call.require_command(),
        )
        expires_at = graded.expires_at
        return {
            "passed": expires_at is not None,
            "score": graded.score,
            "asked": graded.asked,
            "expires_at": None if expires_at is None else to_rfc3339(expires_at),
            "answers": [{"question": each.question, "right": each.right, "why": each.why} for each in graded.answers],
        }

    @query(permission=OWN, request=NoRequest, reply=contract.TrainingStateReply)
    def training_state(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG002 - nothing is asked
        """Tell the caller where they stand."""
        return training_reply(handlers.own_training(self.app.ports, tenant=call.require_tenant(), user_id=_user(call)))


def training_reply(training: Training) -> dict[str, Any]:
    """Return the form of a `TrainingStateReply`."""
    until, waived = training.stands_until, training.waived_until
    return {
        "state": training.state.value,
        "modules": [
            {
                "module": each.module,
                "state": each.state.value,
                "due_at": to_rfc3339(each.due_at),
                "grace_ends_at": to_rfc3339(each.grace_ends_at),
            }
            for each in training.modules
        ],
        "stands_until": None if until is None else to_rfc3339(until),
        "waived_until": None if waived is None else to_rfc3339(waived),
    }


def _user(call: Call) -> str:
    if call.actor is None:
        raise RuntimeError("an endpoint with a permission has an actor")
    return call.actor.id
