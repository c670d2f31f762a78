"""python-escpos, loaded when the first paper is printed."""

import logging
import os
import shutil
from functools import lru_cache
from pathlib import Path
from typing import Any

_PROFILE = Path(__file__).with_name("escpos_profile.json")
_PROFILE_VARIABLE = "ESCPOS_CAPABILITIES_FILE"
_CACHE_VARIABLE = "ESCPOS_CAPABILITIES_PICKLE_DIR"


@lru_cache(maxsize=1)
def escpos_printers() -> Any:
    """The module `escpos.printer`, knowing only the profile that this program uses.

    Left alone it reads the profiles of every printer there is, leaves a folder behind in every process and
    makes the root logger write over the screen.
    """
    handlers = list(logging.getLogger().handlers)
    os.environ.setdefault(_PROFILE_VARIABLE, str(_PROFILE))
    import escpos.capabilities
    import escpos.printer

    if _CACHE_VARIABLE not in os.environ:
        shutil.rmtree(escpos.capabilities.pickle_dir, ignore_errors=True)
    logging.getLogger().handlers[:] = handlers
    return escpos.printer
