"""Tables of people, of the roles they hold, and of what lets them in."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from incident_service.accounts.phones import mask
from incident_service.accounts.roles import AREA_CODE_CHARACTERS_MAX, Grant, Role, reaches
from incident_service.foundation import clock
from incident_service.foundation.database import Id, Model

DIGEST_CHARACTERS = 64


class RoleHeld(Model):
    """A role somebody holds within an area. `kind` is empty for roles that have no kinds."""

    __tablename__ = "role_held"
    __table_args__ = (
        UniqueConstraint("account_id", "role", "kind", "area_code"),
        Index("ix_role_held_area_code_role", "area_code", "role"),
    )

    id: Mapped[Id]
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    role: Mapped[Role]
    kind: Mapped[str] = mapped_column(String(32), default="")
    area_code: Mapped[str] = mapped_column(String(AREA_CODE_CHARACTERS_MAX))

    @property
    def grant(self) -> Grant:
        """The same as plain words."""
        return Grant(self.role, self.area_code, self.kind or None)


class Account(Model):
    """A person: a resident, or somebody who works for the city. The phone is E.164, None once it was taken away.

    `let_in_by_id` is the administrator who gave the password they came in with: until they have proved by a code sent
    to their phone that it is they, what is done by this account may have been done by that hand.
    """

    __tablename__ = "account"
    __table_args__ = (Index("ix_account_created_at_id", "created_at", "id"),)

    id: Mapped[Id]
    phone: Mapped[str | None] = mapped_column(String(16), unique=True)
    name: Mapped[str] = mapped_column(String(64))
    password_hash: Mapped[str | None] = mapped_column(String(200), default=None)
    is_password_given: Mapped[bool] = mapped_column(default=False, server_default=false())     # good for one thing
    let_in_by_id: Mapped[UUID | None] = mapped_column(default=None)
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    roles: Mapped[list[RoleHeld]] = relationship(
        cascade="all, delete-orphan", passive_deletes=True, order_by=RoleHeld.id)

    @property
    def masked_phone(self) -> str | None:
        """The phone number as others may see it."""
        return mask(self.phone)

    @property
    def hand(self) -> UUID:
        """Whose hand may have done what this account does: its owner's, or theirs who let them in."""
        return self.let_in_by_id or self.id

    @property
    def is_nobody(self) -> bool:
        """Whether it only stands where somebody stood who is not known any more."""
        return self.phone is None and not self.name and not self.is_active

    def holds(self, *roles: Role, reaching: str | None = None) -> bool:
        """Whether the account holds one of the roles, and within an area that reaches `reaching` when that is given."""
        return any(reaching is None or reaches(code, reaching) for code in self.area_codes(*roles))

    def area_codes(self, *roles: Role) -> list[str]:
        """The areas within which the account holds one of `roles` (any role when none is named), sorted."""
        return sorted({held.area_code for held in self.roles if not roles or held.role in roles})

    @property
    def areas(self) -> list[str]:
        """Every area within which the account holds a role, sorted."""
        return self.area_codes()

    def grant(self, grants: Iterable[Grant]) -> None:
        """Give roles; one that is held already is left alone."""
        for each in dict.fromkeys(Grant(*each) for each in grants):
            if each not in (held.grant for held in self.roles):
                self.roles.append(RoleHeld(role=each.role, kind=each.kind or "", area_code=each.area_code))


class SignInMethod(StrEnum):
    """How somebody proved who they are."""

    PASSWORD = "password"                                       # noqa: S105
    CODE = "code"


class SignIn(Model):
    """One sign-in on one device, from the first token pair to the last. Ended, none of its tokens is good any more."""

    __tablename__ = "sign_in"

    id: Mapped[Id]
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    method: Mapped[SignInMethod]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    ended_at: Mapped[datetime | None] = mapped_column(default=None)


class AccessToken(Model):
    """What a phone shows with every call; only its SHA-256 is kept."""

    __tablename__ = "access_token"

    digest: Mapped[str] = mapped_column(String(DIGEST_CHARACTERS), primary_key=True)
    sign_in_id: Mapped[UUID] = mapped_column(ForeignKey("sign_in.id", ondelete="CASCADE"), index=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)


class RefreshToken(Model):
    """What a phone exchanges for the next pair; only its SHA-256 is kept. `parent` is the one it was given for."""

    __tablename__ = "refresh_token"

    digest: Mapped[str] = mapped_column(String(DIGEST_CHARACTERS), primary_key=True)
    sign_in_id: Mapped[UUID] = mapped_column(ForeignKey("sign_in.id", ondelete="CASCADE"), index=True)
    parent: Mapped[str | None] = mapped_column(String(DIGEST_CHARACTERS), default=None)
    expires_at: Mapped[datetime] = mapped_column(index=True)
    spent_at: Mapped[datetime | None] = mapped_column(default=None)


class LoginCode(Model):
    """A one-time code: first asked for, then made and sent. The number itself is kept only until the code is sent."""

    __tablename__ = "login_code"
    __table_args__ = (Index("ix_login_code_phone_digest_created_at", "phone_digest", "created_at"),)

    id: Mapped[Id]
    phone_digest: Mapped[str] = mapped_column(String(DIGEST_CHARACTERS))
    phone: Mapped[str | None] = mapped_column(String(16))
    created_at: Mapped[datetime] = mapped_column(default=clock.now, index=True)
    code_hash: Mapped[str | None] = mapped_column(String(DIGEST_CHARACTERS), default=None)
    expires_at: Mapped[datetime | None] = mapped_column(default=None)
    tries: Mapped[int] = mapped_column(default=0)
