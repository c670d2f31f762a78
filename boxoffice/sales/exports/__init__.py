"""Figures for other programs: spreadsheets, accounting entries, declarations."""
