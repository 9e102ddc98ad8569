"""Training over a real log: what is drawn and graded, who may not cheat, and what a token is worth meanwhile."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from services.auth import handlers
from services.auth.adapters.reminders import Reminders
from services.auth.adapters.tokens import AUDIENCE, ISSUER
from services.auth.commands import AnswerTraining, BeginTraining, WaiveTraining
from services.auth.domain.roles import Role
from services.auth.domain.training import TrainingState
from services.auth.domain.training_policy import DEFAULT, TrainingPolicy
from services.auth.domain.training_record import ATTEMPT_LIMIT
from services.auth.replies import QuestionsAsked, TrainingGraded
from shared.contracts.errors import ErrorCode, PublicError
from shared.contracts.permissions import Permission
from shared.crypto.tokens import verify_token
from shared.eventstore.model import RecordedEvent
from shared.messaging.access import Actor, actor_from
from tests.integration.auth.business import MODULES, STEP, Auth, Person, command_id, refused_with

pytestmark = pytest.mark.integration

DAY = timedelta(days=1)


def begin(person: Person, module: str = "phishing") -> QuestionsAsked:
    return handlers.begin_training(
        person.auth.ports,
        BeginTraining(module, "en"),
        tenant=person.tenant,
        user_id=person.user_id,
        command_id=command_id(),
    )


def answer(person: Person, attempt: str, answers: list[int]) -> TrainingGraded:
    return handlers.answer_training(
        person.auth.ports,
        AnswerTraining(attempt, tuple(answers)),
        tenant=person.tenant,
        user_id=person.user_id,
        command_id=command_id(),
    )


def right(asked: QuestionsAsked, module: str = "phishing") -> list[int]:
    """Answer as somebody who has read the lesson: each question's right option, wherever it is shown."""
    known = MODULES.get(module, "en")
    assert known is not None
    options = {question.text: question.options[0] for question in known.questions}
    return [each.options.index(options[each.text]) for each in asked.questions]


def wrong(asked: QuestionsAsked) -> list[int]:
    return [(each + 1) % 4 for each in right(asked)]


def complete(person: Person, *modules: str) -> None:
    for module in modules or DEFAULT.modules:
        asked = begin(person, module)
        assert answer(person, asked.attempt, right(asked, module)).expires_at is not None


def claims(person: Person) -> dict[str, Any]:
    person.auth.clock.moment += STEP
    token = person.complete_login(person.begin_login(), person.code())
    keys = {"token-1": person.auth.token_key.public}
    return dict(verify_token(token, keys, audience=AUDIENCE, issuer=ISSUER, now=person.auth.clock.now()))


def actor(person: Person) -> Actor:
    return actor_from(claims(person))


def permissions(person: Person) -> set[str]:
    return {grant.permission for grant in actor(person).grants}


def kinds(person: Person) -> list[str]:
    return [event.type for event in person.auth.ports.log.load(person.tenant, f"training-{person.user_id}")]


@pytest.fixture
def bob(auth: Auth, ada: Person) -> Person:
    """Somebody who sells, in Ada's business."""
    return auth.enrol(auth.invite(ada.tenant, "bob@example.org", Role.SALES), "bob@example.org")


def test_right_answers_complete_a_module_for_a_year(ada: Person) -> None:
    asked = begin(ada)
    graded = answer(ada, asked.attempt, right(asked))
    assert (graded.score, graded.asked) == (5, 5)
    assert graded.expires_at == ada.auth.clock.now() + 365 * DAY
    assert kinds(ada) == ["TrainingBegun", "TrainingCompleted"]


def test_wrong_answers_complete_nothing_and_say_what_there_is_to_learn(ada: Person) -> None:
    asked = begin(ada)
    graded = answer(ada, asked.attempt, wrong(asked))
    assert (graded.score, graded.expires_at) == (0, None)
    assert all(each.why and not each.right for each in graded.answers)
    assert kinds(ada) == ["TrainingBegun", "TrainingFailed"]


@pytest.mark.parametrize(("slips", "passed"), [(1, True), (2, False)])
def test_four_of_five_are_enough(ada: Person, slips: int, passed: bool) -> None:  # noqa: FBT001 - a parameter of the test
    asked = begin(ada)
    graded = answer(ada, asked.attempt, [*wrong(asked)[:slips], *right(asked)[slips:]])
    assert (graded.expires_at is not None) == passed


