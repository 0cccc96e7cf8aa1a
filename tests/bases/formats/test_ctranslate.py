"""A file of CTranslate2's is read whole or refused, and a Whisper in it computes what it computed."""

from __future__ import annotations

import struct

import pytest
import torch
from transformers import WhisperConfig, WhisperModel

from headstart.bases.formats.ctranslate import KINDS, WHISPER, read, whisper, whisper_folder
from headstart.errors import BaseError

NUMBERS = {kind: number for number, kind in KINDS.items()}


def text(name):
    data = name.encode() + b"\0"
    return struct.pack("<H", len(data)) + data


def written(variables, others=(), version=6, name=WHISPER):
    """The bytes of a file, as CTranslate2's own converter writes them."""
    parts = [struct.pack("<I", version), text(name), struct.pack("<II", 3, len(variables))]
    for one, value in variables.items():
        axes = struct.pack(f"<B{value.ndim}I", value.ndim, *value.shape)
        data = value.contiguous().reshape(-1).view(torch.uint8).numpy().tobytes()
        parts += [text(one), axes, struct.pack("<BI", NUMBERS[value.dtype], len(data)), data]
    parts.append(struct.pack("<I", len(others)))
    return b"".join([*parts, *(text(other) + text(one) for other, one in others)])


@pytest.fixture
def file(tmp_path):
    def write(content):
        (tmp_path / "model.bin").write_bytes(content)
        return tmp_path / "model.bin"

    return write


SOME = {
    "a": torch.tensor([[1.5, -2.0]]).half(),
    "b": torch.tensor(7, dtype=torch.int16),
    "c": torch.zeros(0, 3),
    "d": torch.tensor([1.0, 3.0], dtype=torch.bfloat16),
}


def test_every_kind_and_shape_is_read(file):
    name, found = read(file(written(SOME, [("e", "a")], name="Some")))
    assert name == "Some"
    assert found.keys() == {*SOME, "e"}
    for one, value in SOME.items():
        assert found[one].dtype == value.dtype
        assert torch.equal(found[one], value)
    assert torch.equal(found["e"], SOME["a"])


def test_a_file_that_is_cut_anywhere_is_refused(file):
    content = written(SOME, [("e", "a")])
    for length in range(len(content)):
        with pytest.raises(BaseError, match="is no model of CTranslate2's"):
            read(file(content[:length]))


