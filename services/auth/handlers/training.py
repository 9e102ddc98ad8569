"""Training as a person does it: questions drawn and graded here, never by whoever is asked."""

import secrets

from services.auth.codec import decode, decode_all, encode
from services.auth.commands import AnswerTraining, BeginTraining
from services.auth.domain import training_record as records
from services.auth.domain.events import TrainingBegun, TrainingCompleted, TrainingFailed
from services.auth.domain.module import Drawn, Module, draw, grade, shown
from services.auth.domain.training import Training, training_of
from services.auth.domain.training_record import attempt_invalid
from services.auth.domain.user import User
from services.auth.handlers.deciding import deciding_again
from services.auth.history import load_user, user_stream
from services.auth.ports import Ports
from services.auth.replies import QuestionsAsked, TrainingGraded
from services.auth.training_history import load_policy, load_training, training_stream
from shared.contracts.errors import ErrorCode, PublicError
from shared.eventstore.model import CommandId, RecordedEvent
from shared.kernel.clock import from_rfc3339
from shared.kernel.ids import new_id

_CHANCE = secrets.SystemRandom()


def training_of_user(ports: Ports, tenant: str, user_id: str, user: User) -> Training:
    """Return where a user stands with what the business asks for."""
    record = load_training(ports.log, tenant, user_id)
    return training_of(load_policy(ports.log, tenant), record, user.enrolled_at, ports.clock.now())


def own_training(ports: Ports, *, tenant: str, user_id: str) -> Training:
    """Return where the caller stands."""
    user = load_user(ports.log, tenant, user_id)
    return Training() if user is None else training_of_user(ports, tenant, user_id, user)


def training_module(ports: Ports, name: str, language: str) -> Module:
    """Return a module in a language, or in English; `training_module_unknown`."""
    module = ports.modules.get(name, language)
    if module is None:
        raise PublicError(ErrorCode.TRAINING_MODULE_UNKNOWN, "there is no such module")
    return module


@deciding_again
def begin_training(
    ports: Ports, command: BeginTraining, *, tenant: str, user_id: str, command_id: CommandId
) -> QuestionsAsked:
    """Draw questions about a module; `training_module_unknown`, `too_many_attempts`."""
    record = load_training(ports.log, tenant, user_id)
    earlier = ports.log.replay_of(tenant, command_id)
    if earlier is None:
        module = training_module(ports, command.module, command.language)
        event = records.begin(record, new_id(), module, draw(module, _CHANCE), ports.clock.now())
        new = encode(training_stream(user_id), user_stream(user_id), event)
        earlier = ports.log.append(tenant, [new], {new.stream: record.version}, command_id)
    return _asked(ports, earlier)


@deciding_again
def answer_training(
    ports: Ports, command: AnswerTraining, *, tenant: str, user_id: str, command_id: CommandId
) -> TrainingGraded:
    """Grade answers and record the result; `training_attempt_invalid`, `malformed_request`.

    An attempt belongs to whom it was given: it is looked for in the caller's own stream.
    """
    now = ports.clock.now()
    record = load_training(ports.log, tenant, user_id)
    earlier = ports.log.replay_of(tenant, command_id)
    if earlier is None:
        attempt = records.require_open(record, command.attempt, now)
        graded = grade(
            _module(ports, attempt.module, attempt.language, attempt.version), attempt.drawn, command.answers
        )
        policy = load_policy(ports.log, tenant).policy
        event = records.conclude(attempt, command.answers, graded, policy, now)
        new = encode(training_stream(user_id), user_stream(user_id), event)
        earlier = ports.log.append(tenant, [new], {new.stream: record.version}, command_id)
    return _graded(ports, tenant, user_id, earlier)


def _asked(ports: Ports, recorded: list[RecordedEvent]) -> QuestionsAsked:
    begun = decode(recorded[-1])
    if not isinstance(begun, TrainingBegun):
        raise TypeError("training begins with TrainingBegun")
    module = _module(ports, begun.module, begun.language, begun.version)
    return QuestionsAsked(begun.attempt, shown(module, _drawn(begun)), from_rfc3339(begun.expires_at))


def _graded(ports: Ports, tenant: str, user_id: str, recorded: list[RecordedEvent]) -> TrainingGraded:
    result = decode(recorded[-1])
    if not isinstance(result, TrainingCompleted | TrainingFailed):
        raise TypeError("answers end an attempt")
    history = decode_all(ports.log.load(tenant, training_stream(user_id)))
    begun = next(each for each in history if isinstance(each, TrainingBegun) and each.attempt == result.attempt)
    module = _module(ports, begun.module, begun.language, begun.version)
    graded = grade(module, _drawn(begun), [int(digit) for digit in result.answers])
    expires_at = from_rfc3339(result.expires_at) if isinstance(result, TrainingCompleted) else None
    return TrainingGraded(result.score, result.asked, expires_at, graded)


def _drawn(begun: TrainingBegun) -> Drawn:
    return Drawn(tuple(begun.questions.split()), tuple(begun.orders.split()))


def _module(ports: Ports, name: str, language: str, version: str) -> Module:
    """Return the very text that was asked about; `training_attempt_invalid` when it has changed meanwhile."""
    module = ports.modules.get(name, language)
    if module is None or module.version != version:
        raise attempt_invalid()
    return module
