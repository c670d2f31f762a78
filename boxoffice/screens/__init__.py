"""The screens: what the cashier sees and types."""