HUGE = text("w") + struct.pack("<B2I", 2, 2**32 - 1, 2**32 - 1) + struct.pack("<BI", 0, 2**32 - 1)
HEAD = struct.pack("<I", 6) + text(WHISPER) + struct.pack("<II", 3, 1)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (written(SOME, version=99), "its version is 99"),
        (written(SOME) + b"x", "1 bytes are left"),
        (written(SOME, [("e", "gone")]), "another name of `gone`"),
        (written(SOME, [("b", "a")]), "`b` is to be another name"),
        (HEAD + HUGE, "has 4294967295 bytes"),
        (HEAD + text("w") + struct.pack("<B", 200), "200 axes"),
        (HEAD + text("w") + struct.pack("<BBI", 0, 77, 1) + b"x", "of the kind 77"),
        (HEAD + text("w") + struct.pack("<BBI", 0, 0, 2) + b"xx", r"shape \(\) has 2 bytes"),
        (struct.pack("<IH", 6, 3) + b"abc", "a name has no end"),
        (struct.pack("<I", 6) + struct.pack("<H", 2) + b"\xff\0", "CTranslate2"),
        (b"PK\x03\x04" + bytes(99), "its version"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_believed(file, content, message):
    with pytest.raises(BaseError, match=message):
        read(file(content))


def test_a_name_that_comes_twice_is_refused(file):
    one = text("w") + struct.pack("<BBI", 0, 1, 1) + b"x"
    head = struct.pack("<I", 6) + text(WHISPER) + struct.pack("<II", 3, 2)
    with pytest.raises(BaseError, match="in it twice"):
        read(file(head + one + one + struct.pack("<I", 0)))


def test_a_file_that_is_not_there_says_so(tmp_path):
    with pytest.raises(BaseError, match="cannot be read"):
        read(tmp_path / "gone.bin")


@pytest.fixture(scope="module")
def model():
    config = WhisperConfig(
        vocab_size=30, d_model=12, encoder_layers=2, decoder_layers=1, encoder_attention_heads=3,
        decoder_attention_heads=2, encoder_ffn_dim=20, decoder_ffn_dim=28, num_mel_bins=4,
        max_source_positions=8, max_target_positions=6, pad_token_id=0, bos_token_id=1, eos_token_id=2,
        decoder_start_token_id=1,
    )  # fmt: skip
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        made = WhisperModel(config).eval()
        for value in made.parameters():
            value.data.normal_(0, 0.3)
        return made


def variables_of(model):
    """What CTranslate2's converter makes of transformers' Whisper: matrices of an attention stacked."""
    found = {}

    def put(place, layer):
        found[f"{place}/weight"] = layer.weight.data
        found[f"{place}/bias"] = torch.zeros(len(layer.weight)) if layer.bias is None else layer.bias.data

    def norm(place, layer):
        found[f"{place}/gamma"], found[f"{place}/beta"] = layer.weight.data, layer.bias.data

    def stack(place, *layers):
        found[f"{place}/weight"] = torch.cat([layer.weight.data for layer in layers])
        biases = [torch.zeros(len(one.weight)) if one.bias is None else one.bias.data for one in layers]
        found[f"{place}/bias"] = torch.cat(biases)

    for side, part in (("encoder", model.encoder), ("decoder", model.decoder)):
        heads = part.layers[0].self_attn.num_heads
        found[f"{side}/num_heads"] = torch.tensor(heads, dtype=torch.int16)
        found[f"{side}/position_encodings/encodings"] = part.embed_positions.weight.data
        norm(f"{side}/layer_norm", part.layer_norm)
        for number, layer in enumerate(part.layers):
            place = f"{side}/layer_{number}"
            norm(f"{place}/self_attention/layer_norm", layer.self_attn_layer_norm)
            own = layer.self_attn
            stack(f"{place}/self_attention/linear_0", own.q_proj, own.k_proj, own.v_proj)
            put(f"{place}/self_attention/linear_1", own.out_proj)
            norm(f"{place}/ffn/layer_norm", layer.final_layer_norm)
            put(f"{place}/ffn/linear_0", layer.fc1)
            put(f"{place}/ffn/linear_1", layer.fc2)
            if side == "decoder":
                across = layer.encoder_attn
                norm(f"{place}/attention/layer_norm", layer.encoder_attn_layer_norm)
                put(f"{place}/attention/linear_0", across.q_proj)
                stack(f"{place}/attention/linear_1", across.k_proj, across.v_proj)
                put(f"{place}/attention/linear_2", across.out_proj)
    put("encoder/conv1", model.encoder.conv1)
    put("encoder/conv2", model.encoder.conv2)
    found["decoder/embeddings/weight"] = model.decoder.embed_tokens.weight.data
    return found


def test_a_whisper_there_and_back_computes_the_same(model, file):
    content = written(variables_of(model), [("decoder/projection/weight", "decoder/embeddings/weight")])
    _, found = read(file(content))
    settings, state = whisper(found)
    assert {name: getattr(model.config, name) for name in settings} == settings
    again = WhisperModel(WhisperConfig(**{**model.config.to_dict(), **settings})).eval()
    again.load_state_dict(state, strict=True)
    sound, words = torch.randn(2, 4, 16), torch.tensor([[1, 5, 9], [1, 7, 8]])
    with torch.no_grad():
        one, other = (m(input_features=sound, decoder_input_ids=words)[0] for m in (model, again))
    assert torch.equal(one, other)


def test_what_is_no_whisper_is_refused(model):
    variables = variables_of(model)
    del variables["encoder/conv1/weight"]
    with pytest.raises(BaseError, match=r"not the weights of a Whisper: 'encoder\.conv1\.weight'"):
        whisper(variables)
    variables = variables_of(model)
    variables["decoder/layer_0/attention/linear_1/weight"] = torch.zeros(1, 12)
    with pytest.raises(BaseError, match="not the weights of a Whisper"):
        whisper(variables)


def test_a_whisper_is_kept_as_transformers_keeps_it_with_what_it_never_writes(model, file):
    path = file(written(variables_of(model)))
    with pytest.raises(BaseError, match="no tokenizer"):
        whisper_folder(path)
    (path.parent / "tokenizer.json").write_text('{"model": {}}')
    (path.parent / "config.json").write_text('{"suppress_ids": [1, 2], "suppress_ids_begin": [3]}')
    saved = whisper_folder(path)
    assert saved.settings["tokenizer.json"] == {"model": {}}
    never = {"suppress_tokens": [1, 2], "begin_suppress_tokens": [3]}
    assert saved.settings["generation_config.json"] == never
    config = saved.settings["config.json"]
    assert (config["model_type"], config["d_model"], config["encoder_layers"]) == ("whisper", 12, 2)
    assert {name.split(".")[0] for name in saved.state} == {"encoder", "decoder"}
    expected = model.encoder.state_dict()["layers.1.fc1.weight"]
    assert torch.equal(saved.state["encoder.layers.1.fc1.weight"], expected.half())
    with pytest.raises(BaseError, match="holds a Some, no Whisper"):
        whisper_folder(file(written(SOME, name="Some")))
