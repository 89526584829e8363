#!/usr/bin/env bash
# sentencepiece 0.2.2 rejects out_type="immutable_proto", which gave the characters of each piece.
# Its "proto" has a new meaning: up to 0.2.1 it returned bytes, now an object, and only if protobuf
# is installed, which pip does not install with it.
# Hurts: programs that align words or marks with pieces: a patch release breaks all three names.
set -eu
. "$(dirname "$(realpath "$0")")/common.bash"

cat >ask.py <<'PY'
import io

import sentencepiece

model = io.BytesIO()
sentencepiece.SentencePieceTrainer.train(
    sentence_iterator=iter(["hello world this is text", "another line of text here"] * 20),
    model_writer=model,
    vocab_size=30,
    hard_vocab_limit=False,
    minloglevel=2,
)
processor = sentencepiece.SentencePieceProcessor(model_proto=model.getvalue())
for name in ("immutable_proto", "proto"):
    try:
        found = type(processor.encode("hello", out_type=name)).__name__
    except Exception as error:
        found = type(error).__name__
    print(f"sentencepiece {sentencepiece.__version__}, {name}: {found}")
PY
for version in 0.2.1 0.2.3; do
  from_pypi "sentencepiece==$version" >&2
  python ask.py
  if [ $version = 0.2.3 ]; then
    from_pypi protobuf==7.36.2 >&2
    echo "with protobuf:"
    python ask.py
  fi
done >seen
expect <<'END'
sentencepiece 0.2.1, immutable_proto: ImmutableSentencePieceText
sentencepiece 0.2.1, proto: bytes
sentencepiece 0.2.3, immutable_proto: ValueError
sentencepiece 0.2.3, proto: ImportError
with protobuf:
sentencepiece 0.2.3, immutable_proto: ValueError
sentencepiece 0.2.3, proto: SentencePieceText
END
