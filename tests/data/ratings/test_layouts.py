"""Users as rows: what is known of them, and what is asked."""

import json

import pandas as pd
import pytest

import tastes
from headstart.data.ratings.histories import MARK, Catalogue, History, decoded
from headstart.data.ratings.layouts import claims, read, read_heap
from headstart.data.reading import Reading
from headstart.errors import DataError, SettingsError


def reading(source, shared="users", **more):
    return Reading(options={"source_data": str(source), "shared": shared, **more})


def rows(listing, split):
    found = [(decoded(row.source), json.loads(row.label)) for row in listing.rows if row.split == split]
    return {known.user: (known, said) for known, said in found if isinstance(known, History)}


@pytest.fixture
def timed(tmp_path):
    return tastes.write(tmp_path, stamps=True)


def test_nothing_is_known_before_it_happened(timed):
    target, source = timed
    when = pd.read_csv(target).set_index(["user_id", "item_id"])["timestamp"]
    listing = read(target, reading(source))
    starts = {}
    for split in ("validation", "test"):
        for user, (known, said) in rows(listing, split).items():
            starts[split] = known.at
            assert all(when[user, item] < known.at for item in known.items)
            assert all(when[user, item] >= known.at for item in said["items"])
            assert said["known"] == len(known.items)
    learned = rows(listing, "train")
    assert all(
        when[user, item] < starts["validation"] for user, (one, _) in learned.items() for item in one.items
    )
    assert starts["validation"] < starts["test"]


def test_what_the_source_knows_too_late_is_left_out(tmp_path):
    target, source = tastes.write(tmp_path, stamps=True)
    late = pd.read_csv(source)
    late["timestamp"] += 10**7
    late.to_csv(source, index=False)
    listing = read(target, reading(source))
    assert any("interactions of the source are as late" in one.message for one in listing.findings)
    late["timestamp"] += 10**8
    late.to_csv(source, index=False)
    with pytest.raises(DataError, match="nothing of it was known then"):
        read(target, reading(source))


def test_answers_are_never_in_the_source_where_items_are_shared(tmp_path):
    target, source = tastes.write(tmp_path)
    table = pd.read_csv(target)
    table[::2].to_csv(source, index=False)
    known = set(map(tuple, table[["user_id", "item_id"]][::2].to_numpy()))
    for one, answers in rows(read(target, reading(source, "both")), "test").values():
        assert not {(one.user, item) for item in answers["items"]} & known


@pytest.mark.parametrize("shared", ["users", "both"])
def test_the_target_itself_is_no_source(tmp_path, shared):
    target, source = tastes.write(tmp_path)
    pd.read_csv(target)[1:].to_csv(source, index=False)
    with pytest.raises(DataError, match="would say what is tested"):
        read(target, reading(source, shared))


def test_the_same_id_of_an_item_means_another_thing_unless_it_is_shared(tmp_path):
    target, source = tastes.write(tmp_path)
    table = pd.read_csv(source)
    table["item_id"] = table["item_id"].str.replace("b", "a")
    table.to_csv(source, index=False)
    apart = rows(read(target, reading(source, "users")), "train")
    assert all(item.startswith(MARK) for one, _ in apart.values() for item in one.source)
    alike = read(target, reading(source, "items"))
    assert not any(one.source for one, _ in rows(alike, "test").values())
    beside = [row for row in alike.rows if row.name.endswith("(source)")]
    assert decoded(beside[0].source).user.startswith(MARK)
    assert not decoded(beside[0].source).source[0].startswith(MARK)


@pytest.mark.parametrize(("shared", "told"), [("", "may mean another thing"), ("none", "nothing is shared")])
def test_what_is_shared_must_be_said(tmp_path, shared, told):
    target, source = tastes.write(tmp_path)
    options = {"source_data": str(source), **({"shared": shared} if shared else {})}
    with pytest.raises(SettingsError, match=told) as error:
        read(target, Reading(options=options))
    assert "120 of 120 user ids" in error.value.message


def test_a_source_must_be_named_exist_and_share_something(tmp_path):
    target, source = tastes.write(tmp_path)
    assert not any(decoded(row.source).source for row in read(target).rows)
    with pytest.raises(DataError, match="is no table"):
        read(target, reading(tmp_path / "gone.csv"))
    with pytest.raises(DataError, match="nothing is shared"):
        read(target, reading(source, "items"))
    with pytest.raises(SettingsError, match="expected users, items, both, none"):
        read(target, reading(source, "people"))


def test_words_of_items_are_one_row_more(tmp_path):
    target, source = tastes.write(tmp_path)
    listing = read(target, reading(source, items=str(tastes.described(tmp_path))))
    found = decoded(listing.rows[-1].source)
    assert isinstance(found, Catalogue)
    assert "genres=group 1" in found.words["a10"]
    assert "new" in json.loads(listing.rows[-1].label)["items"]


