"""Measures this package and one peer after the other, alternately, and prints tables of times and ratios."""

import argparse
import datetime
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import time

NAMES = {"onnxruntime": "ONNX Runtime", "openvino": "OpenVINO", "torch": "PyTorch"}
HERE = pathlib.Path(__file__).resolve().parent
PHOTO = HERE.parent.parent / "examples" / "photos" / "astronaut.jpg"


# What is measured of prompts: a name, how many at once, how often in a row, and how many such calls make a turn.
PROMPTS = (("decoder_1", 1, 20, 1), ("decoder_1_after_pause", 1, 1, 5), ("decoder_64", 64, 1, 1))


class Side:
    """A process that measures on request."""

    def __init__(self, command):
        self.process = subprocess.Popen(
            [str(part) for part in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.read()

    def read(self):
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"compare: {' '.join(self.process.args[:3])} ended with {self.process.wait()}")
        return float(line)

    def ask(self, request):
        self.process.stdin.write(request + "\n")
        self.process.stdin.flush()
        answer = self.read()
        # Threads that look for more work for a while after theirs is done must not slow the other side.
        time.sleep(0.2)
        return answer

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def say(text):
    print("compare: " + text, file=sys.stderr, flush=True)


def alternately(us, peer, request, rounds, calls):
    """Times of both sides: a turn is the median of some calls."""
    ours, theirs = [], []
    for _ in range(rounds):
        for side, times in ((us, ours), (peer, theirs)):
            times.append(statistics.median(side.ask(request) for _ in range(calls)))
        say(f"{request}: {ours[-1]:.1f} ms, the peer {theirs[-1]:.1f} ms")
    return {
        "ours": statistics.median(ours), "theirs": statistics.median(theirs),
        "ratio": statistics.median(a / b for a, b in zip(ours, theirs)), "runs": [ours, theirs],
    }


def differences(folder):
    """The largest differences between what both sides computed, in standard deviations."""
    from safetensors.numpy import load_file

    ours, theirs = load_file(folder / "ours.safetensors"), load_file(folder / "theirs.safetensors")
    result = {}
    for name in ("embedding", "logits", "iou"):
        assert ours[name].shape == theirs[name].shape, (name, ours[name].shape, theirs[name].shape)
        result[name] = float(abs(ours[name] - theirs[name]).max() / theirs[name].std())
    return result


def measure(model, name, options):
    work = options.work
    us = Side([
        options.bench, "answer", "--checkpoint", work / f"{model}.safetensors", "--inputs",
        work / "inputs.safetensors", "--threads", options.threads])
    peer = Side([sys.executable, HERE / "answer.py", name, model, work, options.threads])
    say(f"{model} beside {NAMES[name]}")
    result = {"model": model, "peer": name}
    result["first"] = {"ours": us.ask("encode"), "theirs": peer.ask("encode")}
    us.ask("save " + str(work / "ours.safetensors"))
    peer.ask("save " + str(work / "theirs.safetensors"))
    result["difference"] = differences(work)
    say(f"largest differences {result['difference']}")
    result["encoder"] = alternately(us, peer, "encode", options.rounds, 1)
    result["after_encoder"] = {"ours": us.ask("peak"), "theirs": peer.ask("peak")}
    for key, count, calls, repeats in () if options.encoder_only else PROMPTS:
        request = f"decode {count} {calls}"
        for side in (us, peer):
            side.ask(request)
        result[key] = alternately(us, peer, request, options.rounds + 2, repeats)
    result["peak"] = {"ours": us.ask("peak"), "theirs": peer.ask("peak")}
    result["sgemm"] = statistics.median(us.ask("sgemm") for _ in range(5))
    us.close()
    peer.close()
    return result


def table(heading, columns, rows):
    lines = [columns, ["---"] + ["---:"] * (len(columns) - 1)] + rows
    return f"{heading}\n\n" + "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def report(model, results):
    """Markdown of one model."""
    rows = []
    for result in results:
        for what, key, each in (
            ("encoder", "encoder", 1), ("1 prompt, in a row", "decoder_1", 1),
            ("1 prompt, after a pause", "decoder_1_after_pause", 1), ("64 prompts, each", "decoder_64", 64)):
            if key not in result:
                continue
            values = result[key]
            rows.append([
                NAMES[result["peer"]], what, f"{values['ours'] / each:.4g}", f"{values['theirs'] / each:.4g}",
                f"{values['ratio']:.2f}"])
    text = table(
        f"### {model}: time in ms", ["peer", "what", "ours", "peer's", "ours / peer's"], rows) + "\n"
    rows = [
        [
            NAMES[result["peer"]],
            f"{result['first']['ours'] / result['encoder']['ours']:.2f}",
            f"{result['first']['theirs'] / result['encoder']['theirs']:.2f}",
            f"{result['after_encoder']['ours']:.0f}", f"{result['after_encoder']['theirs']:.0f}",
            f"{result['peak']['ours']:.0f}", f"{result['peak']['theirs']:.0f}",
            " / ".join(f"{result['difference'][part]:.1e}" for part in ("embedding", "logits", "iou")),
        ]
        for result in results
    ]
    text += table(
        f"### {model}: first image, peak memory in MB, largest difference in standard deviations", [
            "peer", "our first / next image", "peer's", "our peak, encoding", "peer's", "our peak, 64 prompts",
            "peer's", "embedding / logits / IoU"], rows)
    return text


def processor():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines() if os.path.exists("/proc/cpuinfo") else []:
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.processor()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", default="vit_b", help="of vit_b, vit_l, vit_h, separated by commas")
    parser.add_argument("--peers", default=",".join(NAMES), help="of " + ", ".join(NAMES))
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5, help="turns of each side, of which medians are taken")
    parser.add_argument("--encoder-only", action="store_true", help="leave out prompts, which cost the same in all models")
    parser.add_argument("--json", type=pathlib.Path, help="a file for all numbers")
    parser.add_argument("--bench", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--work", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    options = parser.parse_args()

    load = os.getloadavg()[0]
    print(f"{processor()}, {os.cpu_count()} cores, {options.threads} threads; "
          f"{datetime.date.today()}; load {load:.1f} before\n", flush=True)
    everything = []
    for model in options.models.split(","):
        subprocess.run([sys.executable, HERE / "prepare.py", model, options.work, PHOTO], check=True)
        results = []
        for peer in options.peers.split(","):
            results.append(measure(model, peer, options))
            if options.json:
                options.json.write_text(json.dumps(everything + results, indent=1) + "\n")
        everything += results
        print(report(model, results), flush=True)
        rate = statistics.median(result["sgemm"] for result in results)
        print(f"OpenBLAS, 4096 x 3072 x 768 on {options.threads} threads, in our process: {rate:.0f} GFLOPS\n",
              flush=True)


if __name__ == "__main__":
    main()
