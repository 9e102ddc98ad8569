"""Requests and replies about files that go with documents: supporting documents (BG-24) and the seller's logo.

A file travels as base64 in the sealed body of a call. Its bytes tell what it is, whatever is said (`file_refused`).
"""

from marshmallow import Schema, fields

from shared.contracts.content import AttachmentSchema, media_type_field
from shared.contracts.fields import base64_field, digest_field, uuid_field
from shared.contracts.log import receipt

MAX_ATTACHMENT = 4 * 1024 * 1024
"""Bytes of one file."""
MAX_LOGO = 1024 * 1024
"""Bytes of a logo."""


class UploadAttachmentRequest(Schema):
    """A file for documents to one customer: a draft then names it by its digest."""

    customer_id = uuid_field()
    media_type = media_type_field()
    content_base64 = base64_field(MAX_ATTACHMENT)


class UploadAttachmentReply(Schema):
    """By which name a draft attaches it."""

    digest = digest_field()
    size = fields.Integer(required=True, metadata={"description": "bytes"})
    position = fields.Integer(required=True)
    receipt = receipt()


class GetAttachmentRequest(Schema):
    """Which of the files that a draft or document names."""

    invoice_id = uuid_field()
    digest = digest_field()


class GetAttachmentReply(AttachmentSchema):
    """The file, under the name that the document gives it."""

    content_base64 = fields.String(required=True)


class SetLogoRequest(Schema):
    """A PNG or JPEG of at most 1 MiB and 16 megapixels, for documents from now on."""

    content_base64 = base64_field(MAX_LOGO)
