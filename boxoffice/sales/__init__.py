"""What the counter does: plain functions on a session. They know no screen and no printer."""
