"""What is not collected where its libraries are not: gigabytes that nothing else needs."""

from __future__ import annotations

from importlib.util import find_spec

_HERE = find_spec("torch") and find_spec("transformers")
collect_ignore = [] if _HERE else ["test_transformers.py"]
