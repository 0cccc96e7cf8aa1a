"""What a modality is where it says nothing else."""

from headstart.exposure import AS_STORED
from headstart.tasks.modalities.base import Modality


def test_what_is_usual():
    plain = Modality()
    assert plain.exposed((), (), None, {}) == (AS_STORED, [])
    assert (plain.folded, plain.options, plain.together) == (None, (), 1)
    assert plain.remarks([]) == []
    assert plain.impressions(None, None) is None
    assert plain.evidence(None, None, None, None) == {}
    assert plain.shipped(None) is plain.shown_as(None) is plain
