"""How long the tests go on that draw, kill or crowd: `BOXOFFICE_SOAK=20` makes them twenty times as long."""

import os

SOAK = int(os.environ.get("BOXOFFICE_SOAK", "1"))
