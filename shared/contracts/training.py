"""Requests and replies of auth about training."""

from marshmallow import Schema, fields, validate

from shared.contracts.fields import moment_field, name_field, uuid_field

_MODULE = validate.Regexp(r"\A[a-z][a-z0-9_]{0,49}\Z", error="Not the name of a module.")
_LANGUAGE = validate.Regexp(r"\A[a-z]{2}\Z", error="Not an ISO 639-1 code.")
QUESTIONS = 5
OPTIONS = 4


def _module_field() -> fields.String:
    return fields.String(required=True, validate=_MODULE, metadata={"examples": ["phishing"]})


def _language_field() -> fields.String:
    return fields.String(load_default="en", validate=_LANGUAGE, metadata={"examples": ["en"]})


def _days(least: int, most: int) -> fields.Integer:
    return fields.Integer(required=True, strict=True, validate=validate.Range(min=least, max=most))


class ListTrainingRequest(Schema):
    """In which language to name the modules."""

    language = _language_field()


class ModuleTitle(Schema):
    """A module by name and title."""

    module = fields.String(required=True)
    title = fields.String(required=True)
    minutes = fields.Integer(required=True)
    asked_for = fields.Boolean(required=True, metadata={"description": "whether the business asks everybody for it"})


class ListTrainingReply(Schema):
    """All modules."""

    modules = fields.List(fields.Nested(ModuleTitle), required=True)


class ReadTrainingRequest(Schema):
    """Which lesson to read; a language that it does not exist in gives English."""

    module = _module_field()
    language = _language_field()


class ReadTrainingReply(Schema):
    """A lesson."""

    module = fields.String(required=True)
    version = fields.String(required=True, metadata={"description": "hex SHA-256 of the module's file"})
    language = fields.String(required=True)
    title = fields.String(required=True)
    minutes = fields.Integer(required=True)
    lesson = fields.String(required=True)


class BeginTrainingRequest(ReadTrainingRequest):
    """Which module to be asked about."""


class AskedQuestion(Schema):
    """A question and its options, in the order to show them."""

    question = fields.String(required=True)
    options = fields.List(fields.String(), required=True)


class BeginTrainingReply(Schema):
    """An attempt of one hour."""

    attempt = uuid_field()
    questions = fields.List(fields.Nested(AskedQuestion), required=True)
    expires_at = moment_field()


class AnswerTrainingRequest(Schema):
    """For each question the place of the chosen option, from 0."""

    attempt = uuid_field()
    answers = fields.List(
        fields.Integer(strict=True, validate=validate.Range(min=0, max=OPTIONS - 1)),
        required=True,
        validate=validate.Length(equal=QUESTIONS),
    )


class GradedAnswer(Schema):
    """What became of an answer, and what there is to learn."""

    question = fields.String(required=True)
    right = fields.Boolean(required=True)
    why = fields.String(required=True)


class AnswerTrainingReply(Schema):
    """The result; `expires_at` when it was enough."""

    passed = fields.Boolean(required=True)
    score = fields.Integer(required=True)
    asked = fields.Integer(required=True)
    expires_at = fields.String(required=True, allow_none=True)
    answers = fields.List(fields.Nested(GradedAnswer), required=True)


class ModuleState(Schema):
    """Where somebody stands with a module: current, due, overdue or lapsed."""

    module = fields.String(required=True)
    state = fields.String(required=True)
    due_at = moment_field()
    grace_ends_at = moment_field()


class TrainingStateReply(Schema):
    """Where somebody stands; the state is the most urgent of a module."""

    state = fields.String(required=True)
    modules = fields.List(fields.Nested(ModuleState), required=True)
    stands_until = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "until when all permissions stand; null: the business asks for no training"},
    )
    waived_until = fields.String(required=True, allow_none=True)


class MemberTraining(TrainingStateReply):
    """Where one person of the business stands."""

    user_id = uuid_field()
    name = fields.String(required=True)


class TeamTrainingReply(Schema):
    """Everybody who is active."""

    members = fields.List(fields.Nested(MemberTraining), required=True)


class TrainingPolicySchema(Schema):
    """What the business asks for."""

    modules = fields.List(
        fields.String(validate=_MODULE),
        required=True,
        validate=validate.Length(max=20),
        metadata={"description": "everybody does these; empty: no training is asked for"},
    )
    first_due_days = _days(1, 365)
    valid_days = _days(30, 1095)
    grace_days = _days(0, 60)
    remind_days = fields.List(
        fields.Integer(strict=True, validate=validate.Range(min=1, max=90)),
        required=True,
        validate=validate.Length(max=5),
    )
    pass_percent = fields.Integer(required=True, strict=True, validate=validate.Range(min=50, max=100))


class TrainingRecordedReply(Schema):
    """Where the decision stands in auth's log."""

    position = fields.Integer(required=True)


class WaiveTrainingRequest(Schema):
    """Whom to let work, for how many days, and why."""

    user_id = uuid_field()
    reason = name_field()
    days = _days(1, 7)
