"""Operators, tills, shifts and rules: who may do what, and where."""
