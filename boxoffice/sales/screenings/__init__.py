"""The programme, its seats, its doors, and what a change of it does to those who hold seats."""
