"""Telephone numbers: one way to write them down, and how they are shown to others."""

import phonenumbers

from incident_service.foundation.words import both

REGION = "CN"
CHARACTERS_MAX = 40
DIGITS_TO_SHOW_SEVEN_MIN = 10
NOT_A_NUMBER = both("不是有效的电话号码", "Not a valid telephone number")


def normalise(phone: str) -> str | None:
    """The number in E.164, such as `+8613900000001`; one without a country code is Chinese. None when it is none."""
    if len(phone) > CHARACTERS_MAX:
        return None
    try:
        number = phonenumbers.parse(phone, REGION)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def mask(phone: str | None) -> str | None:
    """The number as others may see it: `139****0001`; of a short one only the last two digits."""
    if phone is None:
        return None
    digits = phone.removeprefix("+86").removeprefix("+")
    if len(digits) < DIGITS_TO_SHOW_SEVEN_MIN:
        return f"****{digits[-2:]}"
    return f"{digits[:3]}****{digits[-4:]}"
