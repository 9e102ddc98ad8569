"""Numbers that somebody else gave out, judged by their form and check digits: VAT, registers, electronic addresses.

python-stdnum knows how each country counts. What it says is asked for only where its rule is the one by which the
number is given out; everywhere else the form alone is judged, so that nobody is refused for a rule that is not theirs.
Nothing is looked up anywhere: a number whose check digits are right may still be nobody's.
"""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from stdnum import bic, ean, get_cc_module, lei
from stdnum.be import vat as be_vat
from stdnum.de import leitweg
from stdnum.dk import cvr
from stdnum.ee import registrikood
from stdnum.exceptions import InvalidChecksum, ValidationError
from stdnum.fr import siren, siret
from stdnum.it import codicefiscale
from stdnum.no import orgnr as no_orgnr
from stdnum.se import orgnr as se_orgnr

WRONG_DIGITS = "The check digits are wrong: a character is mistyped, or two are exchanged."
_VAT_FORM = re.compile(r"[A-Z]{2}[A-Z0-9+*]{2,15}", re.ASCII)
_LEITWEG_FORM = re.compile(r"(0[1-9]|1[0-6]|99)(\d|\d{3}|\d{6}|\d{7}|\d{10})?(-[A-Z0-9]{1,30})?-\d\d", re.ASCII)
_IDENTIFIER = re.compile(r"[A-Za-z0-9.:_~+/-]{1,100}", re.ASCII)
_BIC_FORM = re.compile(r"[A-Z0-9]{8}([A-Z0-9]{3})?", re.ASCII)
_ADDRESS_FORMS = "Letters, digits and . : _ ~ + / - without spaces, at most 100."

_EU = "AT BE BG CY CZ DE DK EE EL ES FI FR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK XI"
_OTHERS = "AD AL AU CH FO GB IN IS ME MK NO RS SM TR"
CHECKED_COUNTRIES = frozenset(f"{_EU} {_OTHERS}".split())
"""First letters of VAT identifiers whose check digits are judged."""
_MODULES = {"EL": "gr", "XI": "gb"}
"""Greece writes EL; Northern Ireland has the numbers of the United Kingdom."""

_VAT_SCHEMES: Mapping[str, str] = MappingProxyType(
    {
        "0211": "IT", "0213": "FI", "9910": "HU", "9914": "AT", "9920": "ES", "9922": "AD", "9923": "AL", "9925": "BE",
        "9926": "BG", "9927": "CH", "9928": "CY", "9929": "CZ", "9930": "DE", "9931": "EE", "9932": "GB", "9933": "EL",
        "9934": "HR", "9935": "IE", "9937": "LT", "9938": "LU", "9939": "LV", "9941": "ME", "9942": "MK", "9943": "MT",
        "9944": "NL", "9945": "PL", "9946": "PT", "9947": "RO", "9948": "RS", "9949": "SI", "9950": "SK", "9951": "SM",
        "9952": "TR", "9957": "FR",
    }
)  # fmt: skip
"""EAS codes of countries' VAT numbers, which are written there with the country's letters or without."""

_SCHEMES = MappingProxyType(
    {
        "0002": siren,
        "0007": se_orgnr,
        "0009": siret,
        "0184": cvr,
        "0191": registrikood,
        "0192": no_orgnr,
        "0088": ean,
        "0199": lei,
        "0208": be_vat,
        "0210": codicefiscale,
    }
)
"""EAS and ICD codes of other numbers with check digits: who counts them in stdnum."""
_LEITWEG = "0204"
_GLN, _GLN_DIGITS = "0088", 13
"""The library knows the shorter numbers of articles too, which count in the same way."""


def vat_id_fault(vat_id: str) -> str | None:
    """Say what is wrong with a VAT identifier (BT-31, BT-48), without quoting it; None when nothing is."""
    if _VAT_FORM.fullmatch(vat_id) is None:
        return "Not a VAT identifier: the two letters of the country, then its number, without spaces."
    country = vat_id[:2]
    if country == "GR":
        return "Greek VAT identifiers begin with EL."
    return _country_fault(country, vat_id) if country in CHECKED_COUNTRIES else None


def identifier_fault(scheme: str, identifier: str) -> str | None:
    """Say what is wrong with an identifier of an EAS or ICD scheme, apart from e-mail; None when nothing is."""
    if _IDENTIFIER.fullmatch(identifier) is None:
        return _ADDRESS_FORMS
    if scheme == _GLN and len(identifier) != _GLN_DIGITS:
        return "A GLN has 13 digits."
    if scheme in _VAT_SCHEMES:
        return _plain(identifier) or _country_fault(_VAT_SCHEMES[scheme], identifier)
    if scheme == _LEITWEG:
        return _fault(leitweg.validate, identifier)
    module = _SCHEMES.get(scheme)
    return None if module is None else _plain(identifier) or _fault(module.validate, identifier)


def buyer_reference_fault(reference: str) -> str | None:
    """Say what is wrong with a buyer reference that has the form of a Leitweg-ID; None for any other.

    Source: KoSIT, "Leitweg-ID" 2.0: 2 to 12 digits (the Land first), up to 30 characters, two check digits.
    """
    if _LEITWEG_FORM.fullmatch(reference) is None or leitweg.is_valid(reference):
        return None
    return f"This looks like a Leitweg-ID. {WRONG_DIGITS}"


def bic_fault(text: str) -> str | None:
    """Say what is wrong with a BIC (BT-86, ISO 9362); None when nothing is."""
    known = _BIC_FORM.fullmatch(text) is not None and bic.is_valid(text)
    return None if known else "Not a BIC: 8 or 11 capitals and digits, the 5th and 6th of a country."


def _country_fault(country: str, number: str) -> str | None:
    """Judge a country's VAT number, written with the country's letters or without."""
    module = get_cc_module(_MODULES.get(country, country).lower(), "vat")
    if module is None:
        raise LookupError(f"stdnum does not know the VAT numbers of {country}")
    whole = _fault(module.validate, number)
    if whole is None or not number.startswith(country):
        return whole
    bare = _fault(module.validate, number.removeprefix(country))
    return bare if bare in {None, WRONG_DIGITS} else whole


def _plain(identifier: str) -> str | None:
    """Say that a number is written without separators, which the library would overlook."""
    return None if identifier.isalnum() else "Without spaces, points and hyphens."


def _fault(validate: Callable[[str], str], number: str) -> str | None:
    try:
        validate(number)
    except InvalidChecksum:
        return WRONG_DIGITS
    except ValidationError:
        return "Not how these numbers look: another length, or characters that they do not have."
    return None
