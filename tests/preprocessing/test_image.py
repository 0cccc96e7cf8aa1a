"""How an image becomes an input: written, read again, and told."""

import json

from headstart.exposure import AS_STORED, Exposure
from headstart.preprocessing.image import ImagePreprocess, plugin

PLAIN = ImagePreprocess(224, (0.1, 0.2, 0.3), (0.4, 0.5, 0.6), "bilinear", 0.9, "squash")


def test_what_is_written_is_read_again(tmp_path):
    for one in (PLAIN, ImagePreprocess(32, (0.0,) * 3, (1.0,) * 3, exposure=Exposure((0.0, 4095.0)))):
        fields, files = one.plain()
        assert files == {}
        assert plugin.read(json.loads(json.dumps(fields)), tmp_path) == one


def test_what_was_written_before_there_were_exposures_has_none(tmp_path):
    fields, _ = PLAIN.plain()
    del fields["exposure"]
    assert plugin.read(fields, tmp_path).exposure == AS_STORED


def test_noise_has_the_shape_of_an_input():
    assert PLAIN.example() == ((1, 3, 224, 224), None)
    assert PLAIN.at(64).example() == ((1, 3, 64, 64), None)
    assert PLAIN.modality == "image"
