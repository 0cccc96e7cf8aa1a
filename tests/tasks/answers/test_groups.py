"""Which group an example is in."""

import numpy as np
import pytest
import torch

from headstart.errors import DataError
from headstart.tasks.answers.groups import Groups, GroupsOut


@pytest.fixture
def head():
    """Groups around two axes; landmarks on them, a place on the map each."""
    head = GroupsOut(4, 2, 2, 12)
    near = torch.nn.functional.normalize(
        torch.randn(12, 2, generator=torch.Generator().manual_seed(0)) * 0.05
    )
    marks = torch.tensor([[1.0, 0], [0, 1]]).repeat_interleave(6, 0) + 0.02 * near
    state = {
        "centre": torch.zeros(4),
        "axes": torch.eye(4)[:, :2],
        "centres": torch.eye(2),
        "landmarks": torch.nn.functional.normalize(marks),
        "places": torch.tensor([[-1.0, 0], [1, 0]]).repeat_interleave(6, 0),
        "limit": torch.tensor([0.1]),
    }
    head.load_state_dict(state)
    return head


def test_the_nearest_centre_names_the_group(head):
    outputs = head(torch.tensor([[5.0, 0, 0, 0], [0.1, 3, 0, 0], [1, 1, 0, 0]])).numpy()
    first, second, between = Groups().decode(outputs, ("cluster 1", "cluster 2"))
    assert (first["cluster"], first["unlike"]) == ("cluster 1", False)
    assert first["distance"] == pytest.approx(0, abs=1e-5)
    assert (second["cluster"], second["unlike"]) == ("cluster 2", False)
    assert (first["x"], second["x"]) == pytest.approx((-1, 1), abs=1e-4)
    assert between["unlike"]
    assert between["far"] > 5


def test_an_answer_does_not_move_with_its_batch(head):
    inputs = torch.randn(6, 4, generator=torch.Generator().manual_seed(1))
    alone = torch.cat([head(one[None]) for one in inputs])
    assert torch.allclose(head(inputs), alone, atol=1e-5)


def test_what_was_seen_is_at_its_own_place(head):
    """Also after a pass in other arithmetic; what is new lies among its nearest."""
    head.places.copy_(torch.arange(24.0).reshape(12, 2))
    seen = torch.nn.functional.pad(head.landmarks, (0, 2))
    assert torch.equal(head(seen[[0, 7]] + 1e-4)[:, -2:], head.places[[0, 7]])
    new = torch.nn.functional.normalize(torch.tensor([[1.0, 0.3, 0, 0]]))
    assert not (head(new)[:, None, -2:] == head.places).all(2).any()


def test_no_direction_is_no_error(head):
    assert torch.isfinite(head(torch.zeros(1, 4))).all()


def test_labels_are_never_looked_at():
    targets = Groups().targets(["ant", "bee"])
    assert targets.right.tolist() == ["", ""]
    assert targets.kinds == ("examples",)
    with pytest.raises(DataError, match="no label is right or wrong"):
        Groups().known(["ant"], ("cluster 1",))


def test_a_head_is_as_large_as_its_architecture_says():
    head = Groups(components=3, landmarks=7).head(5, ("a", "b"))
    assert head.axes.shape == (5, 3)
    assert head.centres.shape == (2, 3)
    assert head.places.shape == (7, 2)
    assert np.isfinite(head(torch.ones(1, 5)).numpy()).all()
