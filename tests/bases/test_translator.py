"""Encoder-decoders as their makers have them: the same loss, the same translations, trained in parts."""

import json
from types import SimpleNamespace

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer, GenerationConfig

import languages
from headstart.bases import build, load_base
from headstart.bases.base import INPUT
from headstart.bases.networks.cuts import cut
from headstart.bases.networks.parted import PartedNetwork
from headstart.bases.translator import BEAMS, LONGER, LONGEST, SMALL, SMOOTHING, plugin
from headstart.data.texts.pair_store import PairStore
from headstart.errors import BaseError
from languages import TRANSLATORS, WINDOW

PAIRS = tuple(zip(languages.SENTENCES, languages.SENTENCES[3:] + languages.SENTENCES[:3], strict=True))
"""Both sides of very different lengths."""


@pytest.fixture(scope="module", params=TRANSLATORS)
def one(request, tmp_path_factory):
    """A kind of translator: its folder, the network as it was written, and the base."""
    folder, network = languages.write(tmp_path_factory.mktemp("base") / "it", request.param)
    base = load_base(str(folder), "translation")
    return SimpleNamespace(name=request.param, folder=folder, original=network, base=base)


@pytest.fixture
def t5(tmp_path):
    """Folder of a fresh translator that a test may change."""
    return languages.write(tmp_path / "t5", "t5")[0]


def batch(preprocess, pairs=PAIRS):
    sources, targets = zip(*pairs, strict=True)
    store = PairStore([text.encode() for text in sources], preprocess, answers=targets)
    return store.batch(np.arange(len(pairs)))


def outputs(network, tokens):
    with torch.no_grad():
        return network(tokens)


def rows(tokens):
    """(source, target) of each pair alone, without what pads them."""
    return [(source[source >= 0][None], target[target >= 0][None]) for source, target in tokens]


def saved(base, folder):
    found = plugin.save(base.architecture, base.preprocess, base.state, None)
    for name, settings in found.settings.items():
        languages.note(folder / name, settings)
    state = {name: value.clone() for name, value in found.state.items()}
    save_file(state, folder / "model.safetensors", {"format": "pt"})
    return folder


def test_every_kind_is_loaded_whole(one):
    base = one.base
    assert (base.receipt.fresh, base.receipt.adapted, base.receipt.fraction) == ((), (), 1)
    assert (base.card.modality, base.card.width) == ("translation", 2)
    assert (base.card.stages, base.card.stage_numbers) == (("embeddings", "encoder"), ())
    assert base.card.flops > 0
    assert isinstance(base.network(), PartedNetwork)


def test_the_loss_is_that_of_transformers_for_each_pair_alone(one):
    """And the padding of a batch changes nothing."""
    network, tokens = one.base.network(), batch(one.base.preprocess)
    found = outputs(network, tokens)
    for ours, (source, target) in zip(found, rows(tokens), strict=True):
        if one.name == "mbart":  # the library begins with a label's last token, which is a language's
            start = torch.tensor([[one.original.config.decoder_start_token_id]])
            before = torch.cat([start, target[:, :-1]], 1)
            with torch.no_grad():
                logits = one.original(input_ids=source, decoder_input_ids=before).logits
            expected = F.cross_entropy(logits[0], target[0])
        else:
            with torch.no_grad():
                expected = one.original(input_ids=source, labels=target).loss
        assert float(ours[1]) == target.shape[1]
        torch.testing.assert_close(ours[0], expected * target.shape[1], rtol=1e-5, atol=1e-4)


def test_padding_changes_nothing(one):
    network, tokens = one.base.network(), batch(one.base.preprocess)
    wider = F.pad(tokens, (0, 5), value=-1)
    torch.testing.assert_close(outputs(network, wider), outputs(network, tokens), rtol=1e-5, atol=1e-4)
    order = torch.arange(len(tokens) - 1, -1, -1)
    turned = outputs(network, tokens[order])[order]
    torch.testing.assert_close(turned, outputs(network, tokens), rtol=1e-5, atol=1e-4)


def test_a_pair_without_a_translation_weighs_nothing(one):
    tokens = batch(one.base.preprocess)
    tokens[1, 1] = -1
    found = outputs(one.base.network(), tokens)
    assert found[1].tolist() == [0, 0]
    torch.testing.assert_close(
        found[2:], outputs(one.base.network(), batch(one.base.preprocess))[2:], rtol=1e-5, atol=1e-4
    )


