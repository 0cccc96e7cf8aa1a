"""The model card: a head that the hub reads, and text that says what is in result.json."""

from __future__ import annotations

import re
from typing import Any

import yaml
from huggingface_hub import ModelCard

from headstart.plain import read
from headstart.records import Outcome
from headstart.shipping.report import card

Json = dict[str, Any]


def write(result: Json) -> str:
    """The card of what result.json holds."""
    return card.write(read(Outcome, result))


def relabel(result: Json, labels: list[str]) -> None:
    """Other classes, with the counts of the first."""
    data = result["data"]
    counts = next(iter(data["per_class"].values()))
    data["labels"], data["per_class"] = labels, dict.fromkeys(labels, counts)


def head_of(text: str) -> Json:
    return dict(yaml.safe_load(text.split("---\n")[1]))


def test_the_hub_library_reads_the_head_and_the_test_result(result: Json) -> None:
    read = ModelCard(write(result)).data
    assert (read.license, read.library_name) == ("apache-2.0", "headstart")
    assert read.base_model == "timm/mobilenetv2_100.ra_in1k"
    assert {(e.metric_type, e.metric_value) for e in read.eval_results} >= {
        ("accuracy", 0.934),
        ("log_loss", 0.2134),
    }
    assert read.eval_results[0].dataset_revision == result["data"]["fingerprint"]


def test_the_text_has_the_verdict_the_metric_and_how_to_predict(result: Json) -> None:
    text = write(result).replace("\N{NO-BREAK SPACE}", " ")
    assert "Pre-trained weights helped: +31.2 points of accuracy (95 % interval +27.0 to +35.1)" in text
    assert "| Accuracy | 93.4 % | 88.0 to 96.1 % |" in text
    assert "208 train, 36 validation, 152 test" in text
    assert "headstart predict BUNDLE FILE" in text


def test_a_preliminary_verdict_says_so(result: Json) -> None:
    assert "Too few seeds" not in write(result)
    result["verdict"]["seeds"] = 1
    assert "Too few seeds" in write(result)


def test_a_model_without_transferred_weights_names_no_base_and_no_licence_of_it(result: Json) -> None:
    result["chosen"] = {"base": "timm/x", "strategy": None, "arm": "raw_pixels"}
    text = write(result)
    assert "base_model" not in head_of(text)
    assert head_of(text)["license"] == "unknown"
    assert "no pre-trained weights" in text


def test_a_path_is_not_published(result: Json) -> None:
    result["base"]["name"] = "/home/someone/secret/mobilenet_v2"
    text = write(result)
    assert "secret" not in text
    assert head_of(text)["base_model"] == "mobilenet_v2"


def test_an_odd_licence_becomes_other(result: Json) -> None:
    result["base"]["licence"] = "see: the 'website'\n- injected: true"
    head = head_of(write(result))
    assert head["license"] == "other"
    assert head["license_name"] == "see: the 'website'\n- injected: true"
    assert "injected" not in head


def test_names_of_users_neither_format_nor_inject(result: Json) -> None:
    names = [
        "<script>alert(1)</script>",
        "a | b\n# big",
        "[x](http://evil)",
        "`code` *bold* _it_",
    ]
    relabel(result, names)
    result["notes"] = ["line\n---\nlicense: mit"]
    body = write(result)
    assert "<script>" not in body
    assert r"a \| b \# big" in body
    assert r"\[x\](http" in body
    assert r"\`code\` \*bold\* \_it\_" in body
    assert not re.search(r"^license: mit", body, re.MULTILINE)


def test_many_labels_are_shortened(result: Json) -> None:
    relabel(result, [f"class{i}" for i in range(100)])
    text = write(result)
    assert "class29" in text
    assert "class30" not in text
    assert "70 more" in text


def test_without_a_verdict_the_card_says_so(result: Json) -> None:
    assert "No verdict" in write({**result, "verdict": None})


def test_a_task_that_is_not_installed_has_names_all_the_same(result: Json) -> None:
    text = write({**result, "task": "smelling", "metrics": {"macro_f1": 0.5}})
    assert head_of(text)["pipeline_tag"] == "smelling"
    assert "| Macro f1 |" in text


def test_the_card_can_be_written_whatever_a_file_name_holds(result: Json) -> None:
    relabel(result, ["caf\udce9", "蚂蚁"])
    assert "蚂蚁".encode() in write(result).encode("utf-8")


def test_weights_that_were_made_to_fit_are_counted(result: Json) -> None:
    assert "made to fit" not in write(result)
    result["receipt"]["adapted"] = [["w", [4], "sliced from (8,)"], ["v", [4], "sliced from (16,)"]]
    assert "- Weights that were made to fit: sliced (2)\n" in write(result)


def test_it_is_said_whose_names_the_checkpoint_had(result: Json) -> None:
    assert "The checkpoint had" not in write(result)
    result["receipt"]["renamed"] = "the names of another library"
    assert "- The checkpoint had the names of another library, which a known rule" in write(result)


def test_a_card_of_texts_says_how_to_predict_texts(of_texts: tuple[Json, Json]) -> None:
    text = write(of_texts[0])
    assert head_of(text)["pipeline_tag"] == "text-classification"
    assert 'headstart predict BUNDLE "A text."' in text
    assert "no more than about 40 tokens" in text
    assert "tokenizer.json" in text


def test_a_card_of_translations_knows_no_classes(
    of_translations: tuple[Json, Json],
) -> None:
    text = write(of_translations[0])
    read = ModelCard(text).data
    assert read.pipeline_tag == "translation"
    named = {(e.metric_type, e.metric_name) for e in read.eval_results}
    assert named >= {("chrf", "Test chrF"), ("bleu", "Test BLEU")}
    assert "| chrF | 93.4" in text
    assert "class" not in text


def test_only_a_card_of_single_classes_says_that_one_is_always_given(result: Json) -> None:
    said = "answers with one of its classes"
    assert said in write({**result, "abstain": {"max_error": 0.05, "threshold": 0.7}})
    label_sets = {**result, "task": "multilabel_text_classification", "abstain": None}
    assert said not in write(label_sets)


def test_a_card_of_pictures_names_files(result: Json) -> None:
    text = write(result)
    assert "tokens" not in text
    assert "tokenizer.json" not in text
