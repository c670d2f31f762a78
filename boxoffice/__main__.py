"""`python -m boxoffice`: the same as the `boxoffice` command."""

from .cli import main

main()
