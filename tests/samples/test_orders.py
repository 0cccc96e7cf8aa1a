"""Customers take things of one interest, in both shops."""

from __future__ import annotations

import pandas as pd

from headstart.samples import orders


def test_most_of_what_a_customer_takes_is_of_one_interest(tmp_path):
    orders.write(tmp_path, 0)
    first, other, items = (
        pd.read_csv(tmp_path / name) for name in ("orders.csv", "other-shop.csv", "items.csv")
    )
    assert set(first["user_id"]) == set(other["user_id"])
    assert not set(first["item_id"]) & set(other["item_id"])
    group = dict(zip(items["item_id"], items["genres"], strict=True))
    most = first.groupby("user_id")["item_id"].apply(
        lambda taken: taken.map(group).value_counts(normalize=True).max()
    )
    assert most.min() > 0.6
    assert not first.duplicated().any()
