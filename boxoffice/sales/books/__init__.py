"""What cannot be changed: the signed journal, the numbers, and the checks of both."""
