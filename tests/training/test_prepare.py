"""What comes into a training, and how much it counts."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import sentencepiece

from training import prepare
from training.corpus import SIGNS, Row
from training.prepare import Shares, choose_rows, weigh


def test_held_out_and_disallowed_rows_stay_out() -> None:
    rows = [
        Row("manual", "押す", "press"),
        Row("manual", "押す", "press"),
        Row("manual", "ＡＢＣを読む", "read ABC"),
        Row("manual", "書く", "write"),
        Row("news", "走る", "run"),
        Row("manual", "", "nothing"),
        Row("essays", "歩く", "walk"),
    ]
    chosen = choose_rows(rows, ["abcを読む", "Write"], frozenset({"manual"}))
    assert chosen == [Row("manual", "押す", "press"), Row("essays", "歩く", "walk")]


def test_essays_get_their_share_of_all_tokens() -> None:
    tokens = {"essays": 50, "manual": 900, "forum": 300}
    weighed = weigh(tokens, {"forum": [0.5, 0.1]}, Shares(early=0.25, late=0.5))
    assert weighed["manual"] == (1.0, 1.0)
    for half, share in enumerate((0.25, 0.5)):
        total = sum(tokens[name] * weighed[name][half] for name in tokens)
        assert tokens["essays"] * weighed["essays"][half] == pytest.approx(share * total)


def test_a_folder_is_made_whose_vocabulary_has_the_signs(
    tmp_path: Path, essays: Path, pairs: Path
) -> None:
    allow = tmp_path / "allow"
    allow.write_text("manual\n", encoding="utf-8")
    command = ["ja_en", str(tmp_path / "out"), "--essays", str(essays), "--pairs", str(pairs)]
    command += ["--allow", str(allow), "--signs", "3", "--numbers", "6", "--vocabulary", "400"]
    meta = prepare.prepare(prepare.parser().parse_args(command))
    assert meta == json.loads((tmp_path / "out/meta.json").read_text("utf-8"))
    assert set(meta["sources"]) == {"essays", "manual", "numbers", "signs"}
    train = np.load(tmp_path / "out/train.npz")
    assert len(train["sl"]) == meta["rows"] == len(train["w"]) == len(train["late"])
    assert train["tl"].sum() == len(train["t"]) == meta["target_tokens"]
    processor = sentencepiece.SentencePieceProcessor(model_file=str(tmp_path / "out/spm.model"))
    text = "5℃と3µmと±1、1～2〜3と€4‐〇※"
    assert set(SIGNS) <= set(processor.encode(text, out_type=str))
    assert processor.decode(processor.encode(text)) == text
