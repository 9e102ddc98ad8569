"""Which column of a CSV means what: a small YAML file, read strictly."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from string import Template

from cli.files import read_yaml

_COLUMNS_NEEDED = ("invoice", "customer", "description", "quantity", "unit_price", "date", "country")
_COLUMNS_KNOWN = (*_COLUMNS_NEEDED, "item", "corrects", "tax_point_date")
_COLUMNS_OF_DOCUMENT = ("customer", "date", "country", "corrects", "tax_point_date")
_SECTIONS = (
    "columns",
    "date_format",
    "currency",
    "invoice_number",
    "credit_note_number",
    "customer",
    "countries",
    "vat",
)


class MappingInvalid(Exception):
    """The mapping file does not say what an import needs; the message says which part."""


class ColumnTemplate(Template):
    """A text with columns in it, whatever their names are made of."""

    braceidpattern = "[^{}]+"


@dataclass(frozen=True)
class Vat:
    """VAT category code (BT-151) and rate in percent (BT-152) of a line."""

    category: str
    rate: str


@dataclass(frozen=True)
class CustomerTemplate:
    """How a customer's particulars are made from a row; `${Column}` stands for the row's value."""

    name: ColumnTemplate
    email: ColumnTemplate
    line: ColumnTemplate
    city: ColumnTemplate
    post_code: ColumnTemplate

    @cached_property
    def columns_used(self) -> frozenset[str]:
        """Every column that stands in one of them."""
        templates = (self.name, self.email, self.line, self.city, self.post_code)
        return frozenset(name for template in templates for name in template.get_identifiers())


@dataclass(frozen=True)
class ColumnMapping:
    """A validated mapping."""

    columns: Mapping[str, str]
    date_format: str
    currency: str
    invoice_number: re.Pattern[str]
    credit_note_number: re.Pattern[str]
    customer: CustomerTemplate
    countries: Mapping[str, str]
    vat_by_country: Mapping[str, Vat]
    vat_elsewhere: Vat

    @property
    def columns_used(self) -> frozenset[str]:
        """Every column that a file must have."""
        return frozenset(self.columns.values()) | self.customer.columns_used

    @cached_property
    def columns_of_document(self) -> Sequence[str]:
        """Every column that is about the document as a whole: its rows must agree in them."""
        heads = [self.columns[name] for name in _COLUMNS_OF_DOCUMENT if name in self.columns]
        return [*heads, *sorted(self.customer.columns_used - set(heads))]

    def vat_for(self, country_code: str) -> Vat:
        """Return the VAT category and rate of lines sold to `country_code` (ISO 3166-1 alpha-2)."""
        return self.vat_by_country.get(country_code, self.vat_elsewhere)


def load_mapping(path: Path) -> ColumnMapping:
    """Read a mapping file; MappingInvalid with the part that is wrong, FileUnreadable."""
    content = read_yaml(path)
    try:
        return _mapping(content)
    except MappingInvalid as error:
        raise MappingInvalid(f"{path}: {error}") from None


def _mapping(content: object) -> ColumnMapping:
    top = _section(content, "the file")
    if unknown := sorted(set(top) - set(_SECTIONS)):
        raise MappingInvalid(f"unknown parts: {', '.join(map(str, unknown))}; known are {', '.join(_SECTIONS)}")
    columns = {key: _text(value, f"columns.{key}") for key, value in _section(top.get("columns"), "columns").items()}
    if missing := [name for name in _COLUMNS_NEEDED if name not in columns]:
        raise MappingInvalid(f"columns: missing {', '.join(missing)}")
    if unknown := sorted(set(columns) - set(_COLUMNS_KNOWN)):
        raise MappingInvalid(f"columns: unknown {', '.join(unknown)}; known are {', '.join(_COLUMNS_KNOWN)}")
    vat = _section(top.get("vat"), "vat")
    return ColumnMapping(
        columns=columns,
        date_format=_text(top.get("date_format"), "date_format"),
        currency=_text(top.get("currency"), "currency"),
        invoice_number=_pattern(top.get("invoice_number"), "invoice_number"),
        credit_note_number=_pattern(top.get("credit_note_number"), "credit_note_number"),
        customer=_customer(top.get("customer")),
        countries={
            name: _text(code, f"countries.{name}") for name, code in _section(top.get("countries"), "countries").items()
        },
        vat_by_country={
            code: _vat(rule, f"vat.by_country.{code}")
            for code, rule in _section(vat.get("by_country"), "vat.by_country").items()
        },
        vat_elsewhere=_vat(vat.get("elsewhere"), "vat.elsewhere"),
    )


def _section(value: object, name: str) -> dict[str, object]:
    if not isinstance(value, dict):
        raise MappingInvalid(f"{name} must be a mapping")
    # YAML reads the country code NO as false unless it is quoted: say so instead of losing Norway.
    if bad := [key for key in value if not isinstance(key, str)]:
        raise MappingInvalid(f"{name}: {bad[0]!r} is not text; put it in quotes")
    return value


def _text(value: object, name: str) -> str:
    if not isinstance(value, str) or not value:
        raise MappingInvalid(f"{name} must be text in quotes, and not empty")
    return value


def _pattern(value: object, name: str) -> re.Pattern[str]:
    try:
        return re.compile(_text(value, name))
    except re.error as error:
        raise MappingInvalid(f"{name} is not a regular expression: {error}") from None


def _customer(value: object) -> CustomerTemplate:
    parts = _section(value, "customer")
    fields = ("name", "email", "line", "city", "post_code")
    return CustomerTemplate(**{name: _template(parts.get(name), f"customer.{name}") for name in fields})


def _template(value: object, name: str) -> ColumnTemplate:
    template = ColumnTemplate(_text(value, name))
    if not template.is_valid():
        raise MappingInvalid(f"{name}: a column is named like this: ${{Column}}; a dollar sign is written $$")
    return template


def _vat(value: object, name: str) -> Vat:
    rule = _section(value, name)
    return Vat(_text(rule.get("category"), f"{name}.category"), _text(rule.get("rate"), f"{name}.rate"))
