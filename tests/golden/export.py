"""Runs exports of Ganvas in onnxruntime and PyTorch, and compares what they draw.

    python export.py STEM...             compares; exits with 1 if anything is off
    python export.py --golden STEM       also writes export-tiny.safetensors, for a test

STEM.onnx, STEM.safetensors and STEM-samples.safetensors are of one generator:

    ganvas export RUN --out STEM.onnx --samples STEM-samples.safetensors
    ganvas export RUN --out STEM.safetensors

Where STEM-d.onnx and STEM-d.safetensors are there, exported with --network discriminator, they are
compared with one another on the samples.

Pictures are in [-1, 1], logits as they are. A difference is the largest of all elements.
"""

import argparse
import json
import sys
from pathlib import Path

import numpy
import onnx
import onnxruntime
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import nn

ALLOWED = 1e-4
# A generator that has hardly trained draws an even grey, in which nothing could be off.
LEAST_SPREAD = 0.1
BATCHES = [1, 3, 64]
OPSET = 17


class Network(nn.Module):
    """A chain of modules under the name that PyTorch's example has for it."""

    def __init__(self, *modules):
        super().__init__()
        self.main = nn.Sequential(*modules)

    def forward(self, x):
        return self.main(x)


def dcgan64_generator(channels):
    """That of PyTorch's DCGAN example, with 100 latents and a width of 64."""
    def up(inputs, outputs, stride, padding):
        return [nn.ConvTranspose2d(inputs, outputs, 4, stride, padding, bias=False),
                nn.BatchNorm2d(outputs), nn.ReLU(True)]
    return Network(*up(100, 512, 1, 0), *up(512, 256, 2, 1), *up(256, 128, 2, 1),
                   *up(128, 64, 2, 1), nn.ConvTranspose2d(64, channels, 4, 2, 1, bias=False),
                   nn.Tanh())


def dcgan64_discriminator(channels):
    """That of PyTorch's DCGAN example, without its last sigmoid: Ganvas yields logits."""
    def down(inputs, outputs):
        return [nn.Conv2d(inputs, outputs, 4, 2, 1, bias=False), nn.BatchNorm2d(outputs),
                nn.LeakyReLU(0.2, True)]
    return Network(nn.Conv2d(channels, 64, 4, 2, 1, bias=False), nn.LeakyReLU(0.2, True),
                   *down(64, 128), *down(128, 256), *down(256, 512),
                   nn.Conv2d(512, 1, 4, 1, 0, bias=False), nn.Flatten())


def dcgan28_generator(width):
    """Keras's DCGAN for MNIST, `width` channels before the last layer."""
    def up(inputs, outputs, stride):
        return nn.ConvTranspose2d(inputs, outputs, 5, stride, 2, stride - 1, bias=False)
    channels = 4 * width
    return Network(nn.Linear(100, 49 * channels, bias=False), nn.BatchNorm1d(49 * channels),
                   nn.LeakyReLU(0.3), nn.Unflatten(1, (channels, 7, 7)),
                   up(channels, 2 * width, 1), nn.BatchNorm2d(2 * width), nn.LeakyReLU(0.3),
                   up(2 * width, width, 2), nn.BatchNorm2d(width), nn.LeakyReLU(0.3),
                   up(width, 1, 2), nn.Tanh())


def dcgan28_discriminator(width):
    """Keras's DCGAN for MNIST, `width` channels behind the first layer."""
    def down(inputs, outputs):
        return [nn.Conv2d(inputs, outputs, 5, 2, 2), nn.LeakyReLU(0.3), nn.Dropout(0.3)]
    return Network(*down(1, width), *down(width, 2 * width), nn.Flatten(),
                   nn.Linear(49 * 2 * width, 1))


