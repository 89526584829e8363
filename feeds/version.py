"""The version of feedglot."""

__version__ = "0.1.0"
