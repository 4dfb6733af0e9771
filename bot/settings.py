"""Settings: `PASSERELLE_*` environment variables or a `.env`, typed; unknown ones are refused."""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path

from dotenv import dotenv_values
from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "PASSERELLE_"
ROOT = Path(__file__).parent.parent


class UnknownSetting(Exception):
    """An environment variable that no setting reads."""


class Settings(BaseSettings):
    """Everything that is set from outside."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=".env", extra="ignore", env_ignore_empty=True
    )

    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8000, ge=1, le=65535)
    public_url: str = Field("", description="Address seen by browsers; empty: the local one.")
    var: Path = Field(ROOT / "var", description="Where data, models and logs live.")
    database_url: str = Field("", description="SQLAlchemy URL; empty: SQLite under `var`.")
    communes: Path = Field(ROOT / "bot" / "commune" / "communes", description="One YAML each.")
    secret: SecretStr = Field(
        SecretStr(""), description="Signs resume codes; made once and kept in `var` when empty."
    )

    engine_urls: str = Field("http://127.0.0.1:5005", description="Comma-separated.")
    engine_time_limit: float = Field(8.0, gt=0, description="Seconds for one answer.")
    engine_patience: float = Field(
        300.0,
        gt=0,
        description="Seconds of retries before apologising; a person is offered at once.",
    )

    telegram_token: SecretStr = Field(SecretStr(""), description="Telegram is off when empty.")
    telegram_api_url: str = "https://api.telegram.org"
    telegram_commune: str = "demo"
    telegram_webhook_url: str = Field("", description="Public address; polling when empty.")
    telegram_webhook_secret: SecretStr = SecretStr("")

    session_hours: int = Field(10, ge=1, description="Life of a counsellor's session.")
    keep_days: int = Field(90, ge=1, description="Conversations are purged after that.")
    messages_per_minute: int = Field(30, ge=1, description="Of one conversation.")
    conversations_per_minute: int = Field(60, ge=1, description="From one address.")

    @cached_property
    def database(self) -> str:
        """The SQLAlchemy URL in force."""
        return self.database_url or f"sqlite:///{self.var / 'passerelle.db'}"

    @cached_property
    def engines(self) -> tuple[str, ...]:
        """Base addresses of the engine's replicas."""
        return tuple(url.strip().rstrip("/") for url in self.engine_urls.split(",") if url.strip())

    @cached_property
    def address(self) -> str:
        """The service's own address, without a final slash."""
        return self.public_url.rstrip("/") or f"http://{self.host}:{self.port}"


def load() -> Settings:
    """Reads the settings.

    Raises:
        UnknownSetting: A `PASSERELLE_*` name, of the environment or of `.env`, is not a setting.
        pydantic.ValidationError: A value is wrong.
    """
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    given = {*os.environ, *dotenv_values(".env")}
    unknown = sorted(name for name in given if name.startswith(PREFIX) and name not in known)
    if unknown:
        raise UnknownSetting(f"Réglage inconnu : {', '.join(unknown)}")
    return Settings()
