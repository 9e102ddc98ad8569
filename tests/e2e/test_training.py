"""Training and drills on a running system: from an owner's order over the bus and by mail to a click in a browser."""

import re
import urllib.request
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import pytest
import yaml

from deploy.demo.people import Person
from shared.kernel.ids import new_id
from tests.e2e.conftest import ROOT, System, mail_to, typed

pytestmark = pytest.mark.integration


def right_answers(module: str, questions: list[dict[str, Any]]) -> list[int]:
    """Answer as somebody who has read the lesson."""
    text = (ROOT / "services" / "auth" / "training" / module / "en.yaml").read_text("utf-8")
    known = {each["ask"]: each["right"] for each in yaml.safe_load(text)["questions"]}
    return [question["options"].index(known[question["question"]]) for question in questions]


def browse(link: str) -> str:
    assert link.startswith("http://127.0.0.1:")
    with urllib.request.urlopen(link, timeout=10) as page:  # noqa: S310 - the line above
        return str(page.read().decode())


def member(system: System, name: str) -> dict[str, Any]:
    """Find somebody in the team."""
    members = system.owner.call("auth", "team_training", {})["members"]
    assert isinstance(members, list)
    (found,) = [each for each in members if each["name"] == name]
    return dict(found)


def done(system: System, person: Person, folder: Path, *arguments: str, answers: str = "") -> str:
    run = typed(system, person, folder, list(arguments), answers)
    assert run.returncode == 0, run.stderr
    return run.stdout


def test_a_click_in_a_drills_mail_leads_to_a_lesson_and_the_owner_sees_it(system: System, tmp_path: Path) -> None:
    address = f"{new_id()}@probe.example"
    name = f"Bob {new_id()}"
    system.owner.invite("sales", name, address)
    user_id = member(system, name)["user_id"]
    started = done(system, system.owner, tmp_path, "drills", "start", "shared_invoice", "--user", user_id)
    drill = started.split()[-1]
    text = mail_to(system, address, "Invoice 40417 was shared with you")
    (link,) = re.findall(r"http://\S+", text)
    results = ("drills", "results", drill)
    assert "0 of 1 followed" in done(system, system.owner, tmp_path, *results)
    page = browse(link)
    assert "This was a drill" in page
    assert "Mail that wants something" in page
    assert "1 of 1 followed" in done(system, system.owner, tmp_path, *results)
    with pytest.raises(HTTPError, match="404"):
        browse(link[:-5] + ("AAAAA" if not link.endswith("AAAAA") else "BBBBB"))


def test_training_is_taken_and_counts(system: System, tmp_path: Path) -> None:
    name = f"Bob {new_id()}"
    bob = system.owner.invite("sales", name, f"{new_id()}@probe.example")
    bob.log_in()
    before = done(system, bob, tmp_path, "training", "state")
    assert before.startswith("You are current.")
    asked = bob.command("auth", "begin_training", {"module": "phishing"})
    questions = asked["questions"]
    assert isinstance(questions, list)
    answers = right_answers("phishing", questions)
    result = bob.command("auth", "answer_training", {"attempt": asked["attempt"], "answers": answers})
    assert result["passed"]
    assert done(system, bob, tmp_path, "training", "state") != before
    assert name in done(system, system.owner, tmp_path, "training", "team")
