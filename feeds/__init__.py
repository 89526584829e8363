"""What a subscriber sees: feeds, pages, commands."""

__version__ = "0.1.0"
