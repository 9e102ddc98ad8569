"""Training modules from files, `<module>/<language>.yaml` beside the code; the hash of a file is its version."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from marshmallow import Schema, ValidationError, fields, validate

from services.auth.domain.module import OPTIONS, SMALLEST_POOL, Module, Question

DIRECTORY = Path(__file__).parent.parent / "training"
FALLBACK = "en"
"""The language that every module exists in."""


class ModuleMalformed(Exception):
    """A module's file does not have the form; the message names it."""


class _QuestionSchema(Schema):
    name = fields.String(required=True, validate=validate.Regexp(r"\A[a-z0-9]+(-[a-z0-9]+)*\Z"))
    ask = fields.String(required=True)
    right = fields.String(required=True)
    wrong = fields.List(fields.String(), required=True, validate=validate.Length(equal=OPTIONS - 1))
    why = fields.String(required=True)


class _ModuleSchema(Schema):
    title = fields.String(required=True)
    minutes = fields.Integer(required=True)
    lesson = fields.String(required=True)
    questions = fields.List(fields.Nested(_QuestionSchema), required=True, validate=validate.Length(min=SMALLEST_POOL))


@dataclass(frozen=True, slots=True)
class FileModules:
    """All modules, read once: a process teaches and grades one text from its start to its end."""

    modules: Mapping[tuple[str, str], Module]
    """By name and language."""

    @classmethod
    def load(cls, directory: Path = DIRECTORY) -> "FileModules":
        """Read every module; ModuleMalformed."""
        read = [_read(path) for path in sorted(directory.glob("*/*.yaml"))]
        modules = {(module.name, module.language): module for module in read}
        for name, _ in modules:
            if (name, FALLBACK) not in modules:
                raise ModuleMalformed(f"the module {name} has no text in {FALLBACK}")
        return cls(modules)

    def names(self) -> list[str]:
        """Return the names of all modules, sorted."""
        return sorted({name for name, _ in self.modules})

    def get(self, name: str, language: str) -> Module | None:
        """Return a module in a language, or else in English; None when there is none of that name."""
        return self.modules.get((name, language)) or self.modules.get((name, FALLBACK))


def _read(path: Path) -> Module:
    content = path.read_bytes()
    try:
        loaded: dict[str, Any] = _ModuleSchema().load(yaml.safe_load(content))
    except (yaml.YAMLError, ValidationError) as error:
        raise ModuleMalformed(f"{path} is no module: {error}") from None
    questions = tuple(
        Question(each["name"], each["ask"], (each["right"], *each["wrong"]), each["why"])
        for each in loaded["questions"]
    )
    if len({question.name for question in questions}) != len(questions):
        raise ModuleMalformed(f"{path} has two questions of one name")
    return Module(
        name=path.parent.name,
        language=path.stem,
        version=hashlib.sha256(content).hexdigest(),
        title=loaded["title"],
        minutes=loaded["minutes"],
        lesson=loaded["lesson"],
        questions=questions,
    )
