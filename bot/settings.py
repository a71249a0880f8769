"""All settings: the only reader of the environment and of parley.toml."""

import re
from pathlib import Path
from typing import Annotated, Any, Literal

from platformdirs import user_data_path
from pydantic import Field, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from retrieval.errors import ReadableError

FILE = "parley.toml"  # read from the working folder
HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::\d{1,5})?")  # goes into a header, so nothing else may


class SettingsError(ReadableError):
    """A setting that cannot be used."""


class Settings(BaseSettings):
    """What can be set, by PARLEY_<NAME> in the environment or by name in parley.toml; the environment wins."""

    model_config = SettingsConfigDict(env_prefix="PARLEY_", toml_file=FILE, extra="forbid", frozen=True)

    data: Path = Field(default_factory=lambda: user_data_path("parley"), description="folder of everything Parley keeps")
    catalogue: str = Field("films", description="a file, a folder, or the name of a built-in catalogue")
    language_model: str = Field("default", description='"default", "off", a folder, a .gguf file, a hub id, "provider:model"')
    proposals: bool = Field(False, description="whether the model reads messages too, beyond the rules")
    language_model_url: str = Field("", description="base URL of a remote server for provider:model")
    adapters: str = Field("shipped", description='"shipped", "off", or a folder of a site\'s own for the same weights')
    embedding_width: int = Field(0, ge=0, le=8192, description="numbers kept of each embedding (128, 256, …); 0: all")
    embedding_model: str = Field("", description="a separate encoder for embedding: a folder or a hub id")
    database_url: str = Field("", description="PostgreSQL instead of the SQLite file in the data folder")
    chroma_url: str = Field("", description="a Chroma server instead of the folder")
    search: Literal["auto", "chroma", "exact"] = Field("auto", description="which engine finds nearest vectors")
    host: str = Field("127.0.0.1", description="address to serve on; others than loopback can be reached from outside")
    port: int = Field(7860, ge=1, le=65535, description="port to serve on")
    slate_size: int = Field(5, ge=1, le=20, description="items on a slate")
    diversity: float = Field(0.15, ge=0, le=1, description="variety and a person's own mix of kinds against relevance")
    exploration: float = Field(0.0, ge=0, le=1, description="share of slates whose last place is given to chance, and logged")
    examples: bool = Field(False, description="whether example pages with the widget are served under /examples/")
    developer: bool = Field(False, description="whether visitors can save their session as a scripted conversation")
    api_secret: str = Field("", repr=False, description="signs the API's tokens; without it, a key file in the data folder")
    turns_at_once: int = Field(8, ge=1, le=1_000, description="turns answered at a time; eight times as many wait")
    log_format: Literal["text", "json"] = Field("text", description="how Parley logs to stderr; json also tells each request")
    tracing: bool = Field(False, description="spans of each turn to OpenTelemetry, where its OTLP variables say")
    sites: str = Field("", description="the file of sites that embed Parley; empty: sites.toml, if there is one")
    image_hosts: Annotated[tuple[str, ...], NoDecode] = Field((), description="hosts whose https pictures may be shown")

    @field_validator("image_hosts", mode="before")
    @classmethod
    def _hosts(cls, value: Any) -> Any:
        """A list, or in the environment a text with commas: host names, each with a port or without."""
        hosts = [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value
        if not isinstance(hosts, list | tuple):
            raise ValueError(f"{value!r} is not a list of host names")
        for host in hosts:
            if not isinstance(host, str) or not HOST.fullmatch(host):
                raise ValueError(f"{host!r} is not a host name such as images.example.org")
        return tuple(host.lower() for host in hosts)

    @property
    def models(self) -> Path:
        """Where converted weights are kept."""
        return self.data / "models"

    @classmethod
    def settings_customise_sources(
        cls, settings_cls: type[BaseSettings], init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource, dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:  # fmt: skip
        """What is given in code, then the environment, then the file."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)


def read_settings(**given: Any) -> Settings:
    """The settings, those of `given` that are not None first. Raises SettingsError naming the setting to mend."""
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        if first["type"] == "extra_forbidden":
            raise SettingsError(f"there is no setting {name!r}; known are {', '.join(Settings.model_fields)}") from error
        raise SettingsError(f"the setting {name} is {first['input']!r}: {first['msg'].lower()}") from error
    except (OSError, ValueError) as error:
        raise SettingsError(f"{FILE} cannot be read: {error}") from error
