#!/usr/bin/env bash
# CTranslate2's use_vmap limits the words of a translation to those that a map lists for the
# source words. CTranslate2 joins the maps of all sentences of a batch, so the translation of a
# sentence depends on its neighbours.
# Hurts: programs that cache translations by sentence, and tests that compare a batch with single
# sentences.
set -eu
. "$(dirname "$(realpath "$0")")/common.bash"
from_pypi ctranslate2==4.8.5 numpy==2.4.6

# A model of one layer without knowledge: every weight is zero, a bias prefers "Hund".
python - >seen <<'PY'
import os

import numpy as np
import ctranslate2
from ctranslate2.specs import TransformerSpec

SIZE, SPECIAL = 16, ["<unk>", "<s>", "</s>"]


def linear(layer, rows, bias=None):
    layer.weight = np.zeros((rows, SIZE), np.float32)
    layer.bias = np.zeros(rows, np.float32) if bias is None else np.array(bias, np.float32)


def norm(layer):
    layer.gamma, layer.beta = np.ones(SIZE, np.float32), np.zeros(SIZE, np.float32)


spec = TransformerSpec.from_config(num_layers=1, num_heads=2)
for side in (spec.encoder, spec.decoder):
    side.scale_embeddings = False
    side.position_encodings.encodings = np.zeros((8, SIZE), np.float32)
    norm(side.layer_norm)
    for layer in side.layer:
        for name, sizes in (("self_attention", (3, 1)), ("attention", (1, 2, 1))):
            if attention := getattr(layer, name, None):
                norm(attention.layer_norm)
                for part, times in zip(attention.linear, sizes, strict=True):
                    linear(part, times * SIZE)
        norm(layer.ffn.layer_norm)
        linear(layer.ffn.linear_0, SIZE)
        linear(layer.ffn.linear_1, SIZE)
spec.encoder.embeddings[0].weight = np.ones((5, SIZE), np.float32)
spec.decoder.embeddings.weight = np.ones((5, SIZE), np.float32)
linear(spec.decoder.projection, 5, [-9, -9, 0, 1, 2])
spec.register_source_vocabulary([*SPECIAL, "cat", "dog"])
spec.register_target_vocabulary([*SPECIAL, "Katze", "Hund"])
with open("map", "w") as out:
    out.write("cat\tKatze\ndog\tHund\n")
spec.register_vocabulary_mapping("map")
spec.validate()
os.mkdir("model")
spec.save("model")

translator = ctranslate2.Translator("model")


def translate(*words, **options):
    found = translator.translate_batch(
        [[word] for word in words], use_vmap=True, max_decoding_length=1, beam_size=1, **options
    )
    return " ".join(result.hypotheses[0][0] for result in found)


print("cat:", translate("cat"))
print("cat, dog:", translate("cat", "dog"))
print("cat, dog, max_batch_size=1:", translate("cat", "dog", max_batch_size=1))
PY
expect <<'END'
cat: Katze
cat, dog: Hund Hund
cat, dog, max_batch_size=1: Katze Hund
END
