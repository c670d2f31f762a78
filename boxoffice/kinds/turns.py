"""What one program at a time does."""

from enum import IntEnum, unique


@unique
class TurnsAt(IntEnum):
    """Work that one program at a time does: its number among the advisory locks of PostgreSQL."""

    MIGRATING = 49_100
    SAVING_CUSTOMERS = 49_101
    BACKING_UP = 49_102
    CHANGING_SETTINGS = 49_103
    """And the programme: before the numbering of a till, which every change draws from."""
    NUMBERING_COPIES = 49_110
    """Of statements: the rows of a screening are for those who sell its seats."""
