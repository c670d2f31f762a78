"""Seats turned into credit notes: asked for, answered, exchanged for other seats."""
