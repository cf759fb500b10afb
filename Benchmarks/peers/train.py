"""Makes the steps of a recorded training here and in PyTorch, and prints times or curves of both."""

import argparse
import datetime
import itertools
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

from compare import HERE, Side, processor, table

VARIANTS = ["--channels-last", "--together", "--compile"]


def say(text):
    print("train: " + text, file=sys.stderr, flush=True)


class Stepper(Side):
    """A side that answers with milliseconds, loss, and mean IoU of the first and of the last round."""

    def read(self):
        line = self.process.stdout.readline()
        if not line:
            raise EOFError(f"{' '.join(self.process.args[:3])} ended with {self.process.wait()}")
        return [float(word) for word in line.split()]

    def step(self):
        self.process.stdin.write("step\n")
        self.process.stdin.flush()
        return self.read()

    @property
    def processor_time(self):
        """Seconds of all threads, which say more than the clock does on a machine that is busy; 0 where they are not known."""
        try:
            fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            return 0.0
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def times(self, steps):
        result = [self.step()[0] for _ in range(steps)]
        # Threads that look for more work for a while after theirs is done must not slow the other side.
        time.sleep(0.2)
        return result


def record(options, model, batches):
    folder = options.work / "training" / f"{model}-{options.size}"
    subprocess.run(
        [options.bench, "training", "--models", model, "--size", str(options.size), "--batch", str(options.batch),
         "--rounds", str(options.rounds), "--batches", str(batches), "--record", folder], check=True)
    return folder


def ours(options, folder, shards):
    return Stepper(
        [options.bench, "training-steps", "--threads", options.threads, "--shards", shards, folder])


def theirs(options, folder, variant):
    return Stepper(
        [sys.executable, HERE / "training" / "steps.py", folder, "--threads", options.threads, *variant])


def fastest(options, folder):
    """PyTorch's fastest way to make these steps on this machine, and the time of each way."""
    found = {}
    subsets = itertools.chain.from_iterable(
        itertools.combinations(VARIANTS if options.compile else VARIANTS[:2], count) for count in range(4))
    for variant in subsets:
        try:
            side = theirs(options, folder, variant)
            side.times(2)
            found[variant] = min(side.times(3))
            say(f"PyTorch {' '.join(variant) or 'plain'}: {found[variant]:.0f} ms")
            side.close()
        except EOFError as error:
            say(f"PyTorch {' '.join(variant)} does not work here: {error}")
    return min(found, key=found.get), found


def speed(options, model):
    folder = record(options, model, 4)
    variant = tuple(options.variant.split()) if options.variant is not None else None
    tried = {}
    if variant is None:
        variant, tried = fastest(options, folder)
    us, peer = ours(options, folder, options.shards), theirs(options, folder, variant)
    us.times(2)
    peer.times(2)
    turns, before = [], [side.processor_time for side in (us, peer)]
    for _ in range(options.turns):
        turns.append([statistics.median(side.times(options.steps)) for side in (us, peer)])
        say(f"{model}: {turns[-1][0]:.0f} ms, PyTorch {turns[-1][1]:.0f} ms")
    spent = [side.processor_time - start for side, start in zip((us, peer), before)]
    us.close()
    peer.close()
    return {
        "model": model, "variant": " ".join(variant) or "plain", "turns": turns,
        "tried": {" ".join(key) or "plain": value for key, value in tried.items()},
        "ours": 1000 * options.batch / statistics.median(turn[0] for turn in turns),
        "theirs": 1000 * options.batch / statistics.median(turn[1] for turn in turns),
        "ratio": statistics.median(turn[1] / turn[0] for turn in turns),
        "processor": spent[1] / spent[0] if spent[0] else float("nan"),
    }


def curve(options, model):
    folder = record(options, model, options.batches)
    # One part: batch norms see the whole batch, as PyTorch's do.
    # Memory in PyTorch's own order: sums over images are exacter there than in channels_last.
    sides = [ours(options, folder, 1), theirs(options, folder, ("--together",))]
    logs, rows, worst = ([], []), [], [0.0, 0.0]
    for step in range(1, options.steps + 1):
        for side, log in zip(sides, logs):
            log.append(side.step()[1:])
        if step == 1 or step % options.every == 0:
            means = [[statistics.mean(values) for values in zip(*log[-options.every :])] for log in logs]
            apart = [100 * (means[0][part] - means[1][part]) for part in (1, 2)]
            worst = [max(old, abs(new)) for old, new in zip(worst, apart)]
            rows.append([
                str(step), *(f"{means[side][part]:.4f}" for part in range(3) for side in range(2)),
                *(f"{value:+.2f}" for value in apart)])
            say(" ".join(rows[-1]))
    for side in sides:
        side.close()
    print(table(
        f"### {model}, {options.size} x {options.size}, batch {options.batch}: means over {options.every} steps", [
            "step", "our loss", "PyTorch's", "our IoU, first round", "PyTorch's", "our IoU, last round", "PyTorch's",
            "difference, first, points", "last"], rows), flush=True)
    print(f"largest difference of mean IoU: {worst[0]:.2f} and {worst[1]:.2f} points\n", flush=True)
    return {"model": model, "ours": logs[0], "theirs": logs[1], "worst": worst}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["speed", "curve"])
    parser.add_argument("--models", default="vit,nano", help="of vit, nano, separated by commas")
    parser.add_argument("--size", type=int, help="side of the model input (256; for curves 128)")
    parser.add_argument("--batch", type=int, default=8, help="images of a step")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of prompts")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--steps", type=int, help="steps of a turn (3), or of a curve (300)")
    parser.add_argument("--turns", type=int, default=5, help="turns of each side, of which medians are taken")
    parser.add_argument("--shards", type=int, default=2, help="parts of our batch that run side by side; curves take 1")
    parser.add_argument("--compile", action="store_true", help="try torch.compile too")
    parser.add_argument(
        "--variant", help="PyTorch's way, some of '" + " ".join(VARIANTS) + "', in place of its fastest")
    parser.add_argument("--batches", type=int, default=40, help="batches of a curve, taken again and again")
    parser.add_argument("--every", type=int, default=25, help="steps between a curve's rows")
    parser.add_argument("--json", type=pathlib.Path, help="a file for all numbers")
    parser.add_argument("--bench", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--work", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    options = parser.parse_args()
    options.size = options.size or (256 if options.what == "speed" else 128)
    options.steps = options.steps or (3 if options.what == "speed" else 300)

    print(f"{processor()}, {os.cpu_count()} cores, {options.threads} threads; "
          f"{datetime.date.today()}; load {os.getloadavg()[0]:.1f} before\n", flush=True)
    measure = speed if options.what == "speed" else curve
    results = [measure(options, model) for model in options.models.split(",")]
    if options.what == "speed":
        print(table(
            f"### Images a second in training, {options.size} x {options.size}, batch {options.batch}, "
            f"{options.rounds} rounds", ["model", "ours", "PyTorch's", "ratio", "of processor time", "PyTorch's way"], [
                [one["model"], f"{one['ours']:.2f}", f"{one['theirs']:.2f}", f"{one['ratio']:.2f}",
                 f"{one['processor']:.2f}", one["variant"]]
                for one in results]), flush=True)
    if options.json:
        options.json.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
