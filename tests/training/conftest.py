"""The small corpus of these tests."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path

import pytest

# A training needs torch and sacrebleu, which feedglot does not: not collected without them.
_NEEDED = {"test_train.py": "torch", "test_evaluate.py": "sacrebleu"}
collect_ignore = [name for name, module in _NEEDED.items() if not find_spec(module)]

SENTENCES = [
    ("会議は15時に始まります。", "The meeting starts at 15 today."),
    ("サーバーを48台に増やした。", "We now have 48 servers here."),
    ("新しいモデルをGitHubに置きました。", "I put the new model on GitHub."),
    ("昨日、e-mailの設定を変えました。", "Yesterday I changed the e-mail settings."),
    ("値段は799ドルになりました。", "The price is now 799 dollars."),
    ("このAPIは便利ですが、少し遅い。", "This API is useful, but a little slow."),
]


@pytest.fixture
def essays(tmp_path: Path) -> Path:
    """An essay in the two languages of the tests."""
    texts = [{"ja": ja, "en": en} for ja, en in SENTENCES]
    essay = {"title": texts[0], "excerpt": texts[1], "tags": [], "sentences": texts[2:]}
    path = tmp_path / "essays.jsonl"
    path.write_text(json.dumps(essay, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def pairs(tmp_path: Path) -> Path:
    """Parallel text of three sources, one of them made through another."""
    rows = [
        ("manual", "ボタンを押してください。", "Please press the button."),
        ("manual", "画面に表示されます。", "It is shown on the screen."),
        ("forum", "それは知りませんでした。", "I did not know that."),
        ("pivot:manual+forum", "もう一度試してください。", "Please try it once more."),
    ]
    path = tmp_path / "pairs.tsv"
    path.write_text("".join("\t".join(row) + "\n" for row in rows), encoding="utf-8")
    return path
