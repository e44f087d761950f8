"""Measures runs of Ganvas and of train.py side by side, and draws their Fréchet distances.

    python compare.py --ganvas GANVAS FOLDER --out quality.json --plot quality.svg

FOLDER has, for each seed S, a run in `ganvasS/` (`ganvas train --seed S --outdir FOLDER/ganvasS
--preset dcgan28-small --snap 60 --kimg 600`) and train.py's files in `torchS/`. Every mark is
measured with `ganvas metrics --against digits`: 10,000 pictures, the bundled classifier. What was
measured before is read from --out. Means are over seeds; the deviation is the pooled one of both
systems, with one less than the seeds of each.
"""

import argparse
import json
import math
import statistics
import subprocess
from pathlib import Path

BATCH = 64


def measure(ganvas, file, weights):
    command = [ganvas, "metrics", str(file), "--against", "digits", "--weights", weights, "--json"]
    return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)


def files(folder, seed, kimg):
    """Each system's file and weights, with and without the average; none where there is none."""
    step = -(-kimg * 1000 // BATCH)
    run = next(iter(sorted((folder / f"ganvas{seed}").glob("*-digits-*"))), folder)
    checkpoint = run / "checkpoints" / f"{step:08}.safetensors"
    torch = folder / f"torch{seed}"
    found = {
        ("Ganvas", "average"): (checkpoint, "average"),
        ("Ganvas", "trained"): (checkpoint, "trained"),
        ("PyTorch", "average"): (torch / f"{kimg:04}-average.safetensors", "trained"),
        ("PyTorch", "trained"): (torch / f"{kimg:04}.safetensors", "trained"),
    }
    return {key: found for key, found in found.items() if found[0].exists()}


def summary(values):
    deviation = statistics.stdev(values) if len(values) > 1 else math.nan
    return statistics.mean(values), deviation


def table(measured, marks):
    """A line for each mark and kind of weights, as Markdown."""
    print("| kimg | weights | Ganvas | PyTorch | pooled deviation | seeds | no worse |")
    print("|---:|---|---:|---:|---:|---:|---|")
    for weights in ("average", "trained"):
        for kimg in marks:
            of = {}
            for system in ("Ganvas", "PyTorch"):
                found = [m for m in measured if (m["system"], m["weights"], m["kimg"]) == (system, weights, kimg)]
                of[system] = [m["scores"]["fd"]["value"] for m in found]
            if not all(of.values()):
                continue
            (ours, d1), (theirs, d2) = summary(of["Ganvas"]), summary(of["PyTorch"])
            pooled = math.sqrt((d1**2 + d2**2) / 2)
            verdict = "yes" if ours <= theirs + pooled else "no"
            seeds = min(map(len, of.values()))
            print(f"| {kimg} | {weights} | {ours:.2f} | {theirs:.2f} | {pooled:.2f} | {seeds} | {verdict} |")


def plot(measured, marks, path):
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "quality"
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(1, 2, figsize=(9, 3.6), sharey=True)
    for axis, weights in zip(axes, ("average", "trained"), strict=True):
        for system, colour, mark in (("Ganvas", "#1f6f8b", "o"), ("PyTorch", "#c75b39", "s")):
            means = []
            for kimg in marks:
                found = [m for m in measured if (m["system"], m["weights"], m["kimg"]) == (system, weights, kimg)]
                values = [m["scores"]["fd"]["value"] for m in found]
                axis.plot([kimg] * len(values), values, mark, color=colour, alpha=0.35, markersize=4)
                if values:
                    means.append((kimg, statistics.mean(values)))
            axis.plot(*zip(*means, strict=True), "-", color=colour, label=system)
        floor = measured[0]["scores"]["fd"]["floor"]
        axis.axhline(floor, color="#888888", linewidth=0.8, linestyle="--")
        axis.annotate("real against real", (marks[-1], floor), ha="right", va="bottom", fontsize=8)
        axis.set(title=f"{weights} weights", xlabel="thousands of images")
        axis.spines[["top", "right"]].set_visible(False)
    axes[0].set_ylim(0, 1.05 * max(m["scores"]["fd"]["value"] for m in measured))
    axes[0].set_ylabel("Fréchet distance")
    axes[0].legend(frameon=False)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--ganvas", default="ganvas")
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument("--kimg", default="60,120,300,600")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--plot", type=Path)
    arguments = parser.parse_args()
    marks = [int(mark) for mark in arguments.kimg.split(",")]
    measured = json.loads(arguments.out.read_text()) if arguments.out.exists() else []
    known = {(m["system"], m["weights"], m["seed"], m["kimg"]) for m in measured}
    for seed in map(int, arguments.seeds.split(",")):
        for kimg in marks:
            for (system, weights), (file, kind) in files(arguments.folder, seed, kimg).items():
                if (system, weights, seed, kimg) in known:
                    continue
                found = measure(arguments.ganvas, file, kind)
                about = {"system": system, "weights": weights, "seed": seed, "kimg": kimg}
                measured.append(about | {"scores": found["scores"], "images": found["images"]})
                arguments.out.write_text(json.dumps(measured, indent=1) + "\n")
    table(measured, marks)
    if arguments.plot:
        plot(measured, marks, arguments.plot)


if __name__ == "__main__":
    main()
