"""What a preprocessor's file says of colours is read, and written so that it is read the same."""

import json

import pytest

from headstart.bases.formats.hf_pixels import colours, processor, written
from headstart.errors import BaseError
from headstart.preprocessing.image import ImagePreprocess


def test_mean_and_deviation_are_those_of_pixels_from_0_to_1():
    plain = colours({"do_normalize": False, "image_mean": [0.4] * 3})
    assert plain == {"mean": (0, 0, 0), "std": (1, 1, 1), "interpolation": "bilinear"}
    found = colours({"rescale_factor": 2 / 255, "image_mean": [1] * 3, "image_std": [1] * 3, "resample": 3})
    assert found == {"mean": (0.5,) * 3, "std": (0.5,) * 3, "interpolation": "bicubic"}


@pytest.mark.parametrize("resample", [1, "bilinear", None])
def test_an_interpolation_that_is_not_known_is_refused(resample):
    with pytest.raises(BaseError, match="`interpolation` should be one of"):
        colours({"resample": resample})


def test_what_is_written_says_the_same():
    made = ImagePreprocess(32, (0.1, 0.2, 0.3), (0.4, 0.5, 0.6), "nearest", 1.0, "squash")
    said = json.loads(json.dumps(written(made)))
    assert colours(said) == {"mean": made.mean, "std": made.std, "interpolation": "nearest"}
    assert said["size"] == said["crop_size"] == {"height": 32, "width": 32}


def test_a_folder_without_the_file_is_refused(tmp_path):
    with pytest.raises(BaseError, match=r"has no preprocessor_config\.json"):
        processor(tmp_path)
    (tmp_path / "preprocessor_config.json").write_text('{"size": 5}')
    assert processor(tmp_path) == {"size": 5}
