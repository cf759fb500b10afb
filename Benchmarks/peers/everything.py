"""Everything mode beside the segment-anything package's generator: one embedding, the same weights, points and thresholds.

The weights are random ones of ViT-B's form and the embedding is a smooth random one, so that masks have a size and an edge. The
threshold of predicted IoU is set so that about a hundred masks survive; boxes are those of noise and say nothing, so none is suppressed.
"""

import argparse
import pathlib
import resource
import statistics
import subprocess
import sys
import time
import types

HERE = pathlib.Path(__file__).resolve().parent
STABILITY, SUPPRESSION = 0.001, 1.0


def peer(work, side, threads):
    """Answers requests like `bench answer` does: everything POINTS IOU STABILITY NMS, masks, peak."""
    import numpy
    import torch
    from safetensors.numpy import load_file

    torch.set_num_threads(threads)
    substitute_torchvision(torch)
    from segment_anything import SamAutomaticMaskGenerator, sam_model_registry

    sam = sam_model_registry["vit_b"]()
    sam.load_state_dict(torch.load(work / "official.pth"), strict=False)
    sam.eval()
    features = torch.from_numpy(load_file(work / "everything.safetensors")["image_embedding"])
    image = numpy.zeros((side, side, 3), dtype=numpy.uint8)

    def use_embedding(predictor):
        def set_image(image, *_):
            predictor.features, predictor.is_image_set = features, True
            predictor.original_size, predictor.input_size = image.shape[:2], (1024, 1024)

        predictor.set_image = set_image

    masks = []
    print(0, flush=True)
    for line in sys.stdin:
        request, *words = line.split()
        answer = 0
        if request == "everything":
            points, iou, stability, suppression = int(words[0]), *map(float, words[1:])
            generator = SamAutomaticMaskGenerator(
                sam, points_per_side=points, pred_iou_thresh=iou, stability_score_thresh=stability,
                box_nms_thresh=suppression, output_mode="uncompressed_rle")
            use_embedding(generator.predictor)
            start = time.perf_counter()
            masks = generator.generate(image)
            answer = (time.perf_counter() - start) * 1000
        elif request == "masks":
            answer = len(masks)
        elif request == "peak":
            answer = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6
        print(answer, flush=True)


def substitute_torchvision(torch):
    """Where torchvision is not there, or not for this build of PyTorch, what the package needs of it: NMS of a few hundred boxes."""
    try:
        import torchvision  # noqa: F401

        return
    except Exception:
        for name in [name for name in sys.modules if name.startswith("torchvision")]:
            del sys.modules[name]

    def box_area(boxes):
        return (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])

    def batched_nms(boxes, scores, _, iou_threshold):
        order = torch.sort(scores, descending=True, stable=True)[1]
        areas, kept = box_area(boxes), []
        while len(order):
            first, order = order[0], order[1:]
            kept.append(first)
            corner = torch.minimum(boxes[first, 2:], boxes[order, 2:])
            sides = (corner - torch.maximum(boxes[first, :2], boxes[order, :2])).clamp(min=0)
            shared = sides[:, 0] * sides[:, 1]
            order = order[~(shared / (areas[first] + areas[order] - shared) > iou_threshold)]
        return torch.stack(kept) if kept else torch.zeros(0, dtype=torch.long)

    def module(name, **members):
        sys.modules[name] = types.ModuleType(name)
        vars(sys.modules[name]).update(members)

    module("torchvision")
    module("torchvision.ops")
    module("torchvision.ops.boxes", batched_nms=batched_nms, box_area=box_area)
    module("torchvision.transforms")
    module("torchvision.transforms.functional", resize=None, to_pil_image=None)


def make_weights(work):
    """Random weights under their official names."""
    import torch

    from prepare import randomise

    substitute_torchvision(torch)
    from segment_anything import sam_model_registry

    path = work / "official.pth"
    if not path.exists():
        sam = sam_model_registry["vit_b"]()
        sam.tie_weights = lambda: None
        with torch.no_grad():
            randomise(sam)
        state = {key: value for key, value in sam.state_dict().items() if not key.startswith("pixel_")}
        torch.save(state, path)


def smooth(work):
    """Replaces the embedding in the file by a smooth random one."""
    import torch
    from safetensors import safe_open
    from safetensors.torch import load_file, save_file

    path = work / "everything.safetensors"
    with safe_open(path, "pt") as file:
        metadata = file.metadata()
    tensors = load_file(path)
    generator = torch.Generator().manual_seed(3)
    coarse = torch.randn(1, 256, 9, 9, generator=generator)
    tensors["image_embedding"] = torch.nn.functional.interpolate(
        coarse, size=(64, 64), mode="bicubic").contiguous()
    save_file(tensors, path, metadata=metadata)