def test_right_words_are_smoothed_in_training_only(one):
    network, tokens = one.base.network(), batch(one.base.preprocess)[:1]
    plain = outputs(network, tokens)[0, 0]
    network.train()
    for module in network.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
        for name in ("dropout", "attention_dropout", "activation_dropout"):
            if isinstance(getattr(module, name, None), float):
                setattr(module, name, 0.0)
    (source, target) = rows(tokens)[0]
    before = torch.cat([torch.tensor([[network.start]]), target[:, :-1]], 1)
    with torch.no_grad():
        logs = one.original(input_ids=source, decoder_input_ids=before).logits[0].log_softmax(-1)
    right = -logs.gather(1, target[0][:, None]).sum()
    expected = (1 - SMOOTHING) * right - SMOOTHING * logs.mean(1).sum()
    torch.testing.assert_close(plain, right, rtol=1e-5, atol=1e-4)
    torch.testing.assert_close(outputs(network, tokens)[0, 0], expected, rtol=1e-5, atol=1e-4)


def test_translations_are_those_of_generate_for_each_text_alone(one):
    network, tokens = one.base.network(), batch(one.base.preprocess)
    found = network.translated(tokens)
    config = one.original.config
    most = LONGER * int((tokens[:, 0] >= 0).sum(1).max()) + 10
    places = getattr(config, "max_position_embeddings", None)
    asked = GenerationConfig(
        num_beams=BEAMS,
        max_new_tokens=min(most, places - 1) if places else most,
        do_sample=False,
        pad_token_id=config.pad_token_id,
        eos_token_id=config.eos_token_id,
        decoder_start_token_id=network.start,
    )
    assert found.shape[1] <= most + 1
    for ours, (source, _) in zip(found, rows(tokens), strict=True):
        with torch.no_grad():
            (expected,) = one.original.generate(input_ids=source, generation_config=asked)
        assert ours[: len(expected)].tolist() == expected.tolist()
        assert set(ours[len(expected) :].tolist()) <= {config.pad_token_id, config.eos_token_id}
        ends = (expected[1:] == config.eos_token_id).nonzero()[:, 0].tolist()
        assert ends in ([], [len(expected) - 2]), "nothing comes after the end"


def test_what_the_target_is_does_not_change_a_translation(one):
    tokens = batch(one.base.preprocess)[:2]
    without = tokens.clone()
    without[:, 1] = -1
    network = one.base.network()
    assert torch.equal(network.translated(tokens), network.translated(without))


def test_the_parts_share_nothing_and_the_word_vectors_come_first(one):
    network = one.base.network()
    names = [name for name, _ in network.named_parameters()]
    parts = network.parts
    assert list(parts) == ["embeddings", "encoder"]
    words = network.model.get_input_embeddings().weight
    assert [dict(network.named_parameters())[name] is words for name in parts["embeddings"]] == [True]
    assert parts["encoder"]
    assert all(".encoder." in name for name in parts["encoder"])
    assert set(network.above("encoder")) == set(names) - set(parts["encoder"]) - set(parts["embeddings"])
    assert set(network.above("embeddings")) == set(network.above("encoder")) | set(parts["encoder"])
    tied = network.model.get_output_embeddings().weight is words
    assert tied == (one.name != "t5 untied")
    assert any("lm_head" in name for name in network.above("encoder")) != tied


def test_tables_of_sines_are_no_weights(one):
    network = one.base.network()
    assert all(parameter.requires_grad for parameter in network.parameters())
    sines = [name for name, _ in network.named_buffers() if "embed_positions" in name]
    assert len(sines) == (2 if one.name == "marian" else 0)


def test_a_cut_trains_what_is_above_it(one):
    network, tokens = one.base.network(), batch(one.base.preprocess)
    for stage in one.base.card.stages:
        parts = cut(network, stage, tokens[:1])
        assert parts.suffix_parameters() == network.above(stage)
        assert torch.equal(parts.prefix(tokens), tokens)
        assert parts.suffix is network
    everything = cut(network, INPUT, tokens[:1]).suffix_parameters()
    assert everything == [name for name, _ in network.named_parameters()]


def test_what_is_saved_is_found_again_and_has_the_same_loss(one, tmp_path):
    base, tokens = one.base, batch(one.base.preprocess)
    again = load_base(str(saved(base, tmp_path / "it")), "translation")
    assert (again.architecture, again.card.sha256) == (base.architecture, base.card.sha256)
    assert (again.receipt.fresh, again.receipt.unused) == ((), ())
    assert again.preprocess.window == base.preprocess.window
    assert json.loads(again.preprocess.tokenizer) == json.loads(base.preprocess.tokenizer)
    assert torch.equal(outputs(again.network(), tokens), outputs(base.network(), tokens))


