"""The doctor of a till: what it looks at, and what it says of each thing."""