def print_threshold(work, share):
    """The predicted IoU that a share of the masks of random points exceeds."""
    import torch
    from safetensors.torch import load_file

    substitute_torchvision(torch)
    from segment_anything import sam_model_registry

    sam = sam_model_registry["vit_b"]()
    sam.load_state_dict(torch.load(work / "official.pth"), strict=False)
    features = load_file(work / "everything.safetensors")["image_embedding"]
    generator = torch.Generator().manual_seed(4)
    predictions = []
    with torch.inference_mode():
        for _ in range(16):
            points = torch.rand(16, 1, 2, generator=generator) * 1024
            sparse, dense = sam.prompt_encoder(points=(points, torch.ones(16, 1)), boxes=None, masks=None)
            predictions.append(
                sam.mask_decoder(
                    image_embeddings=features, image_pe=sam.prompt_encoder.get_dense_pe(),
                    sparse_prompt_embeddings=sparse, dense_prompt_embeddings=dense, multimask_output=True)[1])
    print(torch.quantile(torch.cat(predictions).flatten(), 1 - share).item())


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bench", type=pathlib.Path, required=True, help="the benchmarks' program")
    parser.add_argument("--work", type=pathlib.Path, required=True, help="a folder for weights and embeddings")
    parser.add_argument("--side", type=int, default=1500, help="the image's side in pixels")
    parser.add_argument("--points", type=int, default=32)
    parser.add_argument("--masks", type=int, default=100, help="how many should survive")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--stability", type=float, default=STABILITY)
    parser.add_argument("--suppression", type=float, default=SUPPRESSION)
    parser.add_argument("--as-peer", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.as_peer:
        return peer(options.work, options.side, options.threads)

    from compare import PHOTO, Side, say

    # In a process of its own, so that its memory is nobody's peak.
    command = "import sys, pathlib, everything; everything.make_weights(pathlib.Path(sys.argv[1]))"
    subprocess.run([sys.executable, "-c", command, str(options.work)], check=True, cwd=HERE)
    if not (options.work / "inputs.safetensors").exists():
        from prepare import inputs
        from safetensors.torch import save_file

        pixels, points = inputs(PHOTO)
        save_file({"input": pixels.contiguous(), "points": points}, options.work / "inputs.safetensors")
    us = Side([
        options.bench, "answer", "--checkpoint", options.work / "official.pth", "--inputs",
        options.work / "inputs.safetensors", "--threads", options.threads])
    embedding = options.work / "everything.safetensors"
    us.ask(f"write {embedding} {options.side}")
    smooth(options.work)
    us.close()
    us = Side([
        options.bench, "answer", "--checkpoint", options.work / "official.pth", "--inputs",
        options.work / "inputs.safetensors", "--threads", options.threads])
    us.ask(f"use {embedding}")

    def request(threshold):
        return f"everything {options.points} {threshold:.5f} {options.stability} {options.suppression}"

    command = "import sys, pathlib, everything; everything.print_threshold(pathlib.Path(sys.argv[1]), float(sys.argv[2]))"
    threshold = float(subprocess.run(
        [sys.executable, "-c", command, str(options.work), str(options.masks / (3 * options.points**2))],
        check=True, cwd=HERE, stdout=subprocess.PIPE, text=True).stdout)
    say(f"predicted IoU above {threshold:.4f}")
    them = Side([
        sys.executable, HERE / "everything.py", "--as-peer", "--bench", options.bench, "--work", options.work,
        "--side", options.side, "--threads", options.threads])
    ratios, ours, theirs = [], [], []
    for _ in range(options.rounds):
        ours.append(us.ask(request(threshold)))
        theirs.append(them.ask(request(threshold)))
        say(f"{ours[-1]:.0f} ms, the peer {theirs[-1]:.0f} ms")
    ratio = statistics.median(a / b for a, b in zip(ours, theirs))
    print(f"| {options.points} x {options.points} points, {options.side} x {options.side} pixels | ours | segment-anything |")
    print("|---|---:|---:|")
    print(f"| seconds | {statistics.median(ours) / 1000:.1f} | {statistics.median(theirs) / 1000:.1f} |")
    print(f"| masks | {us.ask('masks'):.0f} | {them.ask('masks'):.0f} |")
    print(f"| peak memory, MB | {us.ask('peak'):.0f} | {them.ask('peak'):.0f} |")
    print(f"\nours / theirs: {ratio:.2f}")


if __name__ == "__main__":
    main()
