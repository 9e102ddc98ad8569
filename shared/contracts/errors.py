"""The errors that cross the bus: a public code, one sentence, details that are safe to show.

Nothing else leaves a service: what is not a `PublicError` becomes `internal_error` with an incident id.
This module imports no framework, so the domain may raise these.
"""

from enum import StrEnum


class ErrorCode(StrEnum):
    """Every code a caller can meet. Codes are never renamed; docs/errors.md explains each."""

    # Access
    TOKEN_MISSING = "token_missing"
    TOKEN_INVALID = "token_invalid"
    TOKEN_EXPIRED = "token_expired"
    TOKEN_REVOKED = "token_revoked"
    REFRESH_INVALID = "refresh_invalid"  # unknown, spent, or of a session that is over
    SESSION_UNKNOWN = "session_unknown"  # somebody else's looks the same
    PERMISSION_DENIED = "permission_denied"
    CREDENTIALS_REFUSED = "credentials_refused"  # unknown user and wrong password look the same
    TOO_MANY_ATTEMPTS = "too_many_attempts"  # known accounts and unknown ones look the same
    CODE_REFUSED = "code_refused"
    CODE_REUSED = "code_reused"
    CHALLENGE_INVALID = "challenge_invalid"  # unknown, expired, used or exhausted
    INVITATION_INVALID = "invitation_invalid"
    ENROLMENT_INVALID = "enrolment_invalid"
    OFFER_INVALID = "offer_invalid"
    FACTOR_UNKNOWN = "factor_unknown"
    FACTOR_LAST = "factor_last"
    USER_DISABLED = "user_disabled"
    USER_NOT_DISABLED = "user_not_disabled"
    PASSWORD_UNSUITABLE = "password_unsuitable"
    USER_EXISTS = "user_exists"
    USER_UNKNOWN = "user_unknown"
    ROLE_UNKNOWN = "role_unknown"
    ROLE_NAME_TAKEN = "role_name_taken"
    TOO_MANY_ROLES = "too_many_roles"
    TOO_MANY_PEOPLE = "too_many_people"
    GRANT_NOT_GIVABLE = "grant_not_givable"
    APPROVAL_NEEDED = "approval_needed"
    ACCOUNT_NOT_ACTIVE = "account_not_active"
    ALREADY_OWNER = "already_owner"
    LAST_OWNER = "last_owner"
    ASSERTION_INVALID = "assertion_invalid"
    STEP_UP_NEEDED = "step_up_needed"
    STEP_UP_INVALID = "step_up_invalid"
    # Requests
    MALFORMED_REQUEST = "malformed_request"
    IDEMPOTENCY_KEY_MISSING = "idempotency_key_missing"
    IDEMPOTENCY_CONFLICT = "idempotency_conflict"
    CONCURRENT_CHANGE = "concurrent_change"
    READ_MODEL_BEHIND = "read_model_behind"
    # Invoices
    INVOICE_UNKNOWN = "invoice_unknown"
    CUSTOMER_UNKNOWN = "customer_unknown"
    ITEM_UNKNOWN = "item_unknown"
    ITEM_RETIRED = "item_retired"
    ITEM_INVALID = "item_invalid"
    SELLER_MISSING = "seller_missing"
    INVOICE_ALREADY_ISSUED = "invoice_already_issued"
    INVOICE_NOT_ISSUED = "invoice_not_issued"
    INVOICE_DISCARDED = "invoice_discarded"
    NOT_CREDITABLE = "not_creditable"
    CREDIT_EXCEEDS_INVOICE = "credit_exceeds_invoice"
    INVOICE_EMPTY = "invoice_empty"
    LINE_INVALID = "line_invalid"
    DOCUMENT_INVALID = "document_invalid"
    DOCUMENT_BREAKS_RULE = "document_breaks_rule"
    ISSUE_DATE_INVALID = "issue_date_invalid"
    SERIES_UNKNOWN = "series_unknown"
    SERIES_INVALID = "series_invalid"
    SERIES_COLLIDES = "series_collides"
    SERIES_IN_USE = "series_in_use"
    DOCUMENT_PENDING = "document_pending"  # issued, and not drawn yet
    DOCUMENT_UNKNOWN = "document_unknown"
    FILE_REFUSED = "file_refused"  # its bytes are not what it is said to be
    ATTACHMENT_UNKNOWN = "attachment_unknown"
    EXPORT_INVALID = "export_invalid"  # made up, expired, or another session's
    # Payments
    PAYMENT_UNKNOWN = "payment_unknown"
    PAYMENT_REVERSED = "payment_reversed"
    PAYMENT_SPENT = "payment_spent"
    NOT_REFUNDABLE = "not_refundable"
    CREDIT_NOTE_SPENT = "credit_note_spent"
    PAYER_DIFFERS = "payer_differs"
    CURRENCY_DIFFERS = "currency_differs"
    NOTHING_OWED = "nothing_owed"
    MORE_THAN_OWED = "more_than_owed"
    ALLOCATION_UNKNOWN = "allocation_unknown"
    BANK_LINE_DIFFERS = "bank_line_differs"
    VALUE_DATE_INVALID = "value_date_invalid"
    NOTHING_WRITTEN_OFF = "nothing_written_off"
    CLAIM_UNKNOWN = "claim_unknown"
    REMINDERS_NOT_CONFIGURED = "reminders_not_configured"
    REMINDER_POLICY_INVALID = "reminder_policy_invalid"
    REMINDER_NOT_DUE = "reminder_not_due"
    REMINDERS_EXHAUSTED = "reminders_exhausted"
    REMINDERS_HELD = "reminders_held"
    REMINDERS_NOT_HELD = "reminders_not_held"
    REMINDER_UNKNOWN = "reminder_unknown"
    BASE_RATE_INVALID = "base_rate_invalid"
    BASE_RATE_MISSING = "base_rate_missing"
    PLAN_UNKNOWN = "plan_unknown"
    PLAN_NOT_RUNNING = "plan_not_running"
    PLAN_NOT_PAUSED = "plan_not_paused"
    # Quotes
    QUOTE_UNKNOWN = "quote_unknown"
    QUOTE_CLOSED = "quote_closed"  # accepted or declined
    QUOTE_EXPIRED = "quote_expired"
    QUOTE_DATE_INVALID = "quote_date_invalid"
    QUOTE_NOT_ACCEPTED = "quote_not_accepted"
    QUOTE_INVOICED = "quote_invoiced"
    DEPOSIT_UNSETTLED = "deposit_unsettled"
    DEPOSIT_EXCEEDS_QUOTE = "deposit_exceeds_quote"
    # The log
    POSITION_UNKNOWN = "position_unknown"
    TREE_SIZE_UNKNOWN = "tree_size_unknown"
    TILE_UNKNOWN = "tile_unknown"
    LOG_INCONSISTENT = "log_inconsistent"
    # Keys and backups
    KEY_SHREDDED = "key_shredded"
    RETENTION_RUNS = "retention_runs"
    SECOND_PERSON_NEEDED = "second_person_needed"
    APPROVAL_UNKNOWN = "approval_unknown"
    APPROVAL_EXPIRED = "approval_expired"
    APPROVAL_DIFFERS = "approval_differs"
    RECIPIENT_INVALID = "recipient_invalid"
    BACKUP_FAILED = "backup_failed"
    # Training
    TRAINING_MODULE_UNKNOWN = "training_module_unknown"
    TRAINING_ATTEMPT_INVALID = "training_attempt_invalid"
    DRILL_UNKNOWN = "drill_unknown"
    DRILL_LINK_INVALID = "drill_link_invalid"
    DRILLS_NOT_SERVED = "drills_not_served"
    # Notices
    NOTICE_UNKNOWN = "notice_unknown"
    # Everything else
    REQUEST_TOO_LARGE = "request_too_large"  # for one message
    ANSWER_TOO_LARGE = "answer_too_large"
    SERVICE_UNAVAILABLE = "service_unavailable"
    INTERNAL_ERROR = "internal_error"


class PublicError(Exception):
    """A refusal that callers may see: nothing in it is secret or personal.

    `details` holds only strings, integers and lists or dicts of them, e.g. the fields that were wrong.
    """

    def __init__(self, code: str, message: str, details: dict[str, object] | None = None) -> None:
        super().__init__(code, message, details or {})
        self.code = ErrorCode(code)
        self.message = message
        self.details = details or {}

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"
