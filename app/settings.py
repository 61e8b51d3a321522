"""
What the environment tells the service, each under the prefix `CASEBOOK_`.

Two databases are two environments: a token, a subject or a cut of one is unknown to the other. The service and the owner of
the tables are two roles of one database, and so two URLs; only migrations use the owner's.
"""

from __future__ import annotations

import subprocess
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """The settings of one process; read once at its start."""

    model_config = SettingsConfigDict(env_prefix="CASEBOOK_", env_ignore_empty=True, frozen=True)

    database_url: str = Field(default="sqlite:///var/casebook.db", repr=False, description="The service's, as a SQLAlchemy URL")
    owner_database_url: str = Field(
        default_factory=lambda given: str(given["database_url"]), repr=False, description="The owner's, for migrations alone"
    )
    service_role: str = Field(default="casebook_service", pattern=r"^[a-z_][a-z0-9_]{0,62}$", description="PostgreSQL role")
    token_days: int = Field(default=90, ge=1, description="How long a personal token lasts where nothing else is said")
    log_format: Literal["console", "json"] = "console"
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65535)
    packages: Path = Field(
        default=Path("var/packages"), description="Where exported packages are kept; services over one database share it"
    )
    lease_seconds: int = Field(default=30, ge=1, description="How long a job whose service no longer speaks is left to it")
    core: Path | None = Field(default=None, description="The command that puts a package before the CDISC CORE engine")
    commit: str | None = Field(
        default=None, pattern=r"^[0-9a-f]{7,40}$", description="Where the code runs without its repository"
    )

    @property
    def build(self) -> str:
        """
        The software as every entry names it: version, and the commit where it is known (`0.1.0+3ffb7e9c1a2b`).

        `.dirty` follows a commit whose files were changed. No clock: the same code has the same name.
        """
        commit = self.commit[:12] if self.commit else working_commit()
        return version("casebook") + (f"+{commit}" if commit else "")


@lru_cache
def working_commit() -> str:
    """The commit of the repository this file lies in; empty where it lies in none, or git is not installed."""
    if not (ROOT / ".git").exists():
        return ""
    command = ["git", "--no-optional-locks", "-C", str(ROOT), "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"]
    try:
        told = subprocess.run(command, capture_output=True, text=True, check=True, timeout=10)
    except (OSError, subprocess.SubprocessError):
        return ""
    return told.stdout.strip().replace("-", ".")
