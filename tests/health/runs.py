"""Trains runs that are known to be healthy and runs that are made to collapse, three seeds each,
and prints the share of each verdict in their logs once it is no longer too early for one.

    python tests/health/runs.py --ganvas target/release/ganvas --out /tmp/health
    python tests/health/runs.py --out /tmp/health --table     # of what is there already
    python tests/health/runs.py --out /tmp/health --record crates/gan/src/health/recorded.jsonl

A run that has ended is not trained again. --emoji is a zip of colour images; without it the runs
on them are left out. It needs nothing but Python's standard library.
"""

import argparse
import collections
import json
import pathlib
import struct
import subprocess

SEEDS = (0, 1, 2)
EVIDENCE = ("update_d", "update_g", "accuracy", "nearest", "apart")
SMALL = ("--preset", "dcgan28-small")
EMOJI = ("--preset", "dcgan", "--data", "emoji", "--channels", "3")

# name: what the verdicts should be, and the options of `ganvas train`.
CASES = {
    "digits": ("healthy", (*SMALL, "--kimg", "12")),
    "emoji": ("healthy", (*EMOJI, "--size", "32x32", "--width", "16", "--kimg", "10")),
    "one-image": ("healthy", (*SMALL, "--data", "one-image", "--kimg", "7")),
    "discriminator-winning": (
        "discriminator winning",
        (*EMOJI, "--size", "96x48", "--width", "4", "--kimg", "8"),
    ),
    "stalled": ("stalled", (*SMALL, "--learning-rate", "1e-9", "--kimg", "6")),
    "unstable-0.02": ("unstable", (*SMALL, "--learning-rate", "0.02", "--kimg", "7")),
    "unstable-0.005": ("unstable", (*SMALL, "--learning-rate", "0.005", "--kimg", "7")),
}


def idx(folder, images):
    """Writes 28x28 grey images, bytes each, as an IDX file."""
    folder.mkdir(parents=True, exist_ok=True)
    header = struct.pack(">IIII", 0x803, len(images), 28, 28)
    (folder / "train-images-idx3-ubyte").write_bytes(header + b"".join(images))


def make_data(out):
    inside = lambda y, x: 36 <= (y - 14) ** 2 + (x - 14) ** 2 < 81
    ring = bytes(255 if inside(y, x) else 0 for y in range(28) for x in range(28))
    idx(out / "one-image", [ring] * 256)


def train(arguments, name, options, seed):
    folder = arguments.out / f"{name}-{seed}"
    if list(folder.glob("*/done")):
        return
    sources = {"one-image": arguments.out / "one-image", "emoji": arguments.emoji}
    options = [str(sources.get(option, option)) for option in options]
    command = [arguments.ganvas, "train", *options, "--seed", str(seed), "--snap", "4", "--keep", "1"]
    command += ["--no-tune", "--outdir", str(folder)]
    print(name, seed, flush=True)
    with open(arguments.out / f"{name}-{seed}.log", "w") as log:
        code = subprocess.run(command, stdout=log, stderr=log, check=False).returncode
    if code not in (0, 4):
        raise SystemExit(f"{' '.join(command)} exited {code}: see {log.name}")
    for run in folder.glob("*-*"):
        (run / "done").touch()


def lines_of(arguments, name, seed):
    logs = sorted((arguments.out / f"{name}-{seed}").glob("*/stats.jsonl"))
    text = logs[-1].read_text() if logs else ""
    return [json.loads(line) for line in text.splitlines()]


def table(arguments):
    print("| run | made to | seed | images | verdicts | diversity | accuracy | D(G(z)) |")
    print("|---|---|---|---|---|---|---|---|")
    for name, (expected, _) in CASES.items():
        for seed in SEEDS:
            lines = lines_of(arguments, name, seed)
            judged = [line for line in lines if line["health"]["verdict"] != "too early to tell"]
            if not judged:
                continue
            counts = collections.Counter(line["health"]["verdict"].split(":")[0] for line in judged)
            shares = ", ".join(f"{kind} {100 * count // len(judged)} %" for kind, count in counts.most_common())
            middle = lambda of: sorted(of(line) for line in judged)[len(judged) // 2]
            accuracy = middle(lambda line: min(line["health"]["accuracy"].values()))
            diversity = middle(lambda line: line["health"]["diversity"])
            fake = middle(lambda line: line["d_fake"])
            print(f"| {name} | {expected} | {seed} | {lines[-1]['kimg']:.0f} k | {shares} "
                  f"| {diversity:.2f} | {accuracy:.2f} | {fake:.3f} |")


def rounded(value):
    if isinstance(value, dict):
        return {key: rounded(inner) for key, inner in value.items()}
    return float(f"{value:.3g}")


def record(arguments):
    """A line for every thousand images, with what a verdict rests on."""
    with open(arguments.record, "w") as out:
        for name in CASES:
            for seed in SEEDS:
                for line in lines_of(arguments, name, seed)[4::5]:
                    health = line["health"]
                    evidence = {key: rounded(health[key]) for key in EVIDENCE}
                    kept = {"run": name, "seed": seed, "kimg": line["kimg"]}
                    kept |= {"d_fake": rounded(line["d_fake"]), "health": evidence}
                    out.write(json.dumps(kept, separators=(",", ":")) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ganvas", default="target/release/ganvas")
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--emoji", type=pathlib.Path)
    parser.add_argument("--only", action="append")
    parser.add_argument("--table", action="store_true")
    parser.add_argument("--record", type=pathlib.Path)
    arguments = parser.parse_args()
    if arguments.record:
        return record(arguments)
    if not arguments.table:
        make_data(arguments.out)
        for seed in SEEDS:
            for name, (_, options) in CASES.items():
                chosen = not arguments.only or name in arguments.only
                if chosen and (arguments.emoji or "emoji" not in options):
                    train(arguments, name, options, seed)
    table(arguments)


if __name__ == "__main__":
    main()
