"""How the house says no: one sentence of why, and what can be done about it."""

from collections.abc import Iterable


class Refusal(Exception):
    """A request that cannot be granted, told in the cashier's words.

    `message` says what was refused and why; `remedy` says what can be done now.
    Both are already in the language of the interface and carry no markup.
    """

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".strip()


class FieldsRefused(Refusal):
    """A refusal of what was typed in some fields of a form: `names` are theirs, the first one first."""

    def __init__(self, message: str, remedy: str, names: Iterable[str]) -> None:
        super().__init__(message, remedy)
        self.names = tuple(names)


class KeptRefusal(Refusal):
    """A refusal that is itself written down: what was counted and told of it is committed, then it is raised.

    Raise it only before anything else was written.
    """


class DeskClosed(Refusal):
    """Refused as all else is to whoever sells here: their session is closed, or they keep no till now."""


class ManagerNeeded(Refusal):
    """Refused to this operator; a manager's PIN, typed in place, makes it possible once."""
