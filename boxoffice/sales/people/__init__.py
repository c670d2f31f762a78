"""Customers: found, kept, changed, copied and erased."""
