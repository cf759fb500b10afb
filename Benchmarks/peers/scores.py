"""Scores beside pycocotools and py-bsds500: the same files, alternately, each in a process of its own."""

import argparse
import json
import math
import os
import pathlib
import random
import statistics
import subprocess
import sys
import time

NAMES = ["AP", "AP50", "AP75", "APs", "APm", "APl", "AR1", "AR10", "AR100", "ARs", "ARm", "ARl"]
WIDTH, HEIGHT, CATEGORIES = 640, 480, 80


def blob(random, x, y, radius):
    """An outline of 20 corners about a point."""
    points = []
    for corner in range(20):
        angle = 2 * math.pi * corner / 20
        reach = radius * random.uniform(0.75, 1.25)
        points += [round(min(max(x + reach * math.cos(angle), 0), WIDTH), 2),
                   round(min(max(y + reach * math.sin(angle), 0), HEIGHT), 2)]
    return points


def make(folder, images, truths, results):
    """Truth as polygons, results as run lengths; half the results lie near an object, the others anywhere."""
    from pycocotools import mask

    draw = random.Random(1)
    objects = []
    for number in range(truths):
        radius = math.exp(draw.uniform(math.log(6), math.log(140)))
        objects.append((draw.randrange(images) + 1, draw.randrange(CATEGORIES) + 1, draw.uniform(0, WIDTH),
                        draw.uniform(0, HEIGHT), radius))
    annotations = []
    for number, (image, category, x, y, radius) in enumerate(objects):
        outline = blob(draw, x, y, radius)
        runs = mask.frPyObjects([outline], HEIGHT, WIDTH)
        annotations.append({
            "id": number + 1, "image_id": image, "category_id": category, "iscrowd": 0,
            "area": float(mask.area(runs)[0]), "bbox": mask.toBbox(runs)[0].tolist(), "segmentation": [outline]})
    truth = {"images": [{"id": i + 1, "width": WIDTH, "height": HEIGHT} for i in range(images)],
             "categories": [{"id": i + 1, "name": f"c{i + 1}"} for i in range(CATEGORIES)], "annotations": annotations}
    found = []
    for _ in range(results):
        image, category, x, y, radius = objects[draw.randrange(truths)]
        isNear = draw.random() < 0.5
        x, y = (x + draw.gauss(0, radius / 6), y + draw.gauss(0, radius / 6)) if isNear else (
            draw.uniform(0, WIDTH), draw.uniform(0, HEIGHT))
        runs = mask.merge(mask.frPyObjects([blob(draw, x, y, radius * draw.uniform(0.85, 1.15))], HEIGHT, WIDTH))
        found.append({"image_id": image, "category_id": category,
                      "score": draw.betavariate(4, 2) if isNear else draw.betavariate(2, 4),
                      "segmentation": {"size": runs["size"], "counts": runs["counts"].decode()}})
    (folder / "truth.json").write_text(json.dumps(truth))
    (folder / "results.json").write_text(json.dumps(found))


def peer_coco(folder):
    """pycocotools, reading included; prints the twelve numbers."""
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    stdout, sys.stdout = sys.stdout, open(os.devnull, "w")
    truth = COCO(str(folder / "truth.json"))
    evaluation = COCOeval(truth, truth.loadRes(str(folder / "results.json")), "segm")
    evaluation.evaluate()
    evaluation.accumulate()
    evaluation.summarize()
    sys.stdout = stdout
    print(json.dumps(evaluation.stats.tolist()))


def peer_edges(bsds, map_path, truth_path, thresholds):
    """py-bsds500 on one map: thinning and matching at so many thresholds; prints wall and processor seconds of that alone."""
    sys.path.insert(0, bsds)
    import numpy
    import scipy.io
    from PIL import Image
    from bsds import evaluate_boundaries

    samples = numpy.array(Image.open(map_path)).astype(float)
    samples /= 65535 if samples.max() > 255 else 255
    cells = scipy.io.loadmat(truth_path)["groundTruth"][0]
    truth = [cell["Boundaries"][0, 0] > 0 for cell in cells]
    start, used = time.perf_counter(), time.process_time()
    found_r, sum_r, found_p, sum_p, _ = evaluate_boundaries.evaluate_boundaries(
        samples, truth, thresholds=numpy.array([k / 100 for k in thresholds]), apply_thinning=True)
    print(json.dumps([time.perf_counter() - start, time.process_time() - used]))


