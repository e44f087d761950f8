"""A trace as `ganvas trace --out FILE` writes it, and its networks in PyTorch."""

import json

import numpy
import torch
from safetensors import SafetensorError, safe_open
from torch import nn

# The format of traces that this reads.
FORMAT = 1


class TraceError(Exception):
    """What is wrong with a trace as a file, whatever its numbers."""


def single(value):
    """The nearest float32, as a float: what Ganvas computes with."""
    return float(numpy.float32(value))


class Mask(nn.Module):
    """A dropout whose mask is given."""

    def forward(self, x):
        return x * self.mask


def module_of(entry):
    """A module of a trace's metadata."""
    kind = entry["module"]
    if kind == "Linear":
        return nn.Linear(entry["in_features"], entry["out_features"], entry["bias"])
    if kind in ("Conv2d", "ConvTranspose2d"):
        sides = entry["padding"]
        if (sides["top"], sides["left"]) != (sides["bottom"], sides["right"]):
            raise TraceError(f"{entry['name']}: nn.{kind} pads both sides alike, not by {sides}")
        padding = (sides["top"], sides["left"])
        more = {"output_padding": entry["output_padding"]} if kind == "ConvTranspose2d" else {}
        return getattr(nn, kind)(entry["in_channels"], entry["out_channels"], entry["kernel_size"],
                                 entry["stride"], padding, bias=entry["bias"], **more)
    if kind in ("BatchNorm1d", "BatchNorm2d"):
        return getattr(nn, kind)(entry["num_features"], single(entry["eps"]),
                                 single(entry["momentum"]))
    if kind == "LeakyReLU":
        return nn.LeakyReLU(single(entry["negative_slope"]))
    if kind == "Dropout":
        return Mask()
    if kind == "Unflatten":
        return nn.Unflatten(entry["dim"], entry["unflattened_size"])
    if kind == "Flatten":
        return nn.Flatten(entry["start_dim"])
    if kind in ("ReLU", "Tanh"):
        return getattr(nn, kind)()
    raise TraceError(f"{entry['name']} is a {kind}, which this script does not know")


class Network(nn.Module):
    """A network of a trace in float64, in training."""

    def __init__(self, entries):
        super().__init__()
        self.main = nn.Sequential(*map(module_of, entries)).double()

    def load(self, trace, prefix):
        """Takes the parameters and statistics of this prefix."""
        state = {name: trace.tensor(prefix + name, values.shape)
                 for name, values in self.state_dict().items()
                 if not name.endswith("num_batches_tracked")}
        unexpected = sorted(trace.group(prefix).keys() - state.keys())
        if unexpected:
            raise TraceError(f"has {prefix}{unexpected[0]}, which its networks have not")
        self.load_state_dict(state, strict=False)

    def gradients(self):
        return {name: p.grad.clone() for name, p in self.named_parameters()}

    def statistics(self):
        return {name: b.clone() for name, b in self.named_buffers() if "running" in name}


class Trace:
    """A trace's tensors in float64, and its metadata."""

    def __init__(self, path):
        try:
            with open(path, "rb"), safe_open(path, "pt") as file:
                metadata = (file.metadata() or {}).get("ganvas_trace")
                if metadata is None:
                    raise TraceError("is no trace: `ganvas trace --out FILE` writes one")
                self.metadata = json.loads(metadata)
                self.tensors = {name: file.get_tensor(name).double() for name in file.keys()}
        except OSError as error:
            raise TraceError(error.strerror or error) from error
        except (SafetensorError, ValueError) as error:
            raise TraceError(f"is no trace, which would be a safetensors file: {error}") from error
        if self.metadata.get("format") != FORMAT:
            raise TraceError(f"has format {self.metadata.get('format')}; this reads {FORMAT}")

    def tensor(self, name, shape):
        """A tensor, which must have this shape."""
        if name not in self.tensors:
            raise TraceError(f"has no tensor {name}")
        found = self.tensors[name]
        if found.shape != torch.Size(shape):
            raise TraceError(f"{name} is {list(found.shape)}, not {list(shape)}")
        return found

    def group(self, prefix):
        return {name.removeprefix(prefix): tensor for name, tensor in self.tensors.items()
                if name.startswith(prefix)}
