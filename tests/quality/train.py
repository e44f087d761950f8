"""Trains the networks of `ganvas train` in PyTorch, from the same weights on the same images.

    python train.py CHECKPOINT OUT [--data DIR] [--seed N] [--kimg 60,120,300,600]

CHECKPOINT is what `ganvas train --data digits --preset dcgan28-small` wrote before its first step.
Weights, hyper-parameters, batch size and the order of updates are taken from it and from
docs/training.md; the latent vectors, dropout masks and the order of images are PyTorch's own, by
--seed. At each mark OUT gets the generator's state dict, `NNNN.safetensors` (N in kimg), and that of
its average, `NNNN-average.safetensors`. A run that was stopped goes on from its last mark.
"""

import argparse
import gzip
import json
from pathlib import Path

import numpy
import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import nn

ASSETS = Path(__file__).resolve().parents[2] / "assets"
WIDTHS = {"dcgan28": 64, "dcgan28-small": 16}


def block(*layers):
    """A network whose parameters have the names that files have."""
    network = nn.Module()
    network.main = nn.Sequential(*layers)
    network.forward = network.main.forward
    return network


def networks(width):
    """The generator and the discriminator of dcgan28 with `width` channels at 14x14."""
    generator = block(
        nn.Linear(100, 49 * 4 * width, bias=False),
        nn.BatchNorm1d(49 * 4 * width),
        nn.LeakyReLU(0.3),
        nn.Unflatten(1, (4 * width, 7, 7)),
        nn.ConvTranspose2d(4 * width, 2 * width, 5, 1, 2, bias=False),
        nn.BatchNorm2d(2 * width),
        nn.LeakyReLU(0.3),
        nn.ConvTranspose2d(2 * width, width, 5, 2, 2, 1, bias=False),
        nn.BatchNorm2d(width),
        nn.LeakyReLU(0.3),
        nn.ConvTranspose2d(width, 1, 5, 2, 2, 1, bias=False),
        nn.Tanh(),
    )
    discriminator = block(
        nn.Conv2d(1, width, 5, 2, 2),
        nn.LeakyReLU(0.3),
        nn.Dropout(0.3),
        nn.Conv2d(width, 2 * width, 5, 2, 2),
        nn.LeakyReLU(0.3),
        nn.Dropout(0.3),
        nn.Flatten(),
        nn.Linear(49 * 2 * width, 1),
    )
    return generator, discriminator


def load(network, tensors, letter):
    """Fills a network from a checkpoint; every parameter must be there."""
    prefix = f"{letter}.param."
    names = [name for name in tensors.keys() if name.startswith(prefix)]
    state = {name.removeprefix(prefix): tensors.get_tensor(name) for name in names}
    missing, unexpected = network.load_state_dict(state, strict=False)
    lacking = [name for name in missing if "running_" not in name and "num_batches" not in name]
    if lacking or unexpected:
        raise SystemExit(f"the checkpoint lacks {lacking} or has {unexpected}")


def digits(folder):
    """Images in [-1, 1], (N, 1, 28, 28)."""
    raw = gzip.decompress((folder / "t10k-images-idx3-ubyte.gz").read_bytes())
    pixels = numpy.frombuffer(raw, numpy.uint8, offset=16).reshape(-1, 1, 28, 28)
    return torch.from_numpy(pixels.copy()).float() / 127.5 - 1.0


class Training:
    """Both networks, their optimisers and the generator's average."""

    def __init__(self, checkpoint, images, seed):
        with safe_open(checkpoint, "pt") as tensors:
            options = json.loads(tensors.metadata()["ganvas"])["state"]["options"]
            self.batch, numbers = options["batch"], options["hyper_parameters"]
            self.generator, self.discriminator = networks(WIDTHS[options["preset"]])
            load(self.generator, tensors, "g")
            load(self.discriminator, tensors, "d")
        self.half_life, self.warm_up = numbers["average_half_life"], numbers["average_warm_up"]
        adam = {
            "lr": numbers["learning_rate"],
            "betas": (numbers["beta1"], numbers["beta2"]),
            "eps": numbers["epsilon"],
        }
        self.adam_g = torch.optim.Adam(self.generator.parameters(), **adam)
        self.adam_d = torch.optim.Adam(self.discriminator.parameters(), **adam)
        self.average = {name: value.clone() for name, value in self.averaged()}
        self.images, self.seen = images, 0
        self.order = torch.empty(0, dtype=torch.long)
        torch.manual_seed(seed)

    def averaged(self):
        """What the average is of: weights and running statistics."""
        state = self.generator.state_dict().items()
        return [(name, value) for name, value in state if value.is_floating_point()]

    def next_batch(self):
        """The next images of an epoch's order; a last partial batch is dropped."""
        if len(self.order) < self.batch:
            self.order = torch.randperm(len(self.images))
        chosen, self.order = self.order[: self.batch], self.order[self.batch :]
        return self.images[chosen]

    def step(self):
        loss = nn.functional.binary_cross_entropy_with_logits
        fakes = self.generator(torch.randn(self.batch, 100))
        ones, zeros = torch.ones(self.batch, 1), torch.zeros(self.batch, 1)

        self.adam_d.zero_grad()
        real_logits = self.discriminator(self.next_batch())
        fake_logits = self.discriminator(fakes.detach())
        (loss(real_logits, ones) + loss(fake_logits, zeros)).backward()
        self.adam_d.step()

        self.adam_g.zero_grad()
        loss(self.discriminator(fakes), ones).backward()
        self.adam_g.step()

        half_life = max(min(self.half_life, self.warm_up * self.seen), 1e-8)
        rate = 1.0 - 0.5 ** (self.batch / half_life)
        with torch.no_grad():
            for name, value in self.averaged():
                self.average[name].lerp_(value, rate)
        self.seen += self.batch

    def parts(self):
        """What has a state to keep."""
        return [self.generator, self.discriminator, self.adam_g, self.adam_d]

    def save(self, folder, kimg):
        weights = {name: value.contiguous() for name, value in self.averaged()}
        save_file(weights, folder / f"{kimg:04}.safetensors")
        save_file(self.average, folder / f"{kimg:04}-average.safetensors")
        kept = {
            "parts": [part.state_dict() for part in self.parts()],
            "average": self.average,
            "seen": self.seen,
            "order": self.order,
            "random": torch.get_rng_state(),
        }
        torch.save(kept, folder / "state.pt.partial")
        (folder / "state.pt.partial").replace(folder / "state.pt")

    def resume(self, folder):
        if not (folder / "state.pt").exists():
            return
        kept = torch.load(folder / "state.pt", weights_only=True)
        for part, state in zip(self.parts(), kept["parts"], strict=True):
            part.load_state_dict(state)
        self.average, self.seen, self.order = kept["average"], kept["seen"], kept["order"]
        torch.set_rng_state(kept["random"])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--data", type=Path, default=ASSETS)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--kimg", default="60,120,300,600")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    training = Training(arguments.checkpoint, digits(arguments.data), arguments.seed)
    training.resume(arguments.out)
    for kimg in sorted(int(mark) for mark in arguments.kimg.split(",")):
        if training.seen >= kimg * 1000:
            continue
        while training.seen < kimg * 1000:
            training.step()
        training.save(arguments.out, kimg)
        print(f"{arguments.out}: {kimg} kimg", flush=True)


if __name__ == "__main__":
    main()
