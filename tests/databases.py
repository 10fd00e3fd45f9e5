"""Databases to test with: SQLite, and a throw-away cluster of PostgreSQL, reached over a socket in a temporary folder.

Each test gets a database of its own. Where PostgreSQL is not installed, the tests that ask for it are skipped.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest


def programs() -> Path | None:
    """The folder of the newest PostgreSQL programs, where Debian or the PATH has them."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"), key=lambda path: int(path.parts[-3]))
    found = str(debian[-1]) if debian else shutil.which("pg_ctl")
    return Path(found).parent if found else None


def ordinary_user() -> str | None:
    """Whom to run PostgreSQL as: it refuses to run as root. None: as ourselves."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    user = next((name for name in ("postgres", "nobody") if name in names), None)
    if user is None:
        pytest.skip("PostgreSQL refuses to run as root, and there is no other user to run it as")
    return user


@pytest.fixture(scope="session")
def cluster() -> Iterator[str]:
    """The URL of a running PostgreSQL, up to the name of the database."""
    bin = programs()
    if bin is None:
        pytest.skip("PostgreSQL is not installed (Debian: apt-get install postgresql)")
    user = ordinary_user()
    home = Path(tempfile.mkdtemp(prefix="jb-pg-"))  # a socket's path must be short
    environment = {"PATH": f"{bin}:{os.environ['PATH']}", "LC_ALL": "C.UTF-8", "HOME": str(home)}
    ours: dict[str, Any] = {"cwd": home, "user": user, "check": True, "env": environment}
    try:
        if user is not None:
            shutil.chown(home, user)
        data, log = home / "data", home / "log"
        initdb = ["initdb", "-D", str(data), "-U", "tester", "-A", "trust", "-E", "UTF8", "--no-sync", "--no-locale"]
        subprocess.run([str(bin / initdb[0]), *initdb[1:]], stdout=subprocess.DEVNULL, **ours)
        options = f"-k {home} -c listen_addresses='' -c max_connections=100 -c fsync=off -c shared_buffers=16MB"
        start = ["-D", str(data), "-l", str(log), "-o", options, "-w", "start"]
        subprocess.run([str(bin / "pg_ctl"), *start], stdout=subprocess.DEVNULL, **ours)
        try:
            yield f"postgresql+psycopg://tester@/{{}}?host={home}"
        finally:
            stop = ["-D", str(data), "-m", "immediate", "-w", "stop"]
            subprocess.run([str(bin / "pg_ctl"), *stop], stdout=subprocess.DEVNULL, **ours)
    finally:
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def postgres_url(cluster: str) -> Iterator[str]:
    """The URL of an empty PostgreSQL database."""
    import psycopg

    name = f"test_{uuid.uuid4().hex[:12]}"
    admin = cluster.format("postgres").replace("+psycopg", "")
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        yield cluster.format(name)
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where an empty store can be made: a path, then a PostgreSQL URL."""
    if request.param == "sqlite":
        return str(tmp_path / "store.db")
    url: str = request.getfixturevalue("postgres_url")
    return url
