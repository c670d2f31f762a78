"""Tests of everything.

What code is compiled to is kept, whatever the environment says: compiling all of it anew takes each process
a dozen seconds, and each program that a test starts a second.
"""

import os
import sys

sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
