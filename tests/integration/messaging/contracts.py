"""Requests and replies of the services that these tests start."""

from marshmallow import Schema, fields


class Number(Schema):
    number = fields.Integer(required=True)


class Text(Schema):
    text = fields.String(required=True)


class Numbers(Schema):
    first = fields.Integer(required=True)
    second = fields.Integer(required=True)
