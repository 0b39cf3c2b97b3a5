"""What is sent and what is shown about people and sign-ins. A phone number goes in whole and comes out masked."""

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, post_load, validates_schema
from marshmallow.validate import Length

from incident_service.accounts import passwords, phones
from incident_service.accounts.roles import Grant, Role, is_area_code
from incident_service.foundation.http import Schema, Text
from incident_service.foundation.words import Words, both

NOT_AN_AREA = both("不是有效的区域编码", "Not an area code")
PASSWORD_OR_CODE = both("请提供密码或验证码，二者取一", "Send either a password or a code")
CODE_MISSING = both("更换手机号需要发送到新号码的验证码", "A new phone number needs the code that was sent to it")


class Phone(Text):
    """A telephone number as people write it; becomes E.164."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        number = phones.normalise(super()._deserialize(value, attr, data, **kwargs))
        if number is None:
            raise ValidationError([phones.NOT_A_NUMBER])
        return number


def _is_an_area(code: str) -> None:
    if not is_area_code(code):
        raise ValidationError([NOT_AN_AREA])


def _phone(**options: Any) -> Phone:
    return Phone(metadata={"example": "13900000001", "maxLength": phones.CHARACTERS_MAX}, **options)


def _name(**options: Any) -> Text:
    return Text(validate=Length(1, 64), **options)


def _new_password(**options: Any) -> Text:
    return Text(validate=Length(passwords.CHARACTERS_MIN, passwords.CHARACTERS_MAX), **options)


def _given_password(**options: Any) -> Text:
    return Text(validate=Length(1, passwords.CHARACTERS_MAX), **options)


def _code(**options: Any) -> Text:
    return Text(validate=Length(1, 16), **options)


class LoginCodeInput(Schema):
    """Where to send a one-time code (验证码)."""
    phone = _phone(required=True)


class LoginCodeOutput(Schema):
    """How long a code is good once it was sent, in seconds."""
    expires_in = fields.Integer(required=True)


class TokenInput(Schema):
    """Who signs in, and either their password or the code that was sent to them."""
    phone = _phone(required=True)
    password = _given_password()
    code = _code()

    @validates_schema
    def _one_of_two(self, data: dict[str, Any], **_: Any) -> None:
        if ("password" in data) == ("code" in data):
            raise ValidationError([PASSWORD_OR_CODE])


class RefreshInput(Schema):
    """The refresh token of the pair that is to be replaced."""
    refresh_token = Text(required=True, validate=Length(1, 200))


class RoleInput(Schema):
    """A role to be held within an area: grid managers within a street, community or grid; officers, of a kind, within
    a beat, a fire area or a wider area."""
    role = fields.Enum(Role, by_value=True, required=True)
    kind = Text(load_default=None, allow_none=True, metadata={"pattern": "^[a-z_]{1,32}$"})
    area = Text(required=True, validate=_is_an_area, metadata={"example": "360102001"})

    @post_load
    def _grant(self, data: dict[str, Any], **_: Any) -> Grant:
        return Grant(data["role"], data["area"], data["kind"] or None)


class RoleOutput(Schema):
    """A role and the area within which it is held."""
    role = fields.Enum(Role, by_value=True, required=True)
    kind = fields.String(required=True, allow_none=True, attribute="grant.kind")
    area = fields.String(required=True, attribute="area_code")


class MeOutput(Schema):
    """An account as its owner sees it."""
    id = fields.UUID(required=True)
    name = fields.String(required=True)
    phone = fields.String(required=True, allow_none=True, attribute="masked_phone")
    roles = fields.List(fields.Nested(RoleOutput), required=True)
    areas = fields.List(fields.String(), required=True)


class TokenOutput(Schema):
    """A token pair, how long the access token is good (seconds), and whose it is."""
    access_token = fields.String(required=True)
    refresh_token = fields.String(required=True)
    expires_in = fields.Integer(required=True)
    account = fields.Nested(MeOutput, required=True)


class MeInput(Schema):
    """What people change about themselves. A new phone needs the code that was sent to it and, unless one signed in
    within the last ten minutes, the password."""
    name = _name()
    phone = _phone()
    code = _code()
    current_password = _given_password()

    @validates_schema
    def _phone_is_proven(self, data: dict[str, Any], **_: Any) -> None:
        if ("phone" in data) != ("code" in data):
            missing: dict[str, list[Words]] = {"code" if "phone" in data else "phone": [CODE_MISSING]}
            raise ValidationError(missing)


class PasswordInput(Schema):
    """The password as it is, and as it shall be. The first may be left out right after signing in with a code."""
    current_password = _given_password()
    new_password = _new_password(required=True)


class PersonInput(Schema):
    """Somebody new. Without a password they first sign in by a code; with one they must first set their own."""
    phone = _phone(required=True)
    name = _name(required=True)
    password = _new_password()
    roles = fields.List(fields.Nested(RoleInput), required=True, validate=Length(1, 50))


class PersonChange(Schema):
    """What is to be changed about somebody; `roles` are all they shall hold within the administrator's areas."""
    name = _name()
    roles = fields.List(fields.Nested(RoleInput), validate=Length(max=50))


class PersonOutput(MeOutput):
    """Somebody as an administrator sees them, with the roles they hold within the administrator's areas."""
    is_active = fields.Boolean(required=True)
    created_at = fields.AwareDateTime(required=True)