def test_an_attempt_is_answered_once(ada: Person) -> None:
    asked = begin(ada)
    answer(ada, asked.attempt, wrong(asked))
    with refused_with(ErrorCode.TRAINING_ATTEMPT_INVALID):
        answer(ada, asked.attempt, right(asked))


def test_an_attempt_that_was_replaced_or_has_expired_is_over(ada: Person) -> None:
    first, second = begin(ada), begin(ada)
    with refused_with(ErrorCode.TRAINING_ATTEMPT_INVALID):
        answer(ada, first.attempt, right(first))
    ada.auth.clock.moment += timedelta(hours=1)
    with refused_with(ErrorCode.TRAINING_ATTEMPT_INVALID):
        answer(ada, second.attempt, right(second))


def test_nobody_answers_for_somebody_else(ada: Person, bob: Person) -> None:
    asked = begin(ada)
    with refused_with(ErrorCode.TRAINING_ATTEMPT_INVALID):
        answer(bob, asked.attempt, right(asked))
    assert kinds(bob) == []


def test_attempts_are_few_and_come_back_after_an_hour(ada: Person) -> None:
    for _ in range(ATTEMPT_LIMIT):
        begin(ada)
    with pytest.raises(PublicError) as refusal:
        begin(ada)
    assert refusal.value.code is ErrorCode.TOO_MANY_ATTEMPTS
    wait = refusal.value.details["retry_after"]
    assert isinstance(wait, int)
    begin(ada, "passwords")
    ada.auth.clock.moment += timedelta(seconds=wait)
    begin(ada)


def test_a_retried_command_gets_the_first_answer(ada: Person) -> None:
    ports, first, second = ada.auth.ports, command_id(), command_id()
    whose = {"tenant": ada.tenant, "user_id": ada.user_id}
    asked, again = (
        handlers.begin_training(ports, BeginTraining("phishing", "en"), **whose, command_id=first) for _ in range(2)
    )
    assert again == asked
    answers = AnswerTraining(asked.attempt, tuple(right(asked)))
    graded, repeated = (handlers.answer_training(ports, answers, **whose, command_id=second) for _ in range(2))
    assert repeated == graded
    assert kinds(ada) == ["TrainingBegun", "TrainingCompleted"]


def test_of_answers_that_race_one_counts(ada: Person) -> None:
    asked = begin(ada)
    ports = [ada.auth.process() for _ in range(4)]

    def race(number: int) -> str:
        answers = AnswerTraining(asked.attempt, tuple(right(asked) if number % 2 else wrong(asked)))
        try:
            handlers.answer_training(
                ports[number], answers, tenant=ada.tenant, user_id=ada.user_id, command_id=command_id()
            )
        except PublicError as refusal:
            return refusal.code.value
        return "counted"

    with ThreadPoolExecutor(len(ports)) as pool:
        outcomes = sorted(pool.map(race, range(len(ports))))
    assert outcomes == ["counted", *["training_attempt_invalid"] * 3]
    assert len(kinds(ada)) == 2


def test_an_unknown_module_is_refused(ada: Person) -> None:
    with refused_with(ErrorCode.TRAINING_MODULE_UNKNOWN):
        begin(ada, "no_such_module")


def test_a_new_business_loses_nothing_in_its_first_month(ada: Person) -> None:
    ada.auth.clock.moment += 29 * DAY
    assert Permission.INVOICE_ISSUE in permissions(ada)
    assert handlers.own_training(ada.auth.ports, tenant=ada.tenant, user_id=ada.user_id).state is TrainingState.DUE


def test_who_lets_training_lapse_can_only_read_until_it_is_done(ada: Person) -> None:
    ada.auth.clock.moment += 45 * DAY
    left = permissions(ada)
    assert left
    assert all(permission.endswith(":read") for permission in left)
    complete(ada)
    assert Permission.INVOICE_ISSUE in permissions(ada)


def test_a_token_ends_when_training_lapses_and_says_until_when_it_stands(ada: Person) -> None:
    lapses = ada.auth.clock.now() - STEP + 44 * DAY
    ada.auth.clock.moment = lapses - timedelta(seconds=100)
    held = claims(ada)
    assert held["tra"] == {"until": int(lapses.timestamp())}
    assert held["exp"] == int(lapses.timestamp())
    assert ["invoice:issue"] in held["grants"]


