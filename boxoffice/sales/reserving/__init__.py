"""Seats held for somebody who has not paid yet."""