def test_without_stamps_that_is_said_and_users_are_held_out_whole(tmp_path):
    target, source = tastes.write(tmp_path)
    listing = read(target, reading(source))
    (said,) = [one.message for one in listing.findings if one.kind == "cut"]
    assert "no time stamps" in said
    learned, tested = rows(listing, "train"), rows(listing, "test")
    cold = {user for user, (_, said) in tested.items() if said["known"] == 0}
    assert cold
    assert not any(learned[user][0].items for user in cold)
    assert claims(target) == 3
    assert len(read_heap(target).rows) == 120


def test_dates_after_today_and_users_of_one_item_are_told(tmp_path):
    target, source = tastes.write(tmp_path, stamps=True)
    table = pd.read_csv(target)
    table.loc[len(table)] = ["lonely", "a1", 10**10]
    table.to_csv(target, index=False)
    told = [one.message for one in read(target, reading(source)).findings]
    assert "1 interactions are dated after today" in told
    assert "1 users have one item only" in told


GOOD = tastes.table(60, 5)
TIMED = tastes.table(60, 5, stamps=True, start=1_500_000_000)
WHEN = pd.to_datetime(TIMED["timestamp"], unit="s")
READ = {
    "one stamp for all": GOOD.assign(timestamp=1_500_000_000),
    "some stamps missing": TIMED.assign(timestamp=TIMED["timestamp"].where(TIMED.index % 2 == 0)),
    "milliseconds": TIMED.assign(timestamp=TIMED["timestamp"] * 1000),
    "dates": TIMED.assign(timestamp=WHEN),
    "days first": TIMED.assign(timestamp=WHEN.dt.strftime("%d/%m/%Y")),
    "zones": TIMED.assign(timestamp=WHEN.dt.strftime("%Y-%m-%dT%H:%M:%S+02:00")),
    "ratings that are missing": GOOD.assign(rating=float("nan")),
    "negative ratings": GOOD.assign(rating=-1),
    "all twice": pd.concat([GOOD, GOOD]),
    "rows of nobody": pd.concat([GOOD, pd.DataFrame({"user_id": [""] * 9, "item_id": ["a1"] * 9})]),
    "long ids": GOOD.assign(item_id=GOOD["item_id"] + "x" * 5_000),
    "emoji": GOOD.assign(item_id="🍕" + GOOD["item_id"]),
    "numbers": GOOD.assign(item_id=range(len(GOOD))),
    "everyone took everything": pd.DataFrame(
        [(f"u{user}", f"a{item}") for user in range(40) for item in range(8)], columns=["user_id", "item_id"]
    ),
}
REFUSED = {
    "no rows": (GOOD.head(0), "no interaction"),
    "no items": (GOOD.assign(item_id=""), "it names no item"),
    "no users": (GOOD.assign(user_id=None), "it names no user"),
    "no column of items": (GOOD[["user_id"]], "no column `item_id`"),
    "words for stamps": (GOOD.assign(timestamp="soon"), "its stamp is no time"),
    "words for ratings": (GOOD.assign(rating="good"), "its rating is no number"),
    "two rows": (GOOD.head(2), "too little"),
    "one item": (GOOD.assign(item_id="x"), "one item only"),
    "one item each": (GOOD.drop_duplicates("user_id"), "too little"),
    "one row many times": (pd.concat([GOOD.head(1)] * 50), "one item only"),
    "other users": (GOOD.assign(user_id="z" + GOOD["user_id"]), "nothing is shared"),
    "numbers where the source has texts": (GOOD.assign(user_id=range(len(GOOD))), "nothing is shared"),
}


@pytest.mark.parametrize("name", READ)
def test_odd_tables_are_read(tmp_path, name):
    _, source = tastes.write(tmp_path, users=60)
    listing = read(READ[name], reading(source))
    assert {row.split for row in listing.rows} == {"train", "validation", "test"}
    for split in ("validation", "test"):
        for known, said in rows(listing, split).values():
            assert said["items"]
            assert not set(said["items"]) & set(known.items)


@pytest.mark.parametrize("name", REFUSED)
def test_tables_that_cannot_be_used_are_answered(tmp_path, name):
    _, source = tastes.write(tmp_path, users=60)
    table, told = REFUSED[name]
    with pytest.raises(DataError, match=told) as error:
        read(table, reading(source))
    assert error.value.hint


def test_items_without_a_description_are_counted(tmp_path):
    target, source = tastes.write(tmp_path)
    described = pd.read_csv(tastes.described(tmp_path), dtype=str)
    described[2:].to_csv(tmp_path / "some.csv", index=False)
    told = [one.message for one in read(target, reading(source, items=str(tmp_path / "some.csv"))).findings]
    assert any(message.startswith("2 of 40 items that users took are not described") for message in told)
    described.assign(item_id="other " + described["item_id"]).to_csv(tmp_path / "none.csv", index=False)
    with pytest.raises(DataError, match="describes none of the 40 items") as error:
        read(target, reading(source, items=str(tmp_path / "none.csv")))
    assert "ids" in error.value.hint


def test_users_are_named_for_a_bundle_only(tmp_path):
    target, source = tastes.write(tmp_path)
    for act in (read, read_heap):
        with pytest.raises(SettingsError, match="all of a table are read"):
            act(target, reading(source, user="u1"))
