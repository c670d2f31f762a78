"""What papers have in common, as frozen values."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Letterhead:
    """Who sells, as on every paper. `specimen` marks one that is not real: `SPÉCIMEN – FORMATION`.

    `exemption` is what the law has a seller who charges no VAT print; empty for all others.
    """

    festival: str
    operator_name: str
    address: str
    postcode: str
    town: str
    siret: str
    vat_number: str
    specimen: str = ""
    exemption: str = ""
