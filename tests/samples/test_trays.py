"""A tray shows what its labels say."""

from __future__ import annotations

import csv

import numpy as np

from headstart.samples import trays


def test_an_empty_tray_is_empty_and_each_kind_shows():
    def bright(kinds):
        pixels = np.asarray(trays.tray(kinds, np.random.default_rng(1)), float)
        return (pixels.max(2) > 110).mean()

    assert bright([]) == 0
    for kind in trays.KINDS:
        assert bright([kind]) > 0.005


def test_labels_are_kinds_and_some_trays_have_none(tmp_path):
    trays.write(tmp_path, 0)
    with (tmp_path / "metadata.csv").open(newline="") as stream:
        labels = [row["labels"] for row in csv.DictReader(stream)]
    assert len(labels) == trays.MANY
    assert "" in labels
    assert {kind for row in labels for kind in row.split("|") if kind} == set(trays.KINDS)
