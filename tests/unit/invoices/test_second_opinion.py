"""The service and the auditor compute the amounts of a document each with code of its own: they agree on everything."""

from hypothesis import given

from cli.audit.amounts import totals
from services.invoices.codec import written
from services.invoices.domain.document.calculation import calculate
from services.invoices.domain.document.content import Content
from tests.unit.invoices.contents import contents


@given(contents())
def test_the_auditor_computes_what_the_service_computed(drawn: Content) -> None:
    assert totals(written(drawn)) == written(calculate(drawn))