def test_a_waiver_gives_the_permissions_back_and_the_owners_hear_of_it(auth: Auth, ada: Person, bob: Person) -> None:
    auth.clock.moment += 45 * DAY
    before = auth.ports.log.head(ada.tenant).size
    assert Permission.INVOICE_DRAFT not in permissions(bob)
    waive = partial(handlers.waive_training, auth.ports, tenant=ada.tenant, command_id=command_id())
    with refused_with(ErrorCode.SECOND_PERSON_NEEDED):
        waive(WaiveTraining(ada.user_id, "for myself", 1), by=ada.user_id)
    waive(WaiveTraining(bob.user_id, "back from hospital", 2), by=ada.user_id)
    assert Permission.INVOICE_DRAFT in permissions(bob)
    auth.clock.moment += 2 * DAY
    assert Permission.INVOICE_DRAFT not in permissions(bob)
    auth.runner.run_once()
    mails = [told(auth, event) for event in auth.ports.log.read(ada.tenant, before) if event.type == "NoticeDue"]
    assert ("ada@example.org", "Training was waived for somebody in your business") in mails


def told(auth: Auth, due: RecordedEvent) -> tuple[str, str]:
    mail = handlers.notice(auth.ports, tenant=due.tenant, position=due.position)
    return mail.email, mail.subject


def test_an_owner_sees_who_is_current(auth: Auth, ada: Person, bob: Person) -> None:
    complete(bob)
    auth.clock.moment += 31 * DAY
    team = handlers.team_training(auth.ports, tenant=ada.tenant)
    assert [(member.name, member.training.state.value) for member in team] == [("Ada", "overdue"), ("Bob", "current")]


def test_an_owner_sets_the_rules(auth: Auth, ada: Person) -> None:
    rules = TrainingPolicy(modules=("restore_drill",), first_due_days=10, grace_days=0)
    handlers.set_training_policy(auth.ports, rules, tenant=ada.tenant, command_id=command_id())
    assert handlers.training_policy(auth.ports, tenant=ada.tenant).policy == rules
    auth.clock.moment += 11 * DAY
    assert Permission.INVOICE_ISSUE not in permissions(ada)
    complete(ada, "restore_drill")
    assert Permission.INVOICE_ISSUE in permissions(ada)
    unknown = TrainingPolicy(modules=("no_such_module",))
    with refused_with(ErrorCode.TRAINING_MODULE_UNKNOWN):
        handlers.set_training_policy(auth.ports, unknown, tenant=ada.tenant, command_id=command_id())


def test_reminders_go_out_once_whoever_looks_and_however_often(auth: Auth, ada: Person, bob: Person) -> None:
    complete(bob)
    for days in (0, 17, 10, 4, 20):
        auth.clock.moment += days * DAY
        for ports in (auth.ports, auth.process()):
            handlers.remind_team(ports, ada.tenant)
    stages = [event.payload["stage"] for event in auth.ports.log.load(ada.tenant, f"training-{ada.user_id}")]
    assert stages == ["due-14", "due-3", "overdue", "lapsed"]
    assert "TrainingReminded" not in kinds(bob)


def test_a_reminder_becomes_a_mail_to_the_person(auth: Auth, ada: Person) -> None:
    auth.clock.moment += 31 * DAY
    handlers.remind_team(auth.ports, ada.tenant)
    auth.runner.run_once()
    mails = [told(auth, event) for event in auth.ports.log.read(ada.tenant) if event.type == "NoticeDue"]
    assert ("ada@example.org", "Your training is overdue") in mails


def test_one_process_at_a_time_makes_the_round(lonely_auth: Auth) -> None:
    person = lonely_auth.enrol(lonely_auth.found())
    lonely_auth.clock.moment += 31 * DAY
    lonely_auth.process()
    here, elsewhere = lonely_auth.pools
    with elsewhere.connection() as other:
        other.execute("SELECT pg_advisory_lock(hashtextextended('training reminders', 0))")
        assert Reminders(lonely_auth.ports, here, 3600).run_once() == 0
        assert kinds(person) == []
        other.execute("SELECT pg_advisory_unlock(hashtextextended('training reminders', 0))")
    assert Reminders(lonely_auth.ports, here, 3600).run_once() == 1
    assert kinds(person) == ["TrainingReminded"]


def test_nothing_but_graded_answers_completes_a_module(ada: Person) -> None:
    ways: list[Callable[[], object]] = [
        lambda: answer(ada, "019aa0e5-0000-7000-8000-000000000001", [0] * 5),
        lambda: answer(ada, begin(ada).attempt, [0]),
        lambda: answer(ada, begin(ada).attempt, [9] * 5),
    ]
    for way in ways:
        with pytest.raises(PublicError):
            way()
    assert "TrainingCompleted" not in kinds(ada)
