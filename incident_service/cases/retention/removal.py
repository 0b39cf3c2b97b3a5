"""Removing one's own account (注销): who it was is forgotten at once; what was reported goes on under the pseudonym.

Points: what is pending settles as it would have, nothing can be bought with it any more, and it expires with the year
it was earned in, as everybody's does. Reports keep their words and places until retention takes them. Whoever is
suspended stays so by the same phone: a keyed hash of its number is kept until the suspension ends, and no longer.
"""

from uuid import UUID

from incident_service import accounts, exports, notifications, points
from incident_service.accounts import Account, NoSuchPerson, Role
from incident_service.cases.reporters.standing import remember
from incident_service.cases.retention.models import Tombstone, What
from incident_service.foundation import clock, idempotency
from incident_service.foundation.database import db, new_id
from incident_service.foundation.problems import Conflict
from incident_service.foundation.transaction import transaction
from incident_service.foundation.words import both


class StillServing(Conflict):
    """Whoever works for the city is let go by an administrator first."""
    slug, title = "account-still-serving", both("工作人员账号须先由管理员停用", "An administrator lets you go first")


def remove_account(*, by: Account) -> None:
    """Forget who somebody is: name, phone, password, roles, sign-ins, notifications, files, stored answers, the name
    they were shown under. That they are who they say was checked before. Cannot be undone. Raises StillServing."""
    with transaction():
        if any(held.role is not Role.RESIDENT for held in accounts.lock(by.id).roles):
            raise StillServing()
        forget(by.id)
        db.session.add(Tombstone(id=new_id(), what=What.ACCOUNT, subject_id=by.id, at=clock.now(),
                                 because="asked for by its owner"))


def forget(id: UUID) -> None:
    """Forget who somebody is, in the open transaction; nothing, where there is no such account. Safe to repeat."""
    try:
        account = accounts.lock(id)
    except NoSuchPerson:
        return
    remember(account)
    points.take_consent_back(by=account)
    exports.forget_of(id)
    notifications.forget_of(id)
    idempotency.forget_answers_to(id)
    accounts.erase(id)
