"""Typer's commands and groups, with the words that Typer has only in English in the language in use."""

from collections.abc import Callable
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup, TyperOption

from boxoffice.language import _


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


def ask_pin(question: str) -> str:
    """A PIN typed twice, unseen."""
    while True:
        pin: str = typer.prompt(question, prompt_suffix=_(" : "), hide_input=True)
        if pin == typer.prompt(_("Encore une fois"), prompt_suffix=_(" : "), hide_input=True):
            return pin
        typer.echo(_("Les deux codes diffèrent."), err=True)


def _translated(option: TyperOption | None) -> TyperOption | None:
    if option is not None:
        option.help = _("Montrer cette aide.")
    return option
