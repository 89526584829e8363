"""The command `feedglot`: every command of the service, from any folder."""