def timed(command):
    """Output, wall and processor seconds of a command."""
    before, start = os.times(), time.perf_counter()
    output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    after, wall = os.times(), time.perf_counter() - start
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return output, wall, used


def compare_coco(arguments):
    folder = arguments.work / f"scores-{arguments.images}-{arguments.truths}-{arguments.results}"
    if not (folder / "results.json").exists():
        folder.mkdir(parents=True, exist_ok=True)
        print("scores: making the files", file=sys.stderr)
        make(folder, arguments.images, arguments.truths, arguments.results)
    ours, theirs, largest = [], [], 0
    for _ in range(arguments.rounds):
        scores = folder / "scores.json"
        _, wall, used = timed([
            arguments.sam, "eval", "instances", folder / "truth.json", folder / "results.json", "--score-only", "masks",
            "--json", scores])
        ours.append((wall, used))
        text, wall, used = timed([sys.executable, __file__, "--peer-coco", folder])
        theirs.append((wall, used))
        stats = json.loads(scores.read_text())["stats"]
        for name, value in zip(NAMES, json.loads(text)):
            largest = max(largest, abs((-1 if stats[name] is None else stats[name]) - value))
    row("COCO, masks", ours, theirs)
    return largest


def compare_edges(arguments):
    for path in arguments.maps:
        truth = pathlib.Path(arguments.truth) / (path.stem + ".mat")
        folder = arguments.work / "scores-edges" / path.stem
        for name, source in [("maps", path), ("truth", truth)]:
            (folder / name).mkdir(parents=True, exist_ok=True)
            (folder / name / source.name).write_bytes(source.read_bytes())
        ours, theirs = [], []
        for _ in range(arguments.rounds):
            _, wall, used = timed([arguments.sam, "eval", "edges", folder / "truth", "--maps", folder / "maps"])
            ours.append((wall, used))
            text, _, _ = timed([
                sys.executable, __file__, "--peer-edges", arguments.bsds, path, truth, "--thresholds",
                str(arguments.thresholds)])
            # Fewer thresholds of a slow peer stand for all.
            theirs.append([seconds * 99 / arguments.thresholds for seconds in json.loads(text)])
        row(f"edges, {path.stem}", ours, theirs)


def row(what, ours, theirs):
    wall = statistics.median(a[0] / b[0] for a, b in zip(ours, theirs))
    used = statistics.median(a[1] / b[1] for a, b in zip(ours, theirs))
    middle = lambda values, index: statistics.median(value[index] for value in values)
    print(f"| {what} | {middle(ours, 0):.1f} | {middle(theirs, 0):.1f} | {wall:.3f} | {middle(ours, 1):.1f} | "
          f"{middle(theirs, 1):.1f} | {used:.3f} |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sam", type=pathlib.Path)
    parser.add_argument("--work", type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--images", type=int, default=5000)
    parser.add_argument("--truths", type=int, default=36000)
    parser.add_argument("--results", type=int, default=180000)
    parser.add_argument("--bsds", help="a checkout of github.com/Britefury/py-bsds500, built with build_ext --inplace")
    parser.add_argument("--maps", type=pathlib.Path, nargs="*", default=[], help="edge maps to score")
    parser.add_argument("--truth", help="the folder of the maps' .mat files")
    parser.add_argument("--thresholds", type=int, default=99, help="the peer's thresholds; its time is scaled to 99")
    parser.add_argument("--peer-coco", type=pathlib.Path, help=argparse.SUPPRESS)
    parser.add_argument("--peer-edges", nargs=3, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.peer_coco:
        return peer_coco(arguments.peer_coco)
    if arguments.peer_edges:
        step = 99 / arguments.thresholds
        return peer_edges(*arguments.peer_edges, [round((index + 0.5) * step + 0.5) for index in range(arguments.thresholds)])
    print(f"load {os.getloadavg()[0]:.1f}\n")
    print("| what | ours s | peer's s | ours / peer's | ours, processor s | peer's, processor s | ours / peer's |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    largest = compare_coco(arguments) if arguments.results else None
    if arguments.bsds and arguments.maps:
        compare_edges(arguments)
    if largest is not None:
        print(f"\nLargest difference of COCO's twelve numbers: {largest:.1e}")


if __name__ == "__main__":
    main()
