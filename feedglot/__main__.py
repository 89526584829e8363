"""`python -m feedglot`, the same as the command `feedglot`."""

from feedglot.command import main

main()
