"""Which shape the database has, which one this release needs, and how an older one becomes that."""

import flask_migrate
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from flask import current_app
from sqlalchemy import Connection

from incident_service.foundation.database import db
from incident_service.foundation.words import both
from incident_service.operations.backup.refusals import Refused


def revision_of(connection: Connection) -> str | None:
    """The schema revision of a database; None when it was never migrated."""
    return MigrationContext.configure(connection).get_current_revision()


def newest_revision() -> str:
    """The schema revision this release works with."""
    return _scripts().get_current_head() or ""


def is_known(revision: str) -> bool:
    """Whether this release knows the revision: it is the newest, or an older one."""
    try:
        return _scripts().get_revision(revision) is not None
    except CommandError:
        return False


def check_is_newest(connection: Connection) -> str:
    """The database's revision. Raises Refused when it is not the one this release works with."""
    revision = revision_of(connection)
    if revision is None or revision != newest_revision():
        raise Refused(both("数据库结构版本为 {revision}，本程序需要 {newest}；请先启动一次服务完成升级",
                           "The database has schema {revision}, this release needs {newest}; start the service once",
                           revision=revision or "-", newest=newest_revision()))
    return revision


def bring_up_to_date() -> None:
    """Give the database the newest shape. Raises Refused for one that a newer release has shaped."""
    with db.engine.connect() as connection:
        revision = revision_of(connection)
    if revision is not None and not is_known(revision):
        raise Refused(both("数据库由更新的版本创建（结构版本 {revision}）",
                           "A newer release has shaped this database (schema {revision})", revision=revision))
    if revision != newest_revision():
        flask_migrate.upgrade()


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(current_app.extensions["migrate"].migrate.get_config())
