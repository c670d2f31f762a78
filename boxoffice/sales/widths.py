"""How wide the papers of printers are."""

from collections.abc import Mapping
from types import MappingProxyType

WIDTHS: Mapping[int, tuple[int, int]] = MappingProxyType({32: (384, 203), 42: (512, 180), 48: (576, 203)})
"""Dots across the paper, and dots per inch, for each number of columns that printers have."""
