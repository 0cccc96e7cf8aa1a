"""Pictures in Parquet files, as a hub has them."""

import io

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

import headstart as hs
from headstart.data.reading import PLAIN
from headstart.data.tables.shards import read_shards, shards_of


def write(path, count, seed):
    draws = np.random.default_rng(seed)
    cells = []
    for _ in range(count):
        held = io.BytesIO()
        Image.fromarray(draws.integers(0, 255, (8, 8, 3), dtype=np.uint8)).save(held, "PNG")
        cells.append({"bytes": held.getvalue(), "path": None})
    path.parent.mkdir(exist_ok=True)
    pq.write_table(pa.table({"image": cells, "label": [n % 2 for n in range(count)]}), path)


def test_pictures_in_parquet_are_read_with_their_splits(tmp_path):
    for number in range(2):
        write(tmp_path / f"data/train-0000{number}-of-00002.parquet", 10, number)
    write(tmp_path / "data/test-00000-of-00001.parquet", 6, 9)
    (tmp_path / "README.md").write_text("about")
    splits = hs.check(tmp_path)
    assert (len(splits.examples), len(splits.test)) == (26, 6)
    assert splits.examples.categories == ("0", "1")
    assert "data/test-00000-of-00001.parquet row 1" in splits.examples.names
    assert hs.check(tmp_path, names="cat,dog").examples.categories == ("cat", "dog")
    assert len(hs.check(tmp_path / "data/train-00000-of-00002.parquet").examples) == 10


def test_other_folders_have_none(tmp_path):
    pq.write_table(pa.table({"text": ["a"], "label": ["b"]}), tmp_path / "train.parquet")
    assert shards_of(tmp_path, PLAIN) == []
    assert read_shards([], tmp_path, PLAIN).rows == ()
