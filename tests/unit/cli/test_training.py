"""Training and drills at the terminal."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from shared.contracts.drills import MOST_PEOPLE
from shared.contracts.errors import ErrorCode, PublicError
from tests.unit.cli.running import Running, log_in, tallystick

ATTEMPT, USER, DRILL = (f"019aa0e5-0000-7000-8000-0000000000c{number}" for number in range(3))
RULES = {
    "modules": ["phishing"],
    "first_due_days": 30,
    "valid_days": 365,
    "grace_days": 14,
    "remind_days": [14, 3],
    "pass_percent": 80,
}
DUE = {"state": "due", "due_at": "2026-12-22T09:00:00.000000Z", "grace_ends_at": "2027-01-05T09:00:00.000000Z"}
STATE = {
    "state": "due",
    "modules": [{**DUE, "module": "passwords"}, {**DUE, "module": "phishing", "due_at": "2026-12-20T09:00:00.000000Z"}],
    "stands_until": "2027-01-05T09:00:00.000000Z",
    "waived_until": None,
}
MEMBER = {**STATE, "user_id": USER, "name": "Bob\x1b[31m"}
ANSWERS: dict[str, dict[str, Any]] = {
    "training_state": STATE,
    "training_policy": RULES,
    "team_training": {"members": [MEMBER]},
    "list_training": {"modules": [{"module": "phishing", "title": "Mail", "minutes": 7, "asked_for": True}]},
    "read_training": {"title": "Mail", "minutes": 7, "lesson": "Look twice.\n\x1b[2JAlways."},
    "list_drills": {
        "templates": [{"template": "new_account", "about": "A supplier", "module": "invoice_fraud"}],
        "drills": [{"drill_id": DRILL, "template": "new_account", "mails": 2}],
    },
    "drill_results": {
        "template": "new_account",
        "mailed": 1,
        "followed": 1,
        "people": [{"user_id": USER, "name": "Bob", "followed": True}],
    },
}


class Training(Running):
    """auth, which takes the answers 0 0 0 0 0 for right."""

    people: Sequence[Mapping[str, str]] = ()
    """Of a business that is too large for one drill."""

    def answer(self, service: str, method: str, request: Mapping[str, object]) -> dict[str, Any]:
        """Answer; training and drills are auth's alone."""
        assert service == "auth"
        match method:
            case "begin_training":
                questions = [{"question": f"Q{number}", "options": ["a", "b", "c", "d"]} for number in range(5)]
                return {"attempt": ATTEMPT, "questions": questions, "expires_at": "2026-11-22T10:00:00.000000Z"}
            case "answer_training":
                right = request["answers"] == [0] * 5
                return {
                    "passed": right,
                    "score": 5 if right else 0,
                    "asked": 5,
                    "expires_at": "2027-11-22T09:00:00.000000Z" if right else None,
                    "answers": [{"question": "Q0", "right": right, "why": "Because."}],
                }
            case "start_drill" if "user_ids" not in request and self.people:
                raise PublicError(ErrorCode.TOO_MANY_PEOPLE, "too many")
            case "start_drill":
                return {"drill_id": DRILL, "mails": 2}
            case "list_users":
                return {"users": self.people}
        return ANSWERS.get(method, {"position": 1})


@pytest.fixture
def running(monkeypatch: pytest.MonkeyPatch) -> Training:
    """Somebody has logged in."""
    log_in(monkeypatch, training := Training())
    return training


def test_whoever_answers_well_passes(running: Training) -> None:
    result = tallystick("training", "take", "phishing", typed="y\n" + "1\n" * 5)
    assert result.exit_code == 0, result.output
    assert "Passed: 5 of 5 right. It counts until 2027-11-22." in result.output
    assert running.done[-1] == ("auth", "answer_training", {"attempt": ATTEMPT, "answers": [0] * 5})


def test_whoever_does_not_learns_why_and_the_exit_status_says_so(running: Training) -> None:
    result = tallystick("training", "take", "phishing", typed="y\n" + "2\n" * 5)
    assert result.exit_code == 1
    assert "Because." in result.output
    assert "Not passed: 0 of 5 right." in result.output


def test_without_a_name_the_module_that_is_due_first_is_taken(running: Training) -> None:
    tallystick("training", "take", typed="y\n" + "1\n" * 5)
    assert ("auth", "begin_training", {"module": "phishing", "language": "en"}) in running.done


def test_whoever_is_not_ready_is_asked_nothing(running: Training) -> None:
    assert tallystick("training", "take", "phishing", typed="n\n").exit_code == 1
    assert [method for _, method, _ in running.asked] == ["read_training"]
    assert running.done == []


def test_an_answer_that_is_none_of_those_shown_is_asked_for_again(running: Training) -> None:
    result = tallystick("training", "take", "phishing", typed="y\n9\n" + "1\n" * 5)
    assert result.exit_code == 0, result.output


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["training", "list"], "* phishing"),
        (["training", "state"], "You are due."),
        (["training", "team"], "passwords, phishing"),
        (["drills", "list"], "A supplier (leads to invoice_fraud)"),
        (["drills", "results", DRILL], "1 of 1 followed the link of new_account."),
        (["drills", "start", "new_account", "--user", USER], f"tallystick drills results {DRILL}"),
    ],
)
def test_what_is_asked_is_shown(running: Training, arguments: list[str], expected: str) -> None:
    result = tallystick(*arguments)
    assert result.exit_code == 0, result.output
    assert expected in result.output
    assert "\x1b" not in result.output


def test_a_lesson_cannot_move_the_cursor(running: Training) -> None:
    assert "\x1b" not in tallystick("training", "take", "phishing", typed="n\n").output


def test_rules_that_were_printed_can_be_set(running: Training, tmp_path: Path) -> None:
    printed = tallystick("training", "policy").output
    assert yaml.safe_load(printed) == RULES
    path = tmp_path / "rules.yaml"
    path.write_text(printed, "utf-8")
    assert tallystick("training", "policy", "--file", str(path)).exit_code == 0
    assert running.done[-1] == ("auth", "set_training_policy", RULES)


@pytest.mark.parametrize("content", ["- a list", "a: [", ""])
def test_a_file_without_rules_sets_none(running: Training, tmp_path: Path, content: str) -> None:
    path = tmp_path / "rules.yaml"
    path.write_text(content, "utf-8")
    assert tallystick("training", "policy", "--file", str(path)).exit_code == 2
    assert running.done == []


def test_a_waiver_names_who_for_how_long_and_why(running: Training) -> None:
    assert tallystick("training", "waive", USER, "--days", "3", "--reason", "ill").exit_code == 0
    assert running.done == [("auth", "waive_training", {"user_id": USER, "days": 3, "reason": "ill"})]
    assert tallystick("training", "waive", USER, "--days", "8", "--reason", "ill").exit_code == 2


def test_a_drill_for_everybody_leaves_nobody_out_who_is_active(running: Training) -> None:
    left = {"user_id": "gone", "state": "disabled"}
    running.people = [left, *({"user_id": str(number), "state": "active"} for number in range(MOST_PEOPLE + 1))]
    assert tallystick("drills", "start", "new_account").exit_code == 0
    mailed = [request["user_ids"] for _, _, request in running.done[1:]]
    assert [len(each) for each in mailed] == [MOST_PEOPLE, 1]
    assert [user for each in mailed for user in each] == [str(number) for number in range(MOST_PEOPLE + 1)]
