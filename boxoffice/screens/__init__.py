"""The screens: what the cashier sees and types."""

from .room import keep_words_together

keep_words_together()
