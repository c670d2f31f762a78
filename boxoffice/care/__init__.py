"""What keeps the box office well: backups, restoring, keys, training, and a doctor to ask."""
