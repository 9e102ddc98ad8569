"""The named permissions. Every endpoint declares one; whoever does not hold it is refused."""

from enum import StrEnum


class Permission(StrEnum):
    """`<what>:<doing what>`; tokens carry these strings."""

    TENANT_CREATE = "tenant:create"
    TENANT_CONFIGURE = "tenant:configure"
    USER_INVITE = "user:invite"
    SESSION_REVOKE = "session:revoke"
    REVOCATION_READ = "revocation:read"
    USER_READ = "user:read"
    ROLE_DEFINE = "role:define"
    ROLE_ASSIGN = "role:assign"
    DECISION_RECORD = "decision:record"
    CUSTOMER_WRITE = "customer:write"
    SHREDDING_REQUEST = "shredding:request"
    SHREDDING_APPROVE = "shredding:approve"
    INVOICE_DRAFT = "invoice:draft"
    INVOICE_ISSUE = "invoice:issue"
    INVOICE_READ = "invoice:read"
    DOCUMENT_READ = "document:read"
    DELIVERY_READ = "delivery:read"
    NOTICE_READ = "notice:read"
    TRAINING_READ = "training:read"
    TRAINING_MANAGE = "training:manage"
    LOG_READ = "log:read"
    LOG_EXPORT = "log:export"
    LOG_WITNESS = "log:witness"
    BACKUP_RUN = "backup:run"
    BACKUP_READ = "backup:read"
    OPERATIONS_READ = "operations:read"
