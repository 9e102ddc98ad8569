"""How a business reminds: levels one after the other, each with its time, fee and words, and what else is claimed."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from services.invoices.domain import refusals_of_reminders as refusals
from services.invoices.domain.document.parties import Customer
from services.invoices.domain.interest import BaseRate, half_year


@dataclass(frozen=True, slots=True)
class LevelText:
    """What a reminder says, in one language, in the place of the form's own words."""

    language: str
    """ISO 639-1."""
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class ReminderLevel:
    """One step of reminding."""

    days: int
    """After the due date; from the second level on, after the reminder before it."""
    term_days: int
    """How long the customer has to pay, from the reminder's day on."""
    fee: Decimal = Decimal(0)
    interest: bool = False
    """Whether late interest, and the compensation, are claimed from this level on."""
    texts: tuple[LevelText, ...] = ()

    def text_in(self, language: str) -> LevelText | None:
        """Return the business's own words in a language, where it has some."""
        return next((each for each in self.texts if each.language == language), None)


@dataclass(frozen=True, slots=True)
class ReminderPolicy:
    """What a business does about what is overdue. Amounts are in its currency; what is owed in another bears no fee."""

    currency: str
    """ISO 4217, of fees, compensation and threshold."""
    levels: tuple[ReminderLevel, ...]
    least: Decimal = Decimal(0)
    """Nobody is reminded of less, in this currency."""
    business_margin: Decimal | None = None
    """Percentage points over the base rate that a business owes; without it, no interest."""
    consumer_margin: Decimal | None = None
    """The same of everybody else."""
    compensation: Decimal = Decimal(0)
    """Fixed sum for the costs of recovery that a business owes once (Directive 2011/7/EU, article 6)."""
    automatic: bool = False
    """Whether what is due is reminded of by itself, once a day."""

    def margin_for(self, customer: Customer) -> Decimal | None:
        """Return the percentage points that this customer owes over the base rate; None: no interest."""
        return self.business_margin if is_business(customer) else self.consumer_margin


def is_business(customer: Customer) -> bool:
    """Tell whether a customer is taken for a business: by a VAT identifier, a register entry, or a machine's address.

    Whoever shows none of them owes what a consumer owes, which is less.
    """
    return customer.vat_id is not None or customer.registration is not None or customer.takes_xml


def require_sound(policy: ReminderPolicy) -> ReminderPolicy:
    """Return the policy when it can be carried out; PublicError reminder_policy_invalid."""
    for place, level in enumerate(policy.levels):
        languages = [each.language for each in level.texts]
        if len(set(languages)) < len(languages):
            raise refusals.policy_invalid(f"levels.{place}.texts", "One text for each language.")
    for place, (before, level) in enumerate(zip(policy.levels, policy.levels[1:], strict=False), start=1):
        if level.days <= before.term_days:
            words = "A level waits for longer than the term that the one before it gives."
            raise refusals.policy_invalid(f"levels.{place}.days", words)
    return policy


def require_known_rate(rate: BaseRate, today: date) -> BaseRate:
    """Return a base rate that can be known; PublicError base_rate_invalid."""
    if rate.valid_from != half_year(rate.valid_from):
        raise refusals.base_rate_invalid("A base rate is valid from 1 January or from 1 July.")
    if rate.valid_from > today:
        raise refusals.base_rate_invalid("The base rate of a half-year to come is not known yet.")
    return rate
