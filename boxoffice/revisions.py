"""What revision of the schema a database says to be at, and databases that say none, or a later one."""

from sqlalchemy import Connection, inspect, text

from .errors import Refusal
from .language import _

REVISIONS, _OF_EVERY_REVISION = "alembic_version", "journalentry"


def revision_of(connection: Connection) -> str | None:
    """The revision that the schema is at; None for a database without one."""
    if not inspect(connection).has_table(REVISIONS):
        return None
    found: str | None = connection.execute(text(f"SELECT version_num FROM {REVISIONS}")).scalar()
    return found


def has_lost_revision(connection: Connection) -> bool:
    """Whether there are tables of the program, and no revision: only somebody else takes that away."""
    return revision_of(connection) is None and inspect(connection).has_table(_OF_EVERY_REVISION)


def is_empty(connection: Connection) -> bool:
    """Whether there is nothing that could be lost: no table but that of an absent revision."""
    return not set(inspect(connection).get_table_names()) - {REVISIONS}


def without_revision() -> Refusal:
    """The refusal of a database that does not say any more what revision its tables are of."""
    return Refusal(
        _("La base de données ne dit plus de quelle version elle est (table alembic_version)."),
        _("Quelqu'un l'a changée. Ne corrigez rien : remettez une sauvegarde, « boxoffice restore »."),
    )


def newer_than_program() -> Refusal:
    """The refusal of a schema that only a later version of the program knows."""
    return Refusal(
        _("La base de données est plus récente que ce programme."),
        _("Installez la dernière version du programme sur ce poste."),
    )
