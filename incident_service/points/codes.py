"""The one-time code of a redemption: what its owner shows at the counter, as letters or as a QR picture."""

from io import BytesIO
from uuid import UUID

import segno

from incident_service.foundation import keys

LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"             # none that are mistaken for another
CODE_LETTERS = 12


def code_of(redemption_id: UUID) -> str:
    """The code, such as `7K3Q-9XM4-TTRA`: derived from the installation's secret, so nothing has to keep it."""
    number = int(keys.seal("redemption-code", str(redemption_id)), 16)
    letters = "".join(LETTERS[number >> 5 * place & 31] for place in range(CODE_LETTERS))
    return "-".join(letters[start:start + 4] for start in range(0, CODE_LETTERS, 4))


def hash_of(code: str) -> str:
    """What is kept of a code, however it was typed."""
    return keys.seal("redemption-code-hash", code.upper().replace("-", "").replace(" ", ""))


def qr_svg(code: str) -> bytes:
    """The code as a picture that a scanner at the counter reads."""
    picture = BytesIO()
    segno.make_qr(code, error="m").save(picture, kind="svg", scale=6, border=4, nl=False)
    return picture.getvalue()
