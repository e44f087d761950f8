"""Trains runs that are known to be healthy and runs that are made to collapse, three seeds each,
prints the share of each verdict in their logs once it is no longer too early for one, and exits 1
unless every run ends as it was made to and has no verdict of collapse before that is not true of it.

    python tests/health/runs.py --ganvas target/release/ganvas --emoji twemoji-64.zip --out /tmp/health
    python tests/health/runs.py --out /tmp/health --table     # of what is there already
    python tests/health/runs.py --out /tmp/health --record crates/gan/src/health/recorded.jsonl

A run that has ended is not trained again. It needs nothing but Python's standard library.
"""

import argparse
import collections
import json
import math
import pathlib
import struct
import subprocess

EVIDENCE = ("update_d", "update_g", "accuracy", "nearest", "apart")
SMALL = ("--preset", "dcgan28-small")
EMOJI = ("--preset", "dcgan", "--data", "emoji", "--channels", "3")

# name: what the verdict should become, and the options of `ganvas train`.
CASES = {
    "digits": ("healthy", (*SMALL, "--kimg", "24")),
    "fast-digits": ("healthy", (*SMALL, "--learning-rate", "0.005", "--kimg", "12")),
    "emoji": ("healthy", (*EMOJI, "--size", "32x32", "--width", "16", "--kimg", "30")),
    "one-image": ("healthy", (*SMALL, "--data", "one-image", "--kimg", "12")),
    "slow-generator": (
        "discriminator winning",
        (*SMALL, "--learning-rate", "2e-6", "--discriminator-ratio", "100", "--kimg", "16"),
    ),
    "narrow-emoji": (
        "discriminator winning",
        (*EMOJI, "--size", "96x48", "--width", "4", "--kimg", "30"),
    ),
    "slow-discriminator": (
        "mode collapse",
        (*SMALL, "--learning-rate", "0.001", "--discriminator-ratio", "0.001", "--kimg", "45"),
    ),
    "weak-discriminator": (
        "discriminator losing",
        (*SMALL, "--discriminator-ratio", "0.01", "--kimg", "12"),
    ),
    "huge-steps": ("stalled", (*SMALL, "--learning-rate", "0.5", "--kimg", "8")),
    "tiny-steps": ("stalled", (*SMALL, "--learning-rate", "1e-9", "--kimg", "8")),
}
# What else may be said of a run. A generator that a discriminator teaches nothing begins to repeat
# itself, and of networks that have blown up each verdict of collapse is true at some time.
ALSO = {
    "slow-discriminator": {"discriminator losing"},
    "huge-steps": {"mode collapse", "discriminator losing", "discriminator winning"},
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
    """Prints the table. Returns the runs that were not told apart."""
    print("| run | seed | images | verdicts | diversity | accuracy | D(G(z)) | loss |")
    print("|---|---|---|---|---|---|---|---|")
    wrong = []
    for name, (expected, _) in CASES.items():
        for seed in arguments.seeds:
            lines = lines_of(arguments, name, seed)
            judged = [line for line in lines if line["health"]["verdict"] != "too early to tell"]
            if not judged:
                continue
            verdicts = [line["health"]["verdict"].split(":")[0] for line in judged]
            also = ALSO.get(name, set())
            ends = {expected} | (also if name == "huge-steps" else set())
            if verdicts[-1] not in ends or not set(verdicts) <= ends | also | {"healthy"}:
                wrong.append(f"{name} {seed}")
            counts = collections.Counter(verdicts)
            shares = ", ".join(f"{kind} {100 * count // len(judged)} %" for kind, count in counts.most_common())
            middle = lambda of: sorted(of(line) for line in judged)[len(judged) // 2]
            accuracy = middle(lambda line: min(line["health"]["accuracy"].values()))
            diversity = middle(lambda line: line["health"]["diversity"])
            fake = middle(lambda line: line["d_fake"])
            loss = middle(lambda line: line["loss_d"] / (2 * math.log(2)))
            print(f"| {name} | {seed} | {lines[-1]['kimg']:.0f} k | {shares} "
                  f"| {diversity:.2f} | {accuracy:.2f} | {fake:.3f} | {loss:.2f} |")
    return wrong


def rounded(value):
    if isinstance(value, dict):
        return {key: rounded(inner) for key, inner in value.items()}
    return float(f"{value:.3g}")


def record(arguments):
    """A line for every thousand images, with what a verdict rests on."""
    with open(arguments.record, "w") as out:
        for name in CASES:
            for seed in arguments.seeds:
                for line in lines_of(arguments, name, seed)[4::5]:
                    health = line["health"]
                    evidence = {key: rounded(health[key]) for key in EVIDENCE}
                    kept = {"run": name, "seed": seed, "kimg": line["kimg"]}
                    kept |= {key: rounded(line[key]) for key in ("loss_d", "d_fake")}
                    kept |= {"health": evidence}
                    out.write(json.dumps(kept, separators=(",", ":")) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ganvas", default="target/release/ganvas")
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--emoji", type=pathlib.Path)
    parser.add_argument("--only", action="append")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--table", action="store_true")
    parser.add_argument("--record", type=pathlib.Path)
    arguments = parser.parse_args()
    if arguments.record:
        return record(arguments)
    if not arguments.table:
        make_data(arguments.out)
        for seed in arguments.seeds:
            for name, (_, options) in CASES.items():
                chosen = not arguments.only or name in arguments.only
                if chosen:
                    if "emoji" in options and not arguments.emoji:
                        parser.error(f"{name} needs --emoji, a zip of colour images")
                    train(arguments, name, options, seed)
    wrong = table(arguments)
    if wrong:
        raise SystemExit(f"not told apart: {', '.join(wrong)}")


if __name__ == "__main__":
    main()
