"""What sellers and customers have in common."""

from marshmallow import Schema

from shared.contracts.fields import country_field, text_field


class AddressSchema(Schema):
    """A postal address (BG-5, BG-8)."""

    line = text_field(200)
    line_2 = text_field(200, required=False)
    line_3 = text_field(200, required=False)
    city = text_field(100)
    post_code = text_field(20)
    subdivision = text_field(100, required=False)
    country_code = country_field()
