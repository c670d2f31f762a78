"""Papers ordered with what they tell, their outbox, and their copies."""
