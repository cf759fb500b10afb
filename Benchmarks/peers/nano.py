"""Computes the reference values of the model inside (Tests/Fixtures/golden-small/nano) in PyTorch, from its weights: to be run when they
are replaced, in the environment that `peers/compare` makes.

  .work/venv/bin/python nano.py ../../Tests/Fixtures/golden-small/nano [--check]

Reads FOLDER/sam_nano.safetensors, the photo and the prompts of FOLDER/prompts.json; writes golden.safetensors, and areas and predicted IoUs
into prompts.json. With --check nothing is written: the largest differences from what is there are printed.
"""

import argparse
import json
import pathlib

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from safetensors.torch import load_file, save_file
from torch import nn

from training import model as twin


def fold(module):
    """Puts convolutions with a bias where the twin has convolutions with batch norms."""
    for name, child in module.named_children():
        if isinstance(child, twin.Normed):
            c = child.c
            setattr(module, name, nn.Conv2d(
                c.in_channels, c.out_channels, c.kernel_size, c.stride, c.padding, groups=c.groups))
        else:
            fold(child)


def grow(encoder, weights):
    """Gives the twin's stages as many attention blocks as the weights have."""
    for name, width, heads in (("stage16", 160, 5), ("stage32", 256, 8)):
        blocks = getattr(encoder, name).attention
        while f"image_encoder.{name}.attention.{len(blocks)}.norm1.weight" in weights:
            blocks.append(twin.Attentive(width, heads))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    folder, side = arguments.folder, 384

    # Single precision would round the logits by more than what they are compared with may differ.
    torch.set_default_dtype(torch.float64)
    weights = {name: tensor.double() for name, tensor in load_file(folder / "sam_nano.safetensors").items()}
    sam = twin.SAM("nano", side).eval()
    fold(sam)
    grow(sam.image_encoder, weights)
    sam.load_state_dict(weights, strict=True)

    listed = json.loads((folder / "prompts.json").read_text())
    photo = Image.open(folder / listed["photo"]).convert("RGB")
    height, width = photo.height, photo.width
    scale = side / max(height, width)
    rows, columns = int(height * scale + 0.5), int(width * scale + 0.5)
    x = torch.from_numpy(np.array(photo.resize((columns, rows), Image.BILINEAR))).double()
    x = (x - torch.tensor([123.675, 116.28, 103.53])) / torch.tensor([58.395, 57.12, 57.375])
    x = F.pad(x.permute(2, 0, 1)[None], (0, side - columns, 0, side - rows))

    values, kept = {}, {}
    encoder, decoder = sam.image_encoder, sam.mask_decoder
    encoder.stage32.register_forward_hook(lambda module, inputs, output: kept.update(stage32=output))
    with torch.inference_mode():
        embedding, four, eight = encoder(x)
        finer = decoder.conv_s0(four), decoder.conv_s1(eight)
        values["stage32"], values["image_embedding"] = kept["stage32"], embedding
        values["high_res_s1"] = finer[1][:, :, ::2, ::2]
        positions = sam.prompt_encoder.pe_layer.grid(side // 16)
        for case in listed["cases"]:
            points = [(px * columns / width, py * rows / height) for px, py in case.get("points", [])]
            kinds = [1 + label for label in case.get("labels", [])]
            if "box" in case:
                left, top, right, bottom = case["box"]
                points += [(a * columns / width, b * rows / height) for a, b in ((left, top), (right, bottom))]
                kinds += [3, 4]
            else:
                points, kinds = points + [(0, 0)], kinds + [0]
            sparse, dense = sam.prompt_encoder(torch.tensor([points]), torch.tensor([kinds]), None)
            logits, ious = decoder(embedding, positions, finer, sparse, dense, 4)
            masks = F.interpolate(logits, (side, side), mode="bilinear", align_corners=False)
            masks = F.interpolate(masks[..., :rows, :columns], (height, width), mode="bilinear", align_corners=False)
            values[case["name"] + ".low_res_logits"] = logits[0]
            values[case["name"] + ".iou_predictions"] = ious[0]
            case["mask_areas"] = (masks[0] > 0).sum((1, 2)).tolist()
            case["iou_predictions"] = [round(value, 5) for value in ious[0].tolist()]

    values = {name: tensor.float().contiguous() for name, tensor in values.items()}
    if arguments.check:
        for name, old in load_file(folder / "golden.safetensors").items():
            print(f"{name}: largest difference {(old - values[name]).abs().max():.2e} of {old.abs().max():.3g}")
        return
    save_file(values, folder / "golden.safetensors")
    (folder / "prompts.json").write_text(json.dumps(listed, indent=1) + "\n")


main()
