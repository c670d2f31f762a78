"""The settings of a post: defaults, then its file, then the environment; what means nothing is refused."""

from pathlib import Path

import pytest

from boxoffice.config import read_settings
from boxoffice.errors import Refusal


def test_a_post_without_settings_keeps_everything_in_its_data_folder(tmp_path: Path) -> None:
    settings = read_settings({"BOXOFFICE_DATA_FOLDER": str(tmp_path)})
    assert settings.database_url == f"sqlite:///{tmp_path / 'boxoffice.sqlite'}"
    assert settings.key_path == tmp_path / "keys" / "till-1.pem"
    assert (settings.till, settings.language, settings.touch, settings.demo) == (1, "fr", False, False)


def test_the_environment_has_the_last_word(tmp_path: Path) -> None:
    (tmp_path / "boxoffice.toml").write_text('till = 2\nlanguage = "en"\ntouch = true\n', "utf-8")
    settings = read_settings({"BOXOFFICE_DATA_FOLDER": str(tmp_path), "BOXOFFICE_TILL": "3"})
    assert (settings.till, settings.language, settings.touch) == (3, "en", True)


def test_the_file_may_be_elsewhere_and_name_the_data_folder(tmp_path: Path) -> None:
    file = tmp_path / "guichet.toml"
    file.write_text(f'data_folder = "{(tmp_path / "data").as_posix()}"\n', "utf-8")
    settings = read_settings({"BOXOFFICE_CONFIG": str(file)})
    assert settings.spool_folder == tmp_path / "data" / "prints"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("till = 0", "Réglage « till »"),
        ("till = true", "Réglage « till »"),
        ('language = "de"', "la valeur « de » n'est pas possible"),
        ('touch = "maybe"', "Réglage « touch »"),
        ("data_folder = 3", "Réglage « data_folder »"),
        ("tills = 2", "contient un réglage inconnu : « tills »"),
        ("till = ", "ne se lit pas"),
    ],
)
def test_a_setting_that_means_nothing_is_refused_by_name(tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / "boxoffice.toml").write_text(text, "utf-8")
    with pytest.raises(Refusal, match=reason):
        read_settings({"BOXOFFICE_DATA_FOLDER": str(tmp_path)})


def test_a_settings_file_that_is_named_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="n'existe pas"):
        read_settings({"BOXOFFICE_CONFIG": str(tmp_path / "nowhere.toml")})


def test_a_wrong_variable_is_named(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="« till » de BOXOFFICE_TILL"):
        read_settings({"BOXOFFICE_DATA_FOLDER": str(tmp_path), "BOXOFFICE_TILL": "un"})
