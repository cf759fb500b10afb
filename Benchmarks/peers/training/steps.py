"""The twin in PyTorch of a recorded training, step by step: the same requests and answers as `bench training-steps`."""

import argparse
import json
import pathlib
import sys
import time

import numpy
import torch
import torch.nn.functional as F
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from model import SAM
from prompts import Session, SplitMix64


def losses(logits, predictions, targets, boxes, settings, entropy, several):
    """Each prompt's loss, its IoU, and the logits that go on. Logits: prompts x masks x side x side."""
    loss = settings["loss"]
    t = targets[:, None].expand_as(logits).flatten(2)
    z = logits.flatten(2)
    p = z.sigmoid()
    own = F.binary_cross_entropy_with_logits(z, t, reduction="none")
    miss = p + t - 2 * p * t
    focal = ((loss["alpha"] * t + (1 - loss["alpha"]) * (1 - t)) * miss * miss * own).mean(-1)
    area = t.sum(-1)
    dice = 1 - (2 * (p * t).sum(-1) + 1) / (p.sum(-1) + area + 1)
    each = loss["focal"] * focal + loss["dice"] * dice
    if entropy > 0:
        each = each + entropy * (own.mean(-1) + (own * t).sum(-1) / (4 * area.clamp(min=1)))
    with torch.no_grad():
        found = (z > 0).float()
        common = (found * t).sum(-1)
        iou = common / (found.sum(-1) + area - common).clamp(min=1)
        # Of several masks a box takes the first, and a point the best of the others.
        looked = torch.zeros_like(iou, dtype=torch.bool)
        if several:
            looked[:, 0], looked[:, 1:] = boxes, ~boxes[:, None]
        else:
            looked[:, 0] = True
        best = each.masked_fill(~looked, torch.inf).argmin(1, keepdim=True)
        likely = predictions.masked_fill(~looked, -torch.inf).argmax(1)
        carried = logits[torch.arange(len(logits)), likely].clone()
    error = ((predictions - iou).square() * looked).sum(1) / looked.sum(1)
    total = each.gather(1, best)[:, 0] + loss["iou"] * error
    return total, iou.gather(1, best)[:, 0], carried


