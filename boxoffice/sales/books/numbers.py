"""Numbers as they are printed."""


def paper_number(till_number: int, number: int) -> str:
    """The till, then the place in the till's unbroken series: `2-000123`."""
    return f"{till_number}-{number:06d}"
