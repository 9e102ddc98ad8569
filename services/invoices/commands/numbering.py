"""What callers ask about series of numbers."""

from dataclasses import dataclass

from services.invoices.domain.series import Series


@dataclass(frozen=True, slots=True)
class ConfigureSeries:
    """Say how documents are numbered from now on."""

    series: Series
