"""The main job, step by step. Each step shows something and fails loudly when it is not so."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cli.audit.ledger import Ledger
from cli.importer.importer import Importer
from cli.importer.mapped import MappedDocuments
from cli.importer.mapping import load_mapping
from cli.importer.refused import refused_rows
from cli.importer.rows import rows_of
from deploy.demo import readback, screen
from deploy.demo.auditor import AuditorsDesk
from deploy.demo.expected import Expected, expect
from deploy.demo.people import Operator, Person
from deploy.demo.restored import restore_and_compare
from deploy.demo.stack import DemoStack
from shared.contracts.errors import ErrorCode, PublicError
from shared.eventstore.verification import Verification
from shared.messaging.client import RpcClient

SELLER: dict[str, object] = {
    "name": "Kerbholz Handels GmbH",
    "vat_id": "DE123456788",
    "address": {"line": "Speicherstraße 4", "city": "Hamburg", "post_code": "20457", "country_code": "DE"},
    "email": "rechnung@kerbholz.example",
    "iban": "DE89370400440532013000",
}
_MAIL_SECONDS = 120
_SETTLE_SECONDS = 10


@dataclass(frozen=True)
class Job:
    """What the demo is run on."""

    data: Path
    mapping_file: Path
    limit: int | None


class StepFailed(Exception):
    """Something that was to be shown is not so; the message says what."""


class Scenario:
    """One run over one stack."""

    def __init__(self, stack: DemoStack, client: RpcClient, job: Job) -> None:
        self._stack, self._client, self._job = stack, client, job
        self._operator = Operator(client, stack.operator_key)
        self._expected: Expected = expect(job.data, job.mapping_file, job.limit)
        self._owner: Person
        self._tenant = ""

    def run(self) -> dict[str, object]:
        """Run every step and return the report, without `ok` and `seconds`."""
        self._found_business()
        self._log_in()
        self._import()
        self._await_mails()
        backup_id, restore_equal = self._back_up_and_restore()
        desk, verification, ledger = self._audit()
        tampered_at = self._tamper(desk)
        return self._figures(
            verification,
            ledger,
            {"backup_id": backup_id, "restore_equal": restore_equal, "tamper_detected_at": tampered_at},
        )

    def _found_business(self) -> None:
        screen.step(1, "A business and its owner")
        founded = self._operator.create_tenant("Kerbholz Handels GmbH", "Hanna Kerbholz", "hanna@kerbholz.example")
        self._tenant = str(founded["tenant"])
        self._owner = Person(self._client, self._tenant, "hanna@kerbholz.example")
        self._owner.enrol(str(founded["invitation"]))
        screen.done(f"tenant {self._tenant} was created by the operator")
        screen.done("its owner enrolled: password, TOTP secret, first code")

    def _log_in(self) -> None:
        screen.step(2, "Logging in: password, then a code")
        with screen.refusal_expected(ErrorCode.CREDENTIALS_REFUSED):
            self._owner.begin_login(password="not the password of Hanna")  # noqa: S106 - a wrong one on purpose
        screen.done("a wrong password is refused")
        begun = self._owner.begin_login()
        if "token" in begun:
            raise StepFailed("the password alone gave a token")
        with screen.refusal_expected(ErrorCode.TOKEN_INVALID):
            self._client.call("invoices", "list_invoices", {}, token=str(begun["challenge"]))
        screen.done("the password alone gives a challenge, and the challenge opens nothing")
        code = self._owner.fresh_code()
        self._owner.complete_login(begun["challenge"], code)
        screen.done("password and code give a token")
        again = self._owner.begin_login()["challenge"]
        with screen.refusal_expected(ErrorCode.CODE_REUSED):
            self._owner.complete_login(again, code)
        screen.done("the same code does not work twice")

    def _import(self) -> None:
        screen.step(3, f"Importing {self._job.data.name}")
        self._owner.command("invoices", "configure_seller", SELLER)
        mapping = load_mapping(self._job.mapping_file)
        rows = rows_of(self._job.data, mapping.columns_used)
        # As with --partial and --customers-as-first: every row that can be issued is, whatever stands around it.
        documents = MappedDocuments(rows, mapping, self._job.limit, partial=True)

        def invoices(method: str, request: Mapping[str, object], idempotency_key: str) -> Mapping[str, object]:
            return self._owner.call("invoices", method, dict(request), idempotency_key)

        with refused_rows(self._stack.refused_file) as refused, screen.Bar("documents", len(documents)) as bar:
            importer = Importer(invoices, refused, customers_as_first=True)
            importer.run(documents, bar.advance)
        issued = self._counts()
        expected = {"invoices": len(self._expected.invoices), "credit notes": len(self._expected.credit_notes)}
        if issued != expected:
            raise StepFailed(f"the log holds {issued}, the CSV says {expected}")
        screen.done(f"issued {issued['invoices']} invoices and {issued['credit notes']} credit notes")
        screen.done(f"{importer.partly} of them without rows that were refused")
        screen.done(f"refused {len(refused)} of {self._expected.rows} rows: {self._stack.refused_file}")

    def _await_mails(self) -> None:
        screen.step(4, "Each one goes out once, as a PDF by e-mail")
        wanted = sum(self._counts().values())
        deadline = time.monotonic() + _MAIL_SECONDS + wanted
        with screen.Bar("mails", wanted) as bar:
            while (arrived := len(readback.message_ids(self._stack.maildir))) < wanted:
                bar.reach(arrived)
                if time.monotonic() > deadline:
                    raise StepFailed(f"only {arrived} of {wanted} mails arrived: {self._deliveries()}")
                time.sleep(0.5)
            bar.reach(arrived)
        self._await_settled(wanted)
        ids = readback.message_ids(self._stack.maildir)
        if len(ids) != wanted or len(set(ids)) != wanted:
            raise StepFailed(
                f"{len(ids)} mails with {len(set(ids))} different ids were delivered for {wanted} documents"
            )
        screen.done(f"{wanted} mails in {self._stack.maildir}, each exactly once")

    def _await_settled(self, wanted: int) -> None:
        """Wait until the notifier has written down what the Maildir shows already."""
        deadline = time.monotonic() + _SETTLE_SECONDS
        while (deliveries := self._deliveries())["sent"] != wanted:
            if time.monotonic() > deadline:
                raise StepFailed(f"the notifier does not know that all were sent: {deliveries}")
            time.sleep(0.1)

    def _back_up_and_restore(self) -> tuple[str, bool]:
        screen.step(5, "Backup, and what it is worth")
        taken = self._operator.take_snapshot()
        backup_id = str(taken["backup_id"])
        screen.done(f"snapshot {backup_id}: {taken['objects']} objects in {self._stack.offsite}, encrypted")
        compared = restore_and_compare(self._stack, backup_id, self._operator.backup_signer())
        if not compared.equal:
            raise StepFailed(f"restored read models differ from the live ones: {compared.differing}")
        screen.done(f"restored into empty databases, replayed: {compared.rows} rows of read models are equal")
        return backup_id, compared.equal

    def _audit(self) -> tuple[AuditorsDesk, Verification, Ledger]:
        screen.step(6, "An auditor replays the log")
        auditor = self._owner.invite("auditor", "Anselm Prüfer", "pruefer@kanzlei.example")
        auditor.log_in()
        desk = AuditorsDesk.set_up(self._stack.directory / "audit", auditor)
        verification, ledger = desk.take_home_and_verify()
        if not verification.ok or verification.opened != verification.events:
            raise StepFailed(f"the log does not verify: {verification.faults[:3]}")
        root = verification.signed.checkpoint.root.hex()
        screen.done(f"{verification.events} events, all opened; root {root[:16]}… equals the signed checkpoint")
        if ledger.net_by_customer != dict(self._expected.net_by_customer):
            raise StepFailed("the totals per customer are not those of the CSV")
        screen.done(f"totals of {len(ledger.net_by_customer)} customers equal the CSV's: {ledger.sum_net} net in all")
        documents, found = desk.compare_with_services()
        if found.count or documents != sum(self._counts().values()):
            raise StepFailed(f"the services do not show what the log says: {found.kept[:3]}")
        screen.done(f"all {documents} documents and every customer's totals are shown as the log says")
        return desk, verification, ledger

    def _tamper(self, desk: AuditorsDesk) -> int:
        position, found = desk.verify_tampered_copy()
        named = {fault.position for fault in found.faults if fault.position is not None}
        if named != {position}:
            raise StepFailed(f"one byte was changed at position {position}, verification named {sorted(named)}")
        kinds = ", ".join(dict.fromkeys(fault.kind for fault in found.faults))
        screen.done(f"one byte changed in a copy: verification fails and names position {position} ({kinds})")
        return position

    def _figures(self, verification: Verification, ledger: Ledger, shown: Mapping[str, object]) -> dict[str, object]:
        dsn = self._stack.dsn("invoices")
        events = readback.count_events(dsn, self._tenant)
        refused = readback.count_refused(self._stack.refused_file)
        if refused + self._expected.rows_taken != self._expected.rows:
            raise StepFailed(
                f"{refused} refused and {self._expected.rows_taken} taken do not make {self._expected.rows}"
            )
        return {
            "rows": self._expected.rows,
            "rows_refused": refused,
            "invoices_issued": events["InvoiceIssued"],
            "credit_notes": events["CreditNoteIssued"],
            "emails_delivered": len(readback.message_ids(self._stack.maildir)),
            "events": events.total(),
            "tree_size": readback.tree_size(dsn, self._tenant),
            "root": verification.signed.checkpoint.root.hex(),
            "backup_id": shown["backup_id"],
            "restore_equal": shown["restore_equal"],
            "audit_ok": verification.ok,
            "tamper_detected_at": shown["tamper_detected_at"],
            "sum_net": str(ledger.sum_net),
        }

    def _counts(self) -> dict[str, int]:
        events = readback.count_events(self._stack.dsn("invoices"), self._tenant)
        return {"invoices": events["InvoiceIssued"], "credit notes": events["CreditNoteIssued"]}

    def _deliveries(self) -> dict[str, object]:
        try:
            return self._owner.call("notifier", "deliveries", {})
        except PublicError as error:
            raise StepFailed(f"the notifier does not answer: {error}") from None
