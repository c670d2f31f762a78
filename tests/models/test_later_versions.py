"""A later version of the program alters tables that are full, on either engine: the books lose nothing."""

import shutil
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from boxoffice import database as databases
from boxoffice.models import Sale, SaleLine, guards, table
from boxoffice.sales.books.verification import verify
from boxoffice.sales.screenings.entrance import admit
from tests.sales.conftest import Festival

HEADER = """
import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "0006", "0005", None, None

def kinds_of_line(*words):
    return sa.Enum(*words, name="linekind", native_enum=False, create_constraint=True, length=32)
"""
ANOTHER_KIND_OF_LINE = """
def upgrade() -> None:
    with op.batch_alter_table("saleline") as lines:
        lines.alter_column(
            "kind",
            existing_type=kinds_of_line("ticket", "product", "voucher", "fee"),
            type_=kinds_of_line("ticket", "product", "voucher", "fee", "pass"),
            existing_nullable=False,
        )
"""
A_LINE_WITHOUT_ITS_SALE = """
def upgrade() -> None:
    op.execute("UPDATE saleline SET sale_id = '00000000000000000000000000000000' WHERE position = 3")
"""


@pytest.fixture
def books(festival: Festival) -> dict[str, object]:
    """A little of everything sold, as it stands in the tables."""
    sold = festival.sell(festival.seat_line(quantity=2), festival.product_line())
    code = festival.read(
        lambda session: session.execute(sa.text("SELECT code FROM ticket ORDER BY number"))
    ).first()
    assert code is not None
    festival.write(
        lambda session: admit(session, festival.posts[0], code[0], "Porte A", clock=festival.clock)
    )
    festival.reverse(sold, 2)
    return dict(festival.everything())


def migrate_by(festival: Festival, migration: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Start a later program, whose schema has changed once more."""
    shutil.copytree(databases.MIGRATIONS, folder)
    (folder / "versions" / "0006_later.py").write_text(HEADER + migration, "utf-8")
    monkeypatch.setattr(databases, "MIGRATIONS", folder)
    monkeypatch.setattr(databases, "HEAD", "0006")
    databases.migrate(festival.database, festival.clock)


def test_tables_of_the_books_are_altered_with_what_they_hold(
    festival: Festival, books: dict[str, object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    migrate_by(festival, ANOTHER_KIND_OF_LINE, tmp_path / "later", monkeypatch)
    assert festival.everything() == books
    assert festival.read(verify).fault is None
    widened = ("ck_saleline_linekind",)  # The models of today do not know the word that was let in.
    assert festival.read(lambda session: guards.missing(session.connection())) == widened
    for change in (table(SaleLine).delete(), table(Sale).update().values(number=7)):
        with pytest.raises(DBAPIError, match="is insert-only"):
            festival.write(lambda session, change=change: session.execute(change))
    assert festival.sell(festival.seat_line("ETERNAL")).tickets
    assert festival.read(verify).fault is None


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_migration_that_leaves_rows_without_what_they_refer_to_does_not_stay(
    festival: Festival, books: dict[str, object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(RuntimeError, match="refer to none"):
        migrate_by(festival, A_LINE_WITHOUT_ITS_SALE, tmp_path / "later", monkeypatch)
    assert festival.everything() == books
    assert festival.read(lambda session: guards.missing(session.connection())) == ()
    with festival.database.write_engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