class Twin:
    def __init__(self, folder, channels_last, together, compiled):
        start = folder / "start.safetensors"
        with safe_open(start, "pt") as file:
            self.settings = json.loads(file.metadata()["settings"])
        self.together = together
        self.format = torch.channels_last if channels_last else torch.contiguous_format
        self.model = SAM(self.settings["model"], self.settings["size"])
        missing, unexpected = self.model.load_state_dict(load_file(start), strict=False)
        missing = [name for name in missing if not name.endswith("num_batches_tracked")]
        if missing or unexpected:
            sys.exit(f"{start}: missing {missing}, unexpected {unexpected}")
        self.model.train().to(memory_format=self.format)
        optimizer = self.settings["optimizer"]
        decayed, others = [], []
        for name, parameter in self.model.named_parameters():
            rests = any(part in name for part in ("embed", "rel_pos", "_token", "attention_biases"))
            (decayed if parameter.ndim > 1 and not rests else others).append(parameter)
        self.optimizer = torch.optim.AdamW(
            [{"params": decayed}, {"params": others, "weight_decay": 0.0}], lr=1.0,
            betas=(optimizer["beta1"], optimizer["beta2"]), eps=optimizer["epsilon"],
            weight_decay=optimizer["weightDecay"], fused=True)
        self.trained = decayed + others
        self.averaged = [
            tensor for tensor in self.model.state_dict(keep_vars=True).values() if tensor.is_floating_point()]
        self.averages = [tensor.detach().clone() for tensor in self.averaged]
        self.encoder, self.decoder = self.model.image_encoder, self.model.mask_decoder
        if compiled:
            self.encoder = torch.compile(self.encoder)
            self.decoder = torch.compile(self.decoder, dynamic=True)
        self.index = 0
        self.batches = self.read(folder / "batches.safetensors")

    def read(self, path):
        size, batches = self.settings["size"], []
        with safe_open(path, "pt") as file:
            for number in range(int(file.metadata()["batches"])):
                def get(name):
                    return file.get_tensor(f"{number}.{name}")

                frames = get("frames").int().reshape(-1, 3).tolist()
                parts = get("pixels").numpy().astype(numpy.int64)
                masks = numpy.split(parts, numpy.cumsum(get("counts").numpy().astype(numpy.int64))[:-1])
                images = []
                for width, height, count in frames:
                    own, masks = masks[:count], masks[count:]
                    filled = numpy.zeros((count, size * size), numpy.float32)
                    for row, pixels in zip(filled, own):
                        row[pixels] = 1
                    cells = filled.reshape(count, size // 4, 4, size // 4, 4).sum((2, 4)) >= 8
                    images.append(((width, height), own, cells, torch.from_numpy(cells.astype(numpy.float32))))
                batches.append((get("input").permute(0, 3, 1, 2).contiguous(memory_format=self.format), images))
        return batches

    def rounds(self, sessions, targets, features, positions, weight, entropy):
        """All rounds of some images' masks, each carried back; loss, IoU of the first and of the last round."""
        image, *finer = features
        settings, model = self.settings, self.model
        boxes = torch.tensor([box for session in sessions for box in session.boxes])
        logits, loss, ious = None, 0.0, []
        for index in range(settings["rounds"]):
            if index > 0:
                known, at = logits.numpy(), 0
                for session in sessions:
                    session.correct(known[at : at + len(session.masks)])
                    at += len(session.masks)
            prompts = torch.tensor([p for session in sessions for p in session.points], dtype=torch.float32)
            sparse, dense = model.prompt_encoder(prompts[..., :2], prompts[..., 2].long(), logits)
            output = self.decoder(image, positions, finer or None, sparse, dense, 4 if index == 0 else 1)
            each, iou, logits = losses(*output, targets, boxes, settings, entropy, index == 0)
            total = (each * weight).sum() / settings["rounds"]
            total.backward()
            loss += float(total.detach())
            ious.append(float((iou * weight).sum()))
        return loss, ious[0], ious[-1]

    def step(self):
        settings = self.settings
        pixels, images = self.batches[self.index % len(self.batches)]
        entropy = settings["loss"]["crossEntropy"]
        if settings["crossEntropySteps"]:
            entropy *= max(0, 1 - self.index / settings["crossEntropySteps"])
        embedding, four, eight = self.encoder(pixels)
        outputs = [embedding]
        if four is not None:
            outputs += [self.model.mask_decoder.conv_s0(four), self.model.mask_decoder.conv_s1(eight)]
        positions = self.model.prompt_encoder.pe_layer.grid(embedding.shape[-1])
        sessions = [
            Session(frame, own, cells, settings["size"], settings["prompts"],
                    SplitMix64.of(settings["seed"], 5, self.index, number))
            for number, (frame, own, cells, _) in enumerate(images)]
        result = numpy.zeros(3)
        # Each image's loss is a mean over its masks, the batch's one over its images.
        weights = [torch.full((len(own),), 1 / (len(own) * len(images))) for _, own, _, _ in images]
        if self.together:
            numbers = torch.repeat_interleave(
                torch.arange(len(images)), torch.tensor([len(own) for _, own, _, _ in images]))
            leaves = [tensor.detach()[numbers].requires_grad_() for tensor in outputs]
            result += self.rounds(
                sessions, torch.cat([targets for *_, targets in images]), leaves, positions, torch.cat(weights),
                entropy)
            gradients = [
                torch.zeros_like(tensor).index_add_(0, numbers, leaf.grad)
                for tensor, leaf in zip(outputs, leaves)]
        else:
            gradients = []
            for number, session in enumerate(sessions):
                leaves = [tensor.detach()[number : number + 1].requires_grad_() for tensor in outputs]
                result += self.rounds([session], images[number][3], leaves, positions, weights[number], entropy)
                gradients.append([leaf.grad for leaf in leaves])
            gradients = [torch.cat(parts) for parts in zip(*gradients)]
        torch.autograd.backward(outputs, gradients)
        torch.nn.utils.clip_grad_norm_(self.trained, settings["optimizer"]["clip"], foreach=True)
        rate = settings["rate"] * min(1, (self.index + 1) / (settings["warmup"] + 1))
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.optimizer.step()
        self.optimizer.zero_grad()
        self.index += 1
        keep = min(settings["optimizer"]["averageDecay"], (1 + self.index) / (10 + self.index))
        with torch.no_grad():
            torch._foreach_lerp_(self.averages, self.averaged, 1 - keep)
        return result


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("folder", type=pathlib.Path)
    arguments.add_argument("--threads", type=int, default=2)
    arguments.add_argument("--channels-last", action="store_true")
    arguments.add_argument("--together", action="store_true", help="decode the masks of all images at once")
    arguments.add_argument("--compile", action="store_true")
    arguments = arguments.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.set_num_interop_threads(1)
    twin = Twin(arguments.folder, arguments.channels_last, arguments.together, arguments.compile)
    print(0, flush=True)
    for line in sys.stdin:
        request, *operands = line.split()
        if request == "step":
            start = time.perf_counter()
            loss, first, last = twin.step()
            print((time.perf_counter() - start) * 1000, loss, first, last, flush=True)
        elif request == "save":
            tensors = {name: tensor.contiguous() for name, tensor in twin.model.state_dict().items()}
            save_file(tensors, operands[0])
            print(0, flush=True)
        else:
            sys.exit(f"'{line.strip()}' is not a request")


if __name__ == "__main__":
    main()
