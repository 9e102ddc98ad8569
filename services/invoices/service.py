"""invoices over the bus: entrypoints only, by topic, each handing a command to its handler."""

from services.invoices.dependencies import App
from services.invoices.entrypoints.attachments import AttachmentEntrypoints
from services.invoices.entrypoints.customers import CustomerEntrypoints
from services.invoices.entrypoints.documents import DocumentEntrypoints
from services.invoices.entrypoints.exporting import ExportEntrypoints
from services.invoices.entrypoints.importing import ImportEntrypoints
from services.invoices.entrypoints.invoices import InvoiceEntrypoints
from services.invoices.entrypoints.items import ItemEntrypoints
from services.invoices.entrypoints.life import LifeEntrypoints
from services.invoices.entrypoints.lists import ListEntrypoints
from services.invoices.entrypoints.numbering import NumberingEntrypoints
from services.invoices.entrypoints.payments import PaymentEntrypoints
from services.invoices.entrypoints.plans import PlanEntrypoints
from services.invoices.entrypoints.quotes import QuoteEntrypoints
from services.invoices.entrypoints.receivables import ReceivableEntrypoints
from services.invoices.entrypoints.reminders import ReminderEntrypoints
from services.invoices.entrypoints.reports import ReportEntrypoints
from services.invoices.entrypoints.sellers import SellerEntrypoints
from services.invoices.entrypoints.shredding import ShreddingEntrypoints
from services.invoices.entrypoints.totals import TotalsEntrypoints
from shared.messaging.log_endpoints import LogEndpoints


class InvoicesService(
    SellerEntrypoints,
    AttachmentEntrypoints,
    CustomerEntrypoints,
    ItemEntrypoints,
    InvoiceEntrypoints,
    LifeEntrypoints,
    ListEntrypoints,
    ReportEntrypoints,
    ImportEntrypoints,
    ExportEntrypoints,
    DocumentEntrypoints,
    TotalsEntrypoints,
    PaymentEntrypoints,
    ReceivableEntrypoints,
    ReminderEntrypoints,
    NumberingEntrypoints,
    PlanEntrypoints,
    QuoteEntrypoints,
    ShreddingEntrypoints,
    LogEndpoints,
):
    """Sellers, customers, items, quotes, invoices, credit notes, their documents, and payments."""

    name = "invoices"
    app = App()
