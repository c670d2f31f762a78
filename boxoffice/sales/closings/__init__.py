"""Closing the day: cash carried, shifts counted, readings and the Zs of tills, days, months and years."""
