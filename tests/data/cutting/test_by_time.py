"""Where series are cut."""

import pytest

from headstart.data.cutting.by_time import BLOCKS, LEAST, MOST, Origins, origins


def test_many_series_have_one_test_each_and_two_windows_before_it():
    cut = origins(60, 6, 100)
    assert (cut.test, cut.validation, cut.until) == ((54,), (42, 48), 42)
    assert max(cut.train) <= 42 - 3
    assert len(cut.train) == 20


def test_few_long_series_have_blocks_of_time():
    cut = origins(7000, 30, 8)
    assert len(cut.test) == 16
    assert len(cut.validation) == BLOCKS
    assert cut.test[-1] == 6970
    assert cut.validation[-1] + 30 == cut.test[0]
    assert len(cut.train) == MOST
    assert len(origins(7000, 30, 1).test) == BLOCKS


@pytest.mark.parametrize("length", range(1, 60))
@pytest.mark.parametrize("horizon", [1, 6, 13])
def test_a_short_series_never_mixes_its_parts(length, horizon):
    cut = origins(length, horizon, 200)
    if length < horizon + LEAST:
        assert cut == Origins()
        return
    assert cut.test == (length - horizon,)
    later = [*cut.validation, *cut.test]
    assert all(a + horizon <= b for a, b in zip(later, later[1:], strict=False))
    assert all(LEAST <= one < later[0] == cut.until for one in cut.train)
