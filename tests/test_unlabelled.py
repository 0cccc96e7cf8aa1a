"""`hs.explore` and what it gives."""

import pytest

import headstart as hs
from headstart.errors import UnknownName
from headstart.shipping import rerender
from pictures import write_folder


def test_it_gives_records_and_a_model(tmp_path, tiny_base):
    data = write_folder(tmp_path / "photos", per_class=4)
    given = hs.explore(data, base=str(tiny_base), out=tmp_path / "run", clusters=2, proof="no")
    assert isinstance(given, hs.Exploration)
    assert given.found.groups[0].name == "cluster 1"
    assert given.model.labels == ("cluster 1", "cluster 2")
    assert "cluster 2" in given._repr_html_()
    assert given.record["seed"] == 0
    page = given.folder / "report.html"
    written = page.read_text("utf-8")
    page.unlink()
    assert rerender(given.folder).read_text("utf-8") == written


def test_a_typo_is_answered_with_the_nearest(tmp_path):
    with pytest.raises(UnknownName) as error:
        hs.explore(tmp_path, cluster=3)
    assert "clusters" in error.value.hint
