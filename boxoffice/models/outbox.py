"""What is to be printed, and where."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from boxoffice.kinds import JobState, PrinterKind, PrinterRole

from .base import words


class Printer(SQLModel, table=True):
    """A printer and its manners. `address` is a host:port, a device, a queue or a folder, by kind."""

    __table_args__ = (
        CheckConstraint("columns BETWEEN 24 AND 80", name="columns_fit"),
        CheckConstraint("dots BETWEEN 200 AND 1000", name="dots_fit"),
        CheckConstraint("code_page BETWEEN 0 AND 255", name="code_page_is_a_byte"),
    )

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    kind: PrinterKind = Field(sa_type=words(PrinterKind))
    address: str = ""
    columns: int = 42
    dots: int = 512
    dots_per_inch: int = 180
    code_page: int = 16
    native_qr: bool = True
    cutter: bool = True
    drawer: bool = False
    acknowledges: bool | None = None
    badge_landscape: bool = False
    active: bool = True


class TillPrinter(SQLModel, table=True):
    """Which printer a till uses for a kind of paper."""

    till_id: int = Field(foreign_key="till.id", primary_key=True)
    role: PrinterRole = Field(primary_key=True, sa_type=words(PrinterRole))
    printer_id: int = Field(foreign_key="printer.id")


class PrintBatch(SQLModel, table=True):
    """Papers ordered at one go, such as the badges of a morning; none is sent while it is `paused`."""

    id: UUID = Field(primary_key=True)
    till_id: int = Field(foreign_key="till.id", index=True)
    operator_id: int = Field(foreign_key="operator.id")
    label: str
    ordered_at: datetime
    paused: bool = False


class PrintJob(SQLModel, table=True):
    """One document to come out once, of a sale, a pass, a stored value or a closing.

    `operator_id` is who ordered that of a pass, value or closing. `copy_number` 0 is the original; the keys
    allow no second original.
    """

    __table_args__ = (
        UniqueConstraint("document", "sale_id", "position", "copy_number"),
        Index("ix_printjob_pending", "till_id", "state", "printer_id"),
        Index("uq_printjob_pass", "document", "pass_id", "position", "copy_number", unique=True),
        Index("uq_printjob_value", "document", "value_id", "position", "copy_number", unique=True),
        Index("uq_printjob_closing", "document", "closing_id", "position", "copy_number", unique=True),
    )

    id: int | None = Field(default=None, primary_key=True)
    till_id: int = Field(foreign_key="till.id", index=True)
    printer_id: int | None = Field(default=None, foreign_key="printer.id")
    document: str
    sale_id: UUID | None = Field(default=None, foreign_key="sale.id", index=True)
    pass_id: UUID | None = Field(default=None, foreign_key="pass.id")
    value_id: UUID | None = Field(default=None, foreign_key="storedvalue.id")
    closing_id: UUID | None = Field(default=None, foreign_key="closing.id")
    batch_id: UUID | None = Field(default=None, foreign_key="printbatch.id", index=True)
    operator_id: int | None = Field(default=None, foreign_key="operator.id")
    position: int = 0
    copy_number: int = 0
    state: JobState = Field(default=JobState.QUEUED, sa_type=words(JobState))
    reason: str = ""
    created_at: datetime
    changed_at: datetime


class PrintAttempt(SQLModel, table=True):
    """One thing that happened to a print job; kept for ever."""

    id: int | None = Field(default=None, primary_key=True)
    job_id: int = Field(foreign_key="printjob.id", index=True)
    at: datetime
    printer: str
    outcome: JobState = Field(sa_type=words(JobState))
    detail: str = ""
