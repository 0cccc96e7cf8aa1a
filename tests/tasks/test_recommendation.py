"""A whole run on made tastes: what ships recommends, nothing looks ahead, and chance is not called help."""

import json

import numpy as np
import pandas as pd
import pytest

import headstart as hs
import languages
import tastes
from headstart.data.cutting.by_user import TEST, cut
from headstart.errors import HeadstartError, SettingsError
from headstart.tasks.fitters import factors
from headstart.tasks.solvers.factorisation import Settings
from stories import refused, said

USERS = 240
TRIED = (Settings(width=8, penalty=0.01),)


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Runs on made tables; on the same with other items in the test; on a source whose users are mixed up."""
    home = tmp_path_factory.mktemp("tastes")
    target, source = tastes.write(home, users=USERS)
    table, mixed = pd.read_csv(target), pd.read_csv(source)
    number, names = pd.factorize(table["user_id"])
    late = cut(number, None, names.tolist()).side == TEST
    table.loc[late, "item_id"] = [f"other{place}" for place in range(late.sum())]
    table.to_csv(home / "changed.csv", index=False)
    names = mixed["user_id"].unique()
    new = dict(zip(names, np.random.default_rng(0).permutation(names), strict=True))
    mixed.assign(user_id=mixed["user_id"].map(new)).to_csv(home / "mixed.csv", index=False)
    found = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(factors, "TRIED", TRIED)
        for name, data, beside in (
            ("plain", target, source),
            ("changed", home / "changed.csv", source),
            ("permuted", target, home / "mixed.csv"),
        ):
            found[name] = hs.run(data, out=home / name, source_data=str(beside), shared="users")
    return home, found


def result(runs, name):
    return json.loads((runs[0] / name / "result.json").read_text("utf-8"))


def test_what_the_source_knows_helps_users_of_whom_the_target_knows_little(runs):
    said = result(runs, "plain")
    assert said["task"] == "recommendation"
    assert said["verdict"]["call"] == "helps"
    assert (said["verdict"]["transfer"], said["verdict"]["baseline"]) == ("by_kind", "alone")
    cold = {row["arm"]: row for row in said["kinds"] if row["kind"] == "cold"}
    assert cold["by_kind"]["call"] == "helps"
    assert cold["by_kind"]["against"] == pytest.approx(cold["popularity"]["value"], abs=0.2)
    assert said["chosen"]["strategy"]
    assert {"popularity", "recent_popularity", "item_knn", "scratch", "frozen", "mapping"} <= cold.keys()


def test_a_source_of_other_people_is_not_called_help(runs):
    assert result(runs, "permuted")["verdict"]["call"] != "helps"


def test_what_is_tested_changes_nothing_but_how_it_is_measured(runs):
    one, other = result(runs, "plain"), result(runs, "changed")

    def choices(said):
        arms = {arm["name"]: arm["validation"] for arm in said["arms"]}
        return arms, [(row["kind"], row["arm"]) for row in said["kinds"] if row["ships"]]

    assert choices(one) == choices(other)
    assert other["metric"]["value"] < one["metric"]["value"]
    weights = [
        (runs[0] / name / "bundle" / "model.safetensors").read_bytes() for name in ("plain", "changed")
    ]
    assert weights[0] == weights[1]


def test_what_ships_recommends_to_known_and_unknown_users(runs):
    home, found = runs
    table = pd.DataFrame(
        {
            "user_id": ["x", "x", "x", "🍕"],
            "item_id": ["a1", "a2", "a3", "never seen"],
            "rating": [1, 1, 1, 1],
        }
    )
    known, unknown = found["plain"].model.predict(table)
    assert known["input"] == "x"
    assert len(known["items"]) == 20
    assert not {"a1", "a2", "a3"} & set(known["items"])
    assert sum(int(item[1:]) < 10 for item in known["items"][:5]) >= 4
    assert unknown["basis"] == "popularity"


def test_users_are_asked_for_by_name_and_never_get_what_they_have(runs):
    home, found = runs
    took = pd.read_csv(home / "target.csv").groupby("user_id")["item_id"].agg(set)
    names = ["u1", "u2", "u3", "u4"]
    for name, record in zip(names, found["plain"].model.predict([], user=names), strict=True):
        assert record["input"] == name
        assert not took[name] & set(record["items"])
        assert record["known"] >= len(took[name])
        assert any(record["because"]) == (record["basis"] != "popularity")
    (nobody,) = found["plain"].model.predict([], user="2013-08-01")
    assert (nobody["known"], nobody["basis"]) == (0, "popularity")
    assert not any(nobody["because"])


def test_a_command_names_users_and_says_of_whom_nothing_is_known(runs):
    home, _ = runs
    done = said("predict", home / "plain", "--user", "u1", "--user=🍕", "--user", "Doe, J")
    assert done.code == 0
    one, *_, last = done.out.split("\n\t")
    assert one.startswith("u1\tby ")
    assert "because of" in done.out
    assert done.out.count("for nothing is known of this user") == 2
    assert "\n🍕\tby popularity, for" in done.out
    lines = said("predict", home / "plain", "--user", "u1", "--json").out.splitlines()
    assert json.loads(lines[0])["because"]
    refused(said("predict", home / "plain", "--user", " "), 2)
    refused(said("predict", home / "plain", "--user"), 2)
    refused(said("run", home / "target.csv", "--set", "user=u1"))
    table = home / "answers.csv"
    assert said("predict", home / "plain", "--user", "u1", "--out", table).code == 0
    assert pd.read_csv(table)["input"].tolist() == ["u1"]


def test_a_bundle_recommends_items_that_nobody_took_by_their_texts(runs, tmp_path):
    home, _ = runs
    titles = [f"{languages.SENTENCES[item // tastes.ITEMS]} no. {item}" for item in range(40)]
    rows = [(f"a{item}", title) for item, title in enumerate(titles)]
    rows += [("new", f"{languages.SENTENCES[1]}, again"), ("silent", None)]
    pd.DataFrame(rows, columns=["item_id", "title"]).to_csv(tmp_path / "items.csv", index=False)
    reader = str(languages.write(tmp_path / "reader", "minilm")[0])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(factors, "TRIED", TRIED)
        about = {"items": str(tmp_path / "items.csv"), "describe": reader}
        base = hs.pretrain(home / "target.csv", tmp_path / "base", **about).folder
    table = pd.DataFrame({"user_id": list("xxxzzz"), "item_id": ["a11", "a12", "a13", "a31", "a32", "a33"]})
    one, other = (record["items"] for record in hs.load(base).predict(table))
    assert "new" in one
    assert "new" not in other[:10]
    assert "silent" not in [*one, *other]
    facts = json.loads((base / "bundle" / "bundle.json").read_text("utf-8"))
    assert facts["preprocess"]["read_by"] == reader
    late = [("late", f"{languages.SENTENCES[1]}, once more"), ("mute", None)]
    pd.DataFrame([*rows, *late], columns=["item_id", "title"]).to_csv(tmp_path / "more.csv", index=False)
    one, other = (record["items"] for record in hs.load(base).predict(table, items=tmp_path / "more.csv"))
    assert {"late", "new"} <= set(one)
    assert [record["new"] for record in hs.load(base).predict(table)] == [["new"], ["new"]]
    assert not {"late", "mute"} & set(other[:10])
    took = pd.DataFrame({"user_id": list("xxx"), "item_id": ["a11", "a12", "late"]})
    model = hs.load(base)
    unknown, known = (model.evaluate(took, **more) for more in ({}, {"items": tmp_path / "more.csv"}))
    assert unknown.metric.value != known.metric.value, "there is more to choose from"
    told = said("predict", base, "--user", "u1", "--set", f"items={tmp_path / 'more.csv'}")
    assert "1 of 2 new items are left out" in told.err
    assert "\tof those that nobody took yet\t" in told.out
    assert "late" in told.out.rsplit("nobody took yet", 1)[1]
    with pytest.raises(HeadstartError, match="a base for image"):
        hs.pretrain(home / "target.csv", tmp_path / "other", **{**about, "describe": "builtin/vision-s"})


def test_a_bundle_that_was_told_nothing_of_items_reads_none(runs, tmp_path):
    home, found = runs
    items = tastes.described(tmp_path)
    with pytest.raises(SettingsError, match="learned nothing of what is said of items"):
        found["plain"].model.predict([], user="u1", items=items)


def test_there_must_be_a_source(runs):
    with pytest.raises(SettingsError, match="nothing to transfer from"):
        hs.run(runs[0] / "target.csv")


def test_the_report_shows_kinds_of_users(runs):
    home, _ = runs
    page = (home / "plain" / "report.html").read_text("utf-8")
    assert "By kind of examples" in page
    assert "How popular the items are" in page
    assert "Half of what is recommended is of the <b>" in page
    assert page.count("<script") == 1, "the page's own"


@pytest.mark.slow
def test_an_interrupted_run_goes_on_where_it_was(runs, monkeypatch):
    home, found = runs
    options = {"out": home / "again", "source_data": str(home / "source.csv"), "shared": "users"}
    with monkeypatch.context() as patch:
        patch.setattr(factors, "TRIED", TRIED)
        patch.setattr(factors, "mixed", None)
        with pytest.raises(TypeError):
            hs.run(home / "target.csv", **options)
    monkeypatch.setattr(factors, "fit", None)  # all fits are there already
    hs.run(home / "target.csv", **options)
    weights = [(home / name / "bundle" / "model.safetensors").read_bytes() for name in ("plain", "again")]
    assert weights[0] == weights[1]


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"base": "builtin/vision-s"}, "is no table"),
        ({"strategy": "lora", "source_data": "source.csv"}, "cannot be used"),
    ],
)
def test_what_it_has_no_way_for_is_told(runs, more, told, monkeypatch):
    home, _ = runs
    monkeypatch.chdir(home)
    with pytest.raises(HeadstartError, match=told):
        hs.run(home / "target.csv", shared="users", **more)
