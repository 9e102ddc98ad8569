"""The modules that are shipped, how questions are drawn, and how answers are graded."""

import hashlib
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.auth.adapters.modules import DIRECTORY, FileModules, ModuleMalformed
from services.auth.domain.module import OPTIONS, QUESTIONS_ASKED, SMALLEST_POOL, Module, draw, grade, shown
from services.auth.domain.training_policy import DEFAULT
from shared.contracts import training as contract
from shared.contracts.errors import ErrorCode, PublicError

MODULES = FileModules.load()
ALL = sorted(MODULES.modules.values(), key=lambda module: (module.name, module.language))


def right_answers(module: Module, questions: tuple[str, ...], orders: tuple[str, ...]) -> list[int]:
    return [order.index("0") for _, order in zip(questions, orders, strict=True)]


@pytest.mark.parametrize("module", ALL, ids=lambda module: f"{module.name}.{module.language}")
def test_every_module_teaches_and_asks(module: Module) -> None:
    assert len(module.questions) >= SMALLEST_POOL
    assert len(module.lesson.split()) > 200
    for question in module.questions:
        assert len(set(question.options)) == OPTIONS
        assert all(text.strip() for text in (question.text, question.why, *question.options))


def test_the_version_of_a_module_is_the_hash_of_its_file() -> None:
    phishing = MODULES.get("phishing", "en")
    assert phishing is not None
    assert phishing.version == hashlib.sha256((DIRECTORY / "phishing" / "en.yaml").read_bytes()).hexdigest()


def test_the_default_rules_ask_for_modules_that_exist() -> None:
    assert set(DEFAULT.modules) <= set(MODULES.names())
    assert {"invoice_fraud", "phishing", "passwords", "restore_drill"} <= set(MODULES.names())


def test_a_language_that_is_missing_gives_english() -> None:
    assert MODULES.get("phishing", "xx") == MODULES.get("phishing", "en")
    assert MODULES.get("no_such_module", "en") is None


def test_the_contract_knows_how_much_is_asked() -> None:
    assert (contract.QUESTIONS, contract.OPTIONS) == (QUESTIONS_ASKED, OPTIONS)


@given(st.integers(), st.sampled_from(ALL))
def test_right_answers_are_right_wherever_they_are_shown(seed: int, module: Module) -> None:
    drawn = draw(module, random.Random(seed))  # noqa: S311 - the test repeats what chance did
    asked = shown(module, drawn)
    assert len({question.text for question in asked}) == QUESTIONS_ASKED
    answers = right_answers(module, drawn.questions, drawn.orders)
    for question, answer in zip(asked, answers, strict=True):
        (original,) = [each for each in module.questions if each.text == question.text]
        assert sorted(question.options) == sorted(original.options)
        assert question.options[answer] == original.options[0]
    assert all(each.right for each in grade(module, drawn, answers))
    others = [(answer + 1) % OPTIONS for answer in answers]
    assert not any(each.right for each in grade(module, drawn, others))


@pytest.mark.parametrize("answers", [[], [0] * 4, [0] * 6, [0, 0, 0, 0, 4], [0, 0, 0, 0, -1]])
def test_answers_that_fit_no_question_are_refused(answers: list[int]) -> None:
    drawn = draw(ALL[0], random.Random(1))  # noqa: S311 - any draw does
    with pytest.RaisesExc(PublicError, check=lambda error: error.code is ErrorCode.MALFORMED_REQUEST):
        grade(ALL[0], drawn, answers)


@pytest.mark.parametrize(
    "content",
    ["- not a module", "title: x\nminutes: 1\nlesson: y\nquestions: []\n", "title: [", "title: x\nsurprise: y\n"],
)
def test_a_file_that_is_no_module_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "odd").mkdir()
    (tmp_path / "odd" / "en.yaml").write_text(content, "utf-8")
    with pytest.raises(ModuleMalformed, match=r"en\.yaml"):
        FileModules.load(tmp_path)


def test_a_module_without_english_is_refused(tmp_path: Path) -> None:
    (tmp_path / "odd").mkdir()
    (tmp_path / "odd" / "de.yaml").write_bytes((DIRECTORY / "phishing" / "en.yaml").read_bytes())
    with pytest.raises(ModuleMalformed, match="odd"):
        FileModules.load(tmp_path)
