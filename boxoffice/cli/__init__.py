"""The command line. Whatever happens, the user reads one sentence, and a script reads the exit code."""

import gettext
import logging
import os
import sys
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from tempfile import gettempdir
from typing import NoReturn, get_args

from boxoffice.errors import Refusal
from boxoffice.language import CATALOGUES, LANGUAGES, _, speak
from boxoffice.log_file import keep_log, log_path
from boxoffice.system_errors import explain

DONE, REFUSED, MISUSED = 0, 1, 2


def main() -> NoReturn:
    """Run the command that was typed, and end the program."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run a command; returns the exit code: 0 done, 1 refused or found wrong, 2 misused."""
    _choose_language(arguments)
    keep_log(_data_folder())
    try:
        return _obey(arguments)
    except Refusal as refusal:
        return _say(str(refusal))
    except KeyboardInterrupt:
        return _say(_("Interrompu."))
    except OSError as error:
        return _say(str(explain(error)))
    except Exception as error:
        return _say(_unexpected(error))


def _obey(arguments: list[str]) -> int:
    """Open the counter at once when nothing else is asked for; otherwise load the commands."""
    if not arguments or (arguments[0] == "--lang" and arguments[1:] in [[code] for code in LANGUAGES]):
        from .workplace import open_counter

        open_counter()
        return DONE
    # Help texts are translated while the commands are defined: after the language is chosen.
    from typer.exceptions import Abort, TyperException

    from .application import application

    try:
        code = application(args=arguments, prog_name="boxoffice", standalone_mode=False)
    except TyperException as misuse:
        return _say(_misuse(misuse), MISUSED)
    except Abort:
        return _say(_("Interrompu."))
    return code if isinstance(code, int) else DONE


def _choose_language(arguments: list[str]) -> None:
    """Speak the language that was asked for, else that of the settings; an unknown one is told later."""
    from boxoffice.config import read_settings

    asked = [after for before, after in pairwise(arguments) if before == "--lang"]
    asked += [word.removeprefix("--lang=") for word in arguments if word.startswith("--lang=")]
    if not asked:
        try:
            asked = [read_settings().language]
        except Refusal:
            asked = [LANGUAGES[0]]
    language = asked[-1] if asked[-1] in LANGUAGES else LANGUAGES[0]
    speak(language)
    os.environ["LANGUAGE"] = language
    gettext.bindtextdomain("typer", str(CATALOGUES))
    gettext.textdomain("typer")


def _data_folder() -> Path:
    """Where the settings keep everything; with settings that mean nothing, where anything can be kept."""
    from boxoffice.config import read_settings

    try:
        return read_settings().data_folder
    except Refusal:
        return Path(gettempdir())


def _misuse(error: Exception) -> str:
    """What was wrong with the words typed, in the language in use, and where to read how to type them."""
    context = getattr(error, "ctx", None)
    parameter = getattr(error, "param", None)
    name = parameter.get_error_hint() if parameter is not None else ""
    annotation = getattr(getattr(parameter, "type_descriptor", None), "annotation", None)
    kinds = (annotation, *get_args(annotation))
    match type(error).__name__:
        case "Misuse":
            return str(error)
        case "NoSuchOption":
            what = _("L'option {name} n'existe pas.").format(name=getattr(error, "option_name", ""))
        case "MissingParameter":
            what = _("Il manque {name}.").format(name=name)
        case "BadParameter" if name and datetime in kinds:
            what = _("Ce n'est pas une date, à {name} : écrivez-la comme 21/01/2026.").format(name=name)
        case "BadParameter" if name and int in kinds:
            what = _("Ce n'est pas un nombre possible, à {name}.").format(name=name)
        case "BadParameter" if name:
            what = _("La valeur donnée à {name} n'est pas possible.").format(name=name)
        case _:
            what = _("La commande ne se comprend pas : {words}").format(words=error)
    command = context.command_path if context is not None else "boxoffice"
    return f"{what} " + _("Voyez « {command} --help ».").format(command=command)


def _unexpected(error: Exception) -> str:
    """A sentence for what nobody foresaw; the log keeps the details."""
    logging.getLogger(__name__).error("A command failed", exc_info=error)
    if type(error).__module__.startswith(("sqlalchemy", "psycopg", "sqlite3")):
        return _("La base de données ne répond pas, ou refuse : {reason}").format(
            reason=str(getattr(error, "orig", error)).strip().splitlines()[0]
        )
    return _("Une erreur inattendue s'est produite ; les détails sont dans {file}.").format(file=log_path())


def _say(sentence: str, code: int = REFUSED) -> int:
    print(sentence, file=sys.stderr)
    return code
