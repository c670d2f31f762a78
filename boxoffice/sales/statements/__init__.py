"""Statements of what was sold and who may come in: per screening, per door, per week of an exhibitor."""
