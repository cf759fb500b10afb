"""Makes what all sides are given: weights, inputs, and the graphs that ONNX Runtime and OpenVINO run.

Run as a process of its own, so that its memory is nobody's peak.
"""

import argparse
import math
import pathlib
import warnings

import numpy
import torch
from PIL import Image
from safetensors.torch import save_file
from transformers import SamConfig, SamModel, SamVisionConfig

SIZES = {
    "vit_b": dict(hidden_size=768, num_hidden_layers=12, num_attention_heads=12, global_attn_indexes=[2, 5, 8, 11]),
    "vit_l": dict(hidden_size=1024, num_hidden_layers=24, num_attention_heads=16, global_attn_indexes=[5, 11, 17, 23]),
    "vit_h": dict(hidden_size=1280, num_hidden_layers=32, num_attention_heads=16, global_attn_indexes=[7, 15, 23, 31]),
}
PROMPTS = 64


def model(name, attention):
    """The reference model of a size, without useful weights."""
    sizes = SIZES[name]
    vision = SamVisionConfig(mlp_dim=4 * sizes["hidden_size"], **sizes)
    return SamModel._from_config(SamConfig(vision_config=vision), attn_implementation=attention).eval()


def load(name, folder, attention):
    """The model with the weights that every side uses."""
    from safetensors.torch import load_file

    result = model(name, attention)
    missing, unexpected = result.load_state_dict(load_file(folder / f"{name}.safetensors"), strict=False)
    # The positional matrix is one tensor under two names.
    assert not unexpected and all("positional_embedding" in key for key in missing), (missing, unexpected)
    result.tie_weights()
    return result


def randomise(reference):
    """Random weights under which activations keep the size that they have in trained models."""
    generator = torch.Generator().manual_seed(1)
    for name, tensor in sorted(reference.state_dict().items()):
        normal = torch.randn(tensor.shape, generator=generator)
        if "positional_embedding" in name:
            value = normal
        elif "rel_pos" in name:
            value = 0.05 * normal
        elif name.endswith("pos_embed"):
            value = 0.1 * normal
        elif any(part in name for part in ("point_embed", "no_mask_embed", "not_a_point", "iou_token", "mask_tokens")):
            value = 0.5 * normal
        elif tensor.ndim == 1:
            value = 0.1 * normal + (1 if name.endswith("weight") else 0)
        else:
            value = normal / math.sqrt(tensor[0].numel())
        tensor.copy_(value)
    reference.tie_weights()


def inputs(photo):
    """The photo as the encoder wants it, and points, in pixels of the model's input."""
    rgb = Image.open(photo).convert("RGB").resize((1024, 1024), Image.Resampling.BILINEAR)
    pixels = numpy.asarray(rgb, dtype=numpy.float32)
    mean = numpy.array([123.675, 116.28, 103.53], dtype=numpy.float32)
    deviation = numpy.array([58.395, 57.12, 57.375], dtype=numpy.float32)
    points = numpy.random.default_rng(2).uniform(0, 1024, (PROMPTS, 2)).astype(numpy.float32)
    return torch.from_numpy((pixels - mean) / deviation), torch.from_numpy(points)


class Encoder(torch.nn.Module):
    """pixels, 1 x 3 x 1024 x 1024, to the embedding, 1 x 256 x 64 x 64."""

    def __init__(self, reference):
        super().__init__()
        self.encoder = reference.vision_encoder

    def forward(self, pixels):
        return self.encoder(pixels, return_dict=True).last_hidden_state


class Decoder(torch.nn.Module):
    """One point a prompt, 1 x prompts x 1 x 2, to three masks' logits and IoU. The image's positions are constants."""

    def __init__(self, reference):
        super().__init__()
        self.prompts, self.decoder = reference.prompt_encoder, reference.mask_decoder
        self.register_buffer("positions", reference.get_image_wide_positional_embeddings().detach().clone())

    def forward(self, embedding, points):
        labels = torch.ones_like(points[:, :, :, 0])
        sparse, dense = self.prompts(points, labels, None, None)
        return self.decoder(
            image_embeddings=embedding,
            image_positional_embeddings=self.positions,
            sparse_prompt_embeddings=sparse,
            dense_prompt_embeddings=dense,
            multimask_output=True,
        )


def export(name, folder):
    """The two halves as graphs, from the plain form of attention: runtimes fuse what they know."""
    reference = load(name, folder, "eager")
    options = dict(opset_version=17, dynamo=False, do_constant_folding=True)
    (folder / name).mkdir(exist_ok=True)
    torch.onnx.export(
        Encoder(reference), (torch.zeros(1, 3, 1024, 1024),), str(folder / name / "encoder.onnx"),
        input_names=["pixels"], output_names=["embedding"], **options)
    torch.onnx.export(
        Decoder(reference), (torch.zeros(1, 256, 64, 64), torch.zeros(1, 2, 1, 2)),
        str(folder / name / "decoder.onnx"),
        input_names=["embedding", "points"], output_names=["logits", "iou"],
        dynamic_axes={"points": {1: "prompts"}}, **options)


@torch.no_grad()
def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("model")
    arguments.add_argument("folder", type=pathlib.Path)
    arguments.add_argument("photo")
    arguments = arguments.parse_args()
    warnings.filterwarnings("ignore")
    folder = arguments.folder
    pixels, points = inputs(arguments.photo)
    save_file({"input": pixels.contiguous(), "points": points}, folder / "inputs.safetensors")
    weights = folder / f"{arguments.model}.safetensors"
    if not weights.exists():
        reference = model(arguments.model, "eager")
        randomise(reference)
        tensors = {key: value.contiguous() for key, value in reference.state_dict().items()}
        tensors.pop("prompt_encoder.shared_embedding.positional_embedding", None)
        save_file(tensors, weights)
    if not (folder / arguments.model / "decoder.onnx").exists():
        export(arguments.model, folder)


if __name__ == "__main__":
    main()
