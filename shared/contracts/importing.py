"""Documents in batches: many in one call, each with an outcome of its own."""

from collections.abc import Mapping

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from shared.contracts.content import ContentSchema, LineSchema
from shared.contracts.customers import RegisterCustomerRequest
from shared.contracts.fields import date_field, text_field, uuid_field

MOST_DOCUMENTS = 100
"""In one batch."""
ISSUED, ACCEPTABLE, REFUSED = "issued", "acceptable", "refused"


class EarlierSchema(Schema):
    """An earlier document (BG-3): an imported one by its key alone, one that was never here by its number."""

    needs_one_of = (("key",), ("number",))
    key = text_field(200, required=False)
    """Of a document that was imported before, or stands before this one in the batch: the two are linked, and a credit
    note takes back of the invoice that it names. Its number and date are taken from there."""
    number = text_field(100, required=False)
    issue_date = date_field(required=False)

    @validates_schema
    def _one_way(self, data: Mapping[str, object], **_: object) -> None:
        if "key" not in data and "number" not in data:
            raise ValidationError(
                "Say the `key` under which it is imported, or the `number` of one that never was.", "key"
            )
        if "key" in data and len(data) > 1:
            raise ValidationError("The key alone: number and date follow from it.", "key")


class ImportedLineSchema(LineSchema):
    """An invoice line that says everything itself."""

    class Meta:
        """Left out of what a line of a draft says."""

        exclude = ("item_id",)


class ImportedContentSchema(ContentSchema):
    """What a document says; whom it goes to is said beside it."""

    class Meta:
        """Left out of what a draft says."""

        exclude = ("customer_id",)

    lines = fields.List(fields.Nested(ImportedLineSchema), required=True, validate=validate.Length(min=1, max=1000))
    preceding = fields.List(fields.Nested(EarlierSchema), validate=validate.Length(max=20))


class ImportedCustomerSchema(Schema):
    """A customer, registered with the first document that is issued to them; the same key is the same customer."""

    key = text_field(200)
    particulars = fields.Nested(RegisterCustomerRequest, required=True)


class ImportedDocumentSchema(Schema):
    """A document; whoever sends its key again, in whatever batch, gets what became of it and no second one."""

    key = text_field(200)
    customer = text_field(200)
    """The key of one of the batch's customers."""
    content = fields.Nested(ImportedContentSchema, required=True)


class ImportDocumentsRequest(Schema):
    """A batch. Its elements are judged one by one, so that one that is malformed does not hold up the others."""

    customers = fields.List(
        fields.Dict(keys=fields.String()), required=True, validate=validate.Length(min=1, max=MOST_DOCUMENTS),
        metadata={"description": "each an ImportedCustomerSchema"},
    )  # fmt: skip
    documents = fields.List(
        fields.Dict(keys=fields.String()), required=True, validate=validate.Length(min=1, max=MOST_DOCUMENTS),
        metadata={"description": "each an ImportedDocumentSchema"},
    )  # fmt: skip
    dry_run = fields.Boolean(load_default=False, truthy={True}, falsy={False})
    """Judge everything and record nothing."""
    mail = fields.Boolean(
        load_default=True, truthy={True}, falsy={False},
        metadata={"description": "false: what this call issues is never mailed to anybody, and the log says so;"
                  " what was issued before stays as it was"},
    )  # fmt: skip


class RefusalSchema(Schema):
    """Why a document was not taken: a public error."""

    code = fields.String(required=True)
    message = fields.String(required=True)
    details = fields.Dict(keys=fields.String(), required=True)


class OutcomeSchema(Schema):
    """What became of one document: `issued`, now or before, `acceptable` in a dry run, or `refused`."""

    state = fields.String(required=True, validate=validate.OneOf([ISSUED, ACCEPTABLE, REFUSED]))
    invoice_id = uuid_field(required=False)
    number = fields.String()
    position = fields.Integer(metadata={"description": "of the event that issued it: `prove` gives its proof"})
    mailed = fields.Boolean(
        metadata={"description": "whether it goes to its customer by mail, once; or went, or would in a dry run"}
    )
    refusal = fields.Nested(RefusalSchema)


class ImportDocumentsReply(Schema):
    """One outcome for each document, in their order."""

    outcomes = fields.List(fields.Nested(OutcomeSchema), required=True)
