"""The settings of this post: `boxoffice.toml`, then the environment (`BOXOFFICE_TILL=2`), over the defaults.

Read before the first screen is painted, so by the standard library alone: importing pydantic-settings
would cost a third of the time that the screen takes.
"""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from platformdirs import user_data_path

from .errors import Refusal
from .language import LANGUAGES, _

PREFIX = "BOXOFFICE_"
FILE_NAME = "boxoffice.toml"
_YES = {"1", "true", "yes", "oui", "on"}
_NO = {"0", "false", "no", "non", "off", ""}


@dataclass(frozen=True, slots=True)
class Settings:
    """What makes this computer the till it is. The rules of the festival are in the database instead.

    `demo` opens a throw-away festival: the log-in screen then shows the PINs. `keys` gives commands other
    keys than their own, by name: `"counter.pay" = "f9,f2"`. `training` is chosen by command alone: the till
    then works on a database of its own, and says so everywhere.
    """

    data_folder: Path
    database_url: str
    keys_folder: Path
    spool_folder: Path
    till: int = 1
    language: str = "fr"
    theme: str = ""
    touch: bool = False
    demo: bool = False
    keys: Mapping[str, str] = field(default_factory=dict)
    training: bool = False

    @property
    def key_path(self) -> Path:
        """Where the private key of this till is kept."""
        return self.key_path_of(self.till)

    @property
    def copies_folder(self) -> Path:
        """Where the copies of their data are written that customers ask for."""
        return self.data_folder / "copies"

    @property
    def exports_folder(self) -> Path:
        """Where the gift cards are written that are to be sent."""
        return self.data_folder / "exports"

    @property
    def backups_folder(self) -> Path:
        """Where this post keeps the backups that it makes."""
        return self.data_folder / "backups"

    def key_path_of(self, till: int) -> Path:
        """Where the private key of a till is kept, when this computer has it."""
        return self.keys_folder / f"till-{till}.pem"


_CHOSEN = tuple(field.name for field in fields(Settings) if field.name != "training")
"""What a file or the environment may say."""


def settings_in(folder: Path, **chosen: Any) -> Settings:
    """Settings for a post that keeps everything in `folder`, but for what was `chosen` otherwise."""
    return Settings(
        **{
            "data_folder": folder,
            "database_url": f"sqlite:///{folder / 'boxoffice.sqlite'}",
            "keys_folder": folder / "keys",
            "spool_folder": folder / "prints",
            **chosen,
        }
    )


def read_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings in force. Raises Refusal, naming where it stands, for one that means nothing."""
    folder = Path(environment.get(f"{PREFIX}DATA_FOLDER") or user_data_path("boxoffice", appauthor=False))
    file = Path(environment.get(f"{PREFIX}CONFIG") or folder / FILE_NAME)
    if f"{PREFIX}CONFIG" in environment and not file.is_file():
        raise Refusal(_("Le fichier de réglages {file} n'existe pas.").format(file=file))
    chosen = _read_file(file) if file.is_file() else {}
    for name in _CHOSEN:
        variable = PREFIX + name.upper()
        if variable in environment:
            chosen[name] = _read(name, environment[variable], variable)
    folder = chosen.get("data_folder", folder)
    return settings_in(folder, **chosen)


def _read_file(file: Path) -> dict[str, Any]:
    try:
        content = tomllib.loads(file.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Refusal(
            _("Le fichier de réglages {file} ne se lit pas : {error}.").format(file=file, error=error)
        ) from error
    known = set(_CHOSEN)
    for name in content:
        if name not in known:
            raise Refusal(
                _("Le fichier de réglages {file} contient un réglage inconnu : « {name} ».").format(
                    file=file, name=name
                ),
                _("Réglages possibles : {names}.").format(names=", ".join(sorted(known))),
            )
    return {name: _read(name, value, str(file)) for name, value in content.items()}


def _read(name: str, value: Any, where: str) -> Any:
    """The setting `name` from what a file or the environment says; `where` is for the refusal."""
    match name:
        case "data_folder" | "keys_folder" | "spool_folder" if isinstance(value, str) and value:
            return Path(value).expanduser()
        case "database_url" | "theme" if isinstance(value, str):
            return value
        case "language" if value in LANGUAGES:
            return value
        case "till" if str(value).isdecimal() and int(value) > 0:
            return int(value)
        case "touch" | "demo" if str(value).lower() in _YES | _NO:
            return str(value).lower() in _YES
        case "keys" if isinstance(value, dict) and all(isinstance(key, str) for key in value.values()):
            return value
        case _:
            raise Refusal(
                _("Réglage « {name} » de {where} : la valeur « {value} » n'est pas possible.").format(
                    name=name, where=where, value=value
                )
            )