def dcgan_layers(height, width, base):
    """From the image inwards, the kernel, stride, output padding and channels of each halving; and
    the size that is left."""
    layers, size = [], (height, width)
    while max(size) >= 8:
        halved = [extent >= 8 for extent in size]
        kernel = tuple(4 if half else 3 for half in halved)
        stride = tuple(2 if half else 1 for half in halved)
        odd = tuple(extent % 2 if half else 0 for extent, half in zip(size, halved))
        layers.append((kernel, stride, odd, base << min(len(layers), 3)))
        size = tuple(extent // 2 if half else extent for extent, half in zip(size, halved))
    return layers, size


def dcgan_generator(height, width, base, channels):
    """DCGAN's generator for any size: at 64x64 and a width of 64 that of the example."""
    layers, inside = dcgan_layers(height, width, base)
    inputs = layers[-1][3]
    modules = [nn.ConvTranspose2d(100, inputs, inside, bias=False)]
    for number, (kernel, stride, odd, _) in reversed(list(enumerate(layers))):
        outputs = layers[number - 1][3] if number else channels
        modules += [nn.BatchNorm2d(inputs), nn.ReLU(),
                    nn.ConvTranspose2d(inputs, outputs, kernel, stride, 1, odd, bias=False)]
        inputs = outputs
    return Network(*modules, nn.Tanh())


def dcgan_discriminator(height, width, base, channels):
    """DCGAN's discriminator for any size."""
    layers, inside = dcgan_layers(height, width, base)
    modules, inputs = [], channels
    for number, (kernel, stride, _, outputs) in enumerate(layers):
        modules.append(nn.Conv2d(inputs, outputs, kernel, stride, 1, bias=False))
        modules += [nn.BatchNorm2d(outputs)] if number else []
        modules.append(nn.LeakyReLU(0.2))
        inputs = outputs
    return Network(*modules, nn.Conv2d(inputs, 1, inside, bias=False), nn.Flatten())


def networks(options):
    """PyTorch's generator and discriminator of a run's options."""
    preset, channels = options["preset"], options["channels"]
    if preset in ("dcgan28", "dcgan28-small"):
        width = 64 if preset == "dcgan28" else 16
        return dcgan28_generator(width), dcgan28_discriminator(width)
    if preset == "dcgan64":
        return dcgan64_generator(channels), dcgan64_discriminator(channels)
    height, width = options.get("size", (64, 64))
    of = (height, width, options.get("width", 64), channels)
    return dcgan_generator(*of), dcgan_discriminator(*of)


class Checks:
    """What was compared."""

    def __init__(self):
        self.off = 0

    def add(self, what, difference):
        held = difference <= ALLOWED
        self.off += not held
        print(f"  {what:52}{difference:9.1e}{'' if held else '  OFF'}")


def difference(found, expected):
    found, expected = numpy.asarray(found), numpy.asarray(expected)
    if found.shape != expected.shape:
        raise SystemExit(f"shapes differ: {found.shape} and {expected.shape}")
    return float(numpy.abs(found - expected).max())


def session(path, inputs, outputs):
    """A model that onnx.checker finds nothing in, in onnxruntime."""
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    assert [entry.version for entry in model.opset_import] == [OPSET]
    properties = {entry.key: entry.value for entry in model.metadata_props}
    print(f"  onnx.checker finds nothing; {properties}")
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    assert [x.name for x in session.get_inputs()] == [inputs]
    assert [x.name for x in session.get_outputs()] == [outputs]
    assert session.get_inputs()[0].shape[0] == session.get_outputs()[0].shape[0] == "batch"
    return session


def load(network, path):
    """Takes every tensor of a file and no other, for evaluation."""
    network.load_state_dict(load_file(path), strict=True)
    network.eval()


def latents(network, z):
    """Latent vectors as a network takes them: lists, or images of one pixel."""
    convolution = isinstance(network.main[0], nn.ConvTranspose2d)
    return z.reshape(len(z), 100, 1, 1) if convolution else z


@torch.no_grad()
def check(stem, checks):
    print(stem)
    samples = load_file(f"{stem}-samples.safetensors")
    z, image = samples["z"], samples["image"]
    spread = (image.max() - image.min()).item()
    print(f"  {len(z)} pictures of {list(image.shape[1:])} in [{image.min():.2f}, {image.max():.2f}]")
    if spread < LEAST_SPREAD:
        raise SystemExit(f"{stem}: train longer; these pictures show too little to compare")
    model = session(f"{stem}.onnx", "z", "image")
    for batch in BATCHES:
        found = [model.run(None, {"z": part.numpy()})[0] for part in z.split(batch)]
        what = f"onnxruntime in batches of {batch}, Ganvas"
        checks.add(what, difference(numpy.concatenate(found), image))
    with safe_open(f"{stem}.safetensors", "pt") as file:
        options = json.loads(file.metadata()["ganvas_export"])["options"]
    generator, discriminator = networks(options)
    load(generator, f"{stem}.safetensors")
    checks.add("PyTorch, load_state_dict strictly, Ganvas",
               difference(generator(latents(generator, z)), image))

    if Path(f"{stem}-d.onnx").exists():
        load(discriminator, f"{stem}-d.safetensors")
        model = session(f"{stem}-d.onnx", "image", "logit")
        for batch in BATCHES:
            found = [model.run(None, {"image": part.numpy()})[0] for part in image.split(batch)]
            what = f"discriminator: onnxruntime in batches of {batch}, PyTorch"
            checks.add(what, difference(numpy.concatenate(found), discriminator(image)))


def golden(stem):
    """Weights, latent vectors and what onnxruntime draws of them, in one file."""
    z = numpy.random.default_rng(0).standard_normal((2, 100), numpy.float32)
    image = onnxruntime.InferenceSession(f"{stem}.onnx").run(None, {"z": z})[0]
    tensors = {"z": torch.from_numpy(z), "image": torch.from_numpy(image)}
    out = Path(__file__).with_name("export-tiny.safetensors")
    save_file(load_file(f"{stem}.safetensors") | tensors, out)
    print(f"wrote {out.name}, {out.stat().st_size} bytes")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("stems", nargs="+", metavar="STEM")
    parser.add_argument("--golden", action="store_true")
    arguments = parser.parse_args()
    checks = Checks()
    for stem in arguments.stems:
        check(stem, checks)
    if checks.off:
        print(f"differs: {checks.off} above {ALLOWED:.0e}")
        sys.exit(1)
    print(f"agrees: no difference above {ALLOWED:.0e}")
    if arguments.golden:
        golden(arguments.stems[0])


if __name__ == "__main__":
    main()
