"""Everything that a manager may set and that the table `setting` keeps, at its default."""

from .accounts import Accounts, account_values
from .permissions import permission_values
from .rules import Rules, rule_values


def default_settings() -> dict[str, str]:
    """What a rule, an account of the books or a permission is worth as long as no manager changed it.

    Each is the JSON text that `setting` would keep, by its name there.
    """
    return rule_values(Rules()) | account_values(Accounts()) | permission_values()