def test_what_is_saved_is_loaded_by_the_library_itself(one, tmp_path):
    folder, tokens = saved(one.base, tmp_path / "it"), batch(one.base.preprocess)
    with languages.quiet():
        network = AutoModelForSeq2SeqLM.from_pretrained(folder).eval()
        tokenizer = AutoTokenizer.from_pretrained(folder)
    state, expected = network.state_dict(), one.original.state_dict()
    assert state.keys() == expected.keys()
    assert all(torch.equal(state[name], expected[name]) for name in state)
    for (text, _), (source, _) in zip(PAIRS, rows(tokens), strict=True):
        found = tokenizer(text, truncation=True, max_length=one.base.preprocess.window)
        assert found["input_ids"] == source[0].tolist()


def test_the_same_folder_is_a_translator_or_a_reader_of_texts(one):
    reader, translator = (load_base(str(one.folder), modality) for modality in ("text", "translation"))
    assert (reader.card.modality, reader.card.width) == ("text", languages.WIDTH)
    assert (reader.architecture.family, translator.architecture.family) == ("language", "translator")
    assert load_base(str(one.folder)).card.modality == "text"
    numbers = languages.tokens(reader.preprocess)[:1]
    expected = languages.plain(one.original, numbers[0][numbers[0] >= 0]).mean(0)
    torch.testing.assert_close(outputs(reader.network(), numbers)[0], expected, rtol=0, atol=1e-5)


def test_no_more_tokens_than_there_are_places_for(one):
    known = {"bart": WINDOW, "marian": 48}
    window = one.base.preprocess.window
    assert window == one.base.preprocess.size == known.get(one.name, LONGEST)
    long = batch(one.base.preprocess, [("ship " * 300, "sea " * 300)])
    assert long.shape == (1, 2, window)
    assert outputs(one.base.network(), long).isfinite().all()
    assert one.base.network().translated(long).shape[0] == 1


def test_random_networks_differ_by_their_seed(one):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        first, second = one.base.build(None), one.base.build(None)
    pairs = zip(first.parameters(), second.parameters(), strict=True)
    assert not all(torch.equal(*pair) for pair in pairs)
    assert {name: value.shape for name, value in first.state_dict().items()} == {
        name: value.shape for name, value in one.base.state.items()
    }


def test_a_model_that_does_not_translate_is_refused(tmp_path):
    folder = languages.write(tmp_path / "bert", "bert")[0]
    assert plugin.locate(str(folder)) is None
    with pytest.raises(BaseError, match="is a base for text, the task needs one for translation"):
        load_base(str(folder), "translation")


def test_a_folder_without_a_tokenizer_is_refused(t5):
    (t5 / "tokenizer.json").unlink()
    with pytest.raises(BaseError, match=r"tokenizer\.json"):
        load_base(str(t5), "translation")


def test_loading_is_silent(t5, capfd):
    capfd.readouterr()
    load_base(str(t5), "translation")
    assert capfd.readouterr() == ("", "")


def test_the_small_one_has_to_be_trained_first():
    (name,) = plugin.names()
    located = plugin.locate(name)
    assert located.preprocess.modality == "translation"
    with pytest.raises(BaseError, match="without weights") as caught:
        located.weights()
    assert "headstart pretrain" in caught.value.hint
    network = build(located.architecture)
    assert network.start == SMALL["decoder_start_token_id"]


def test_a_translation_begins_where_its_settings_say_or_as_t5_after_the_padding(t5):
    config = json.loads((t5 / "config.json").read_text())
    assert load_base(str(t5), "translation").network().start == config["decoder_start_token_id"] == 0
    languages.note(t5 / "config.json", {**config, "decoder_start_token_id": 2})
    assert load_base(str(t5), "translation").network().start == 2
    del config["decoder_start_token_id"]
    languages.note(t5 / "config.json", config)
    assert load_base(str(t5), "translation").network().start == config["pad_token_id"] == 0


def test_an_output_layer_of_its_own_is_loaded_beside_the_word_vectors(tmp_path):
    """As T5 1.1 and Flan-T5 have it: files of the hub, and those that today's library writes."""
    folder, network = languages.write(tmp_path / "it", "t5 untied")
    config = json.loads((folder / "config.json").read_text())
    assert (config["tie_word_embeddings"], config["scale_decoder_outputs"]) == (False, False)
    hub = {name: value for name, value in config.items() if name != "scale_decoder_outputs"}
    for settings in (hub, {**config, "tie_word_embeddings": True}):
        languages.note(folder / "config.json", settings)
        model = load_base(str(folder), "translation").network().model
        assert torch.equal(model.lm_head.weight, network.lm_head.weight)
        assert torch.equal(model.shared.weight, network.shared.weight)
        assert not torch.equal(model.lm_head.weight, model.shared.weight)
