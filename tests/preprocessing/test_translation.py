"""How a sentence and its translation become an input: as a text does, but for two of them."""

from headstart import registry
from headstart.preprocessing.text import LENGTH, TOKENIZER
from headstart.preprocessing.translation import PairPreprocess, plugin


def test_it_is_written_and_read_as_a_text_but_stays_what_it_is(tmp_path):
    plain = PairPreprocess("{}", 128, 32)
    fields, files = plain.plain()
    (tmp_path / TOKENIZER).write_bytes(files[TOKENIZER])
    again = plugin.read(fields, tmp_path)
    assert (again, type(again), again.modality) == (plain, PairPreprocess, "translation")
    assert plain.example()[0] == (1, 2, LENGTH)


def test_every_modality_of_a_task_has_its_preprocessing():
    tasks = [registry.get("tasks", name) for name in registry.names("tasks")]
    assert {task.modality.name for task in tasks} == set(registry.names("preprocessing"))
