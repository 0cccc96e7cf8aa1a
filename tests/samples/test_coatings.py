"""Parts by coating: no two sets share a picture, and states are mixed."""

from __future__ import annotations

from headstart.samples import coatings, parts


def test_they_are_other_pictures_than_those_of_parts(tmp_path):
    coatings.write(tmp_path / "coatings", 0)
    parts.write(tmp_path / "parts", 0)
    first, second = (
        {p.read_bytes() for p in (tmp_path / name).rglob("*.png")} for name in ("coatings", "parts")
    )
    assert sorted(path.name for path in (tmp_path / "coatings").iterdir()) == sorted(parts.COATINGS)
    assert len(first) == coatings.MANY * len(parts.COATINGS)
    assert not first & second
