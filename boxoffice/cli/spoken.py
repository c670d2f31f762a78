"""Typer's commands and groups, with the words that Typer has only in English in the language in use."""

import os
import sys
import warnings
from collections.abc import Callable
from getpass import GetPassWarning
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup, TyperOption

from boxoffice.errors import Refusal
from boxoffice.language import _

NEW_PIN_VARIABLE = "BOXOFFICE_PIN"
"""Where a script puts a PIN to give: on the command line, everybody on the computer could read it."""


class Misuse(typer.TyperException):
    """Words typed that make no command; the message says which, in the language in use."""

    exit_code = 2


class SpokenCommand(TyperCommand):
    """A command whose help is in the language in use."""

    def get_help_option(self, ctx: Any) -> TyperOption | None:
        return _translated(super().get_help_option(ctx))

    def format_usage(self, ctx: Any, formatter: Any) -> None:
        formatter.write_usage(ctx.command_path, " ".join(self.collect_usage_pieces(ctx)), _("Usage : "))


class SpokenGroup(TyperGroup):
    """A group of commands whose help is in the language in use."""

    def get_help_option(self, ctx: Any) -> TyperOption | None:
        return _translated(super().get_help_option(ctx))

    def format_usage(self, ctx: Any, formatter: Any) -> None:
        formatter.write_usage(ctx.command_path, " ".join(self.collect_usage_pieces(ctx)), _("Usage : "))


def group(help_text: str) -> typer.Typer:
    """An empty group of commands, that shows its help when none is named."""
    return typer.Typer(
        cls=SpokenGroup,
        help=help_text,
        subcommand_metavar=_("COMMANDE [ARGUMENTS]…"),
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )


def add_command(commands: typer.Typer, name: str, command: Callable[..., None], help_text: str) -> None:
    """Add a function to a group, as the command `name`."""
    commands.command(name, cls=SpokenCommand, help=help_text)(command)


def ask(question: str, name: str) -> str:
    """What is typed in answer. Raises Misuse, with the `name` of what is missing, where nobody can type."""
    return _prompt(question, name, hidden=False).strip()


def ask_secret(question: str, name: str) -> str:
    """What is typed in answer, unseen. Raises Misuse as `ask` does."""
    return _prompt(question, name, hidden=True)


def confirm(question: str, nothing_done: str) -> None:
    """Raise Refusal, saying that nothing is done, unless somebody answers yes in the language in use."""
    if ask(_("{question} Tapez « oui »").format(question=question), "--yes").casefold() != _("oui"):
        raise Refusal(nothing_done)


def new_pin(question: str) -> str:
    """A new PIN: that of the environment, for scripts, or one typed twice, unseen."""
    given = os.environ.get(NEW_PIN_VARIABLE)
    if given is not None:
        return given
    while True:
        pin = ask_secret(question, NEW_PIN_VARIABLE)
        if pin == ask_secret(_("Encore une fois"), NEW_PIN_VARIABLE):
            return pin
        typer.echo(_("Les deux codes diffèrent."), err=True)


def _prompt(question: str, name: str, *, hidden: bool) -> str:
    missing = Misuse(_("Il manque {name}.").format(name=name))
    with warnings.catch_warnings():
        warnings.simplefilter("error", GetPassWarning)
        try:
            answer: str = typer.prompt(question, prompt_suffix=_(" : "), hide_input=hidden)
        except GetPassWarning:
            raise missing from None
        except typer.Abort:
            if sys.stdin.isatty():
                raise
            raise missing from None
    return answer


def _translated(option: TyperOption | None) -> TyperOption | None:
    if option is not None:
        option.help = _("Montrer cette aide.")
    return option
