"""Mails of phishing drills from files, `<template>/<language>.yaml` beside the code."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml
from marshmallow import Schema, ValidationError, fields, validate

from services.auth.domain.drill import DrillTemplate

DIRECTORY = Path(__file__).parent.parent / "drills"
FALLBACK = "en"


class TemplateMalformed(Exception):
    """A template's file does not have the form; the message names it."""


class _TemplateSchema(Schema):
    about = fields.String(required=True)
    module = fields.String(required=True)
    subject = fields.String(required=True)
    text = fields.String(required=True, validate=[validate.Regexp(r"(?s).*\{name\}.*\{link\}.*")])


@dataclass(frozen=True, slots=True)
class FileDrillTemplates:
    """All templates, read once."""

    templates: Mapping[tuple[str, str], DrillTemplate]
    """By name and language."""

    @classmethod
    def load(cls, directory: Path = DIRECTORY) -> "FileDrillTemplates":
        """Read every template; TemplateMalformed."""
        read = [_read(path) for path in sorted(directory.glob("*/*.yaml"))]
        return cls({(template.name, template.language): template for template in read})

    def all(self, language: str) -> list[DrillTemplate]:
        """Return every template in a language, or else in English, by name."""
        names = sorted({name for name, _ in self.templates})
        return [template for name in names if (template := self.get(name, language)) is not None]

    def get(self, name: str, language: str) -> DrillTemplate | None:
        """Return a template in a language, or else in English; None when there is none of that name."""
        return self.templates.get((name, language)) or self.templates.get((name, FALLBACK))


def _read(path: Path) -> DrillTemplate:
    try:
        loaded = _TemplateSchema().load(yaml.safe_load(path.read_bytes()))
    except (yaml.YAMLError, ValidationError) as error:
        raise TemplateMalformed(f"{path} is no drill: {error}") from None
    return DrillTemplate(name=path.parent.name, language=path.stem, **loaded)
