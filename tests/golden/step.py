"""Replays a traced training step in PyTorch in float64, and compares every tensor of it.

    python step.py TRACE...             compares; exits with 1 if anything is off
    python step.py --golden TRACE...    also writes step-PRESET.json, which tests compare with

A trace is what `ganvas trace --out TRACE` writes. From it come the networks (its metadata), their
weights, statistics and moments before the step, the latent vectors, the images and the dropout
masks; everything else is computed here, as in PyTorch's DCGAN example. What is compared:

activations, gradients, running statistics   ||error|| / ||expected|| of each tensor
moments                                      from the traced gradient, in units in the last place
weights and average                          from the traced gradient, as Adam amplifies what is
                                             off in gradients near 0: units in the last place of
                                             the update, and one of the weight
losses                                       relative

A LeakyReLU or ReLU of a number near 0 may take its other side for a rounding error, so a trace with
such a number is refused: take another seed.
"""

import argparse
import json
import sys
from pathlib import Path

import numpy
import torch
from safetensors import safe_open
from torch import nn

torch.set_default_dtype(torch.float64)

RELATIVE_L2 = 1e-4
LOSS = 1e-5
MOMENT_ULPS = 4
UPDATE_ULPS = 16
# How near 0, relative to the root mean square of its tensor, an element before a kink may lie.
NEAR_A_KINK = 2e-6
PROJECTIONS = 8
SAMPLES = 16


def single(value):
    """The nearest float32, as a float: what Ganvas computes with."""
    return float(numpy.float32(value))


def ulp(values):
    """The unit in the last place of each number as a float32; the least normal one near 0, as an
    adapter may flush smaller ones."""
    values = values.abs().float().clamp(min=torch.finfo(torch.float32).tiny).numpy()
    return torch.from_numpy(numpy.spacing(values)).double().clamp(min=1.2e-38)


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
            sys.exit(f"{entry['name']}: nn.{kind} has the same padding on both sides, not {sides}")
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
    sys.exit(f"{entry['name']} is a {kind}, which this script does not know")


class Network(nn.Module):
    """A network of a trace, in training."""

    def __init__(self, entries):
        super().__init__()
        self.main = nn.Sequential(*map(module_of, entries))

    def load(self, state):
        missing, unexpected = self.load_state_dict(state, strict=False)
        missing = [name for name in missing if not name.endswith("num_batches_tracked")]
        if missing or unexpected:
            sys.exit(f"the trace lacks {missing} and has {unexpected} besides")

    def gradients(self):
        return {name: p.grad.clone() for name, p in self.named_parameters()}

    def statistics(self):
        return {name: b.clone() for name, b in self.named_buffers() if "running" in name}


class Trace:
    """A trace's tensors in float64, and its metadata."""

    def __init__(self, path):
        with safe_open(path, "pt") as file:
            self.metadata = json.loads(file.metadata()["ganvas_trace"])
            self.tensors = {name: file.get_tensor(name).double() for name in file.keys()}

    def __getitem__(self, name):
        return self.tensors[name]

    def group(self, prefix):
        return {name.removeprefix(prefix): tensor for name, tensor in self.tensors.items()
                if name.startswith(prefix)}


class Report:
    """The worst of each kind of comparison."""

    def __init__(self):
        self.rows = {}
        self.failures = []

    def add(self, kind, name, error, allowed):
        """Adds how far a tensor is off; written so that a NaN fails."""
        count, worst, _, _ = self.rows.get(kind, (0, -1.0, "", 0.0))
        if not error <= allowed:
            self.failures.append(f"{kind} {name} is off by {error:.3g}, more than {allowed:g}")
        if not error <= worst:
            self.rows[kind] = (count + 1, error, name, allowed)
        else:
            self.rows[kind] = (count + 1, *self.rows[kind][1:])

    def relative_l2(self, kind, name, found, expected, allowed=RELATIVE_L2):
        if found.shape != expected.shape:
            self.failures.append(f"{kind} {name} is {found.shape}, not {expected.shape}")
            return
        norm = expected.norm().item()
        error = (found - expected).norm().item()
        self.add(kind, name, error / norm if norm > 0 else error, allowed)

    def within(self, kind, name, found, expected, allowed):
        """As a share of what is allowed of each element."""
        self.add(kind, name, ((found - expected).abs() / allowed).max().item(), 1.0)

    def print(self):
        print(f"{'compared':24}{'tensors':>8}{'worst':>12}{'allowed':>10}  of")
        for kind, (count, worst, name, allowed) in self.rows.items():
            print(f"{kind:24}{count:8}{worst:12.2e}{allowed:10.0e}  {name}")
        for failure in self.failures:
            print(f"off: {failure}")


class Replay:
    """One training step."""

    def __init__(self, trace, report):
        self.trace, self.report = trace, report
        self.kinks = []
        networks = trace.metadata["networks"]
        self.g, self.d = (Network(networks[name]["modules"]) for name in "gd")
        for name, network in [("g", self.g), ("d", self.d)]:
            network.load(trace.group(f"{name}.param."))
        self.run()

    def forward(self, network, name, x):
        """One pass, each of its activations compared."""
        for index, module in enumerate(network.main):
            place = f"act.{name}.main.{index}"
            if isinstance(module, Mask):
                module.mask = self.trace[f"{place}.mask"]
            if isinstance(module, (nn.LeakyReLU, nn.ReLU)):
                values = x.detach()
                self.kinks.append((values.abs().min() / values.square().mean().sqrt()).item())
            x = module(x)
            self.report.relative_l2("activations", place, self.trace[place], x.detach())
        return x

    def run(self):
        trace, g, d = self.trace, self.g, self.d
        loss = nn.BCEWithLogitsLoss()
        fake = self.forward(g, "g", trace["z"])
        real_logits = self.forward(d, "d_real", trace["real"])
        fake_logits = self.forward(d, "d_fake", fake.detach())
        one, zero = torch.ones_like(real_logits), torch.zeros_like(real_logits)
        loss_d = loss(real_logits, one) + loss(fake_logits, zero)
        loss_d.backward()
        self.gradients = {f"d.{name}": grad for name, grad in d.gradients().items()}

        self.adam("d", d).step()
        logits = self.forward(d, "d_gen", fake)
        loss_g = loss(logits, one)
        loss_g.backward()
        self.gradients |= {f"g.{name}": grad for name, grad in g.gradients().items()}
        self.losses = {"loss_d": loss_d, "loss_g": loss_g,
                       "d_real": torch.sigmoid(real_logits).mean(),
                       "d_fake": torch.sigmoid(fake_logits).mean()}
        self.losses = {name: loss.item() for name, loss in self.losses.items()}

    def adam(self, name, network):
        """Adam with the moments of the trace."""
        metadata = self.trace.metadata
        hyper = metadata["options"]["hyper_parameters"]
        adam = torch.optim.Adam(network.parameters(), hyper["learning_rate"],
                                (hyper["beta1"], hyper["beta2"]), hyper["epsilon"])
        for parameter_name, parameter in network.named_parameters():
            adam.state[parameter] = {
                "step": torch.tensor(float(metadata["step"])),
                "exp_avg": self.trace[f"{name}.m.{parameter_name}"].clone(),
                "exp_avg_sq": self.trace[f"{name}.v.{parameter_name}"].clone(),
            }
        return adam

    def compare(self):
        trace, report = self.trace, self.report
        last = trace[f"act.g.main.{len(self.g.main) - 1}"]
        report.relative_l2("activations", "fake", trace["fake"], last, 0.0)
        for name, gradient in self.gradients.items():
            network, parameter = name.split(".", 1)
            report.relative_l2("gradients", name, trace[f"{network}.grad.{parameter}"], gradient)
        for name, network in [("g", self.g), ("d", self.d)]:
            for buffer, values in network.statistics().items():
                report.relative_l2("running statistics", f"{name}.{buffer}",
                                   trace[f"{name}.param_after.{buffer}"], values)
        for name, value in self.losses.items():
            report.add("losses", name, abs(trace[name].item() - value) / abs(value), LOSS)
        self.compare_updates()
        self.compare_average()

    def compare_updates(self):
        """What Adam makes of the traced gradients."""
        trace, report = self.trace, self.report
        for name in "gd":
            network = Network(trace.metadata["networks"][name]["modules"])
            network.load(trace.group(f"{name}.param."))
            adam = self.adam(name, network)
            for parameter_name, parameter in network.named_parameters():
                parameter.grad = trace[f"{name}.grad.{parameter_name}"].clone()
            adam.step()
            for parameter_name, parameter in network.named_parameters():
                self.compare_update(name, parameter_name, parameter.detach(), adam.state[parameter])

    def compare_update(self, network, name, weight, state):
        trace, report = self.trace, self.report
        hyper = trace.metadata["options"]["hyper_parameters"]
        first, second = state["exp_avg"], state["exp_avg_sq"]
        # The first moment's terms cancel where their signs differ, so its units are those of the
        # greater one, and the update's are those of an update by that.
        term = torch.maximum(trace[f"{network}.m.{name}"].abs(),
                             trace[f"{network}.grad.{name}"].abs())
        for moment, values, size in [("m", first, term), ("v", second, second)]:
            report.within("moments", f"{network}.{moment}.{name}",
                          trace[f"{network}.{moment}_after.{name}"], values,
                          MOMENT_ULPS * ulp(size))
        steps = trace.metadata["step"] + 1
        corrected = (second / (1 - hyper["beta2"] ** steps)).sqrt() + hyper["epsilon"]
        update = hyper["learning_rate"] / (1 - hyper["beta1"] ** steps) * term / corrected
        report.within("updated weights", f"{network}.{name}",
                      trace[f"{network}.param_after.{name}"], weight,
                      UPDATE_ULPS * ulp(update) + ulp(weight))

    def compare_average(self):
        trace = self.trace
        rate = single(trace.metadata["average_rate"])
        for name, average in trace.group("g.ema.").items():
            new = trace[f"g.param_after.{name}"]
            allowed = 4 * ulp(torch.maximum(average.abs(), new.abs()))
            self.report.within("average", name, trace[f"g.ema_after.{name}"],
                               torch.lerp(average, new, rate), allowed)


def signs(elements, projection):
    """1 or -1 for each element: bit 0 of a hash of its place and the projection's number (lowbias32
    by Chris Wellons)."""
    place = numpy.arange(elements, dtype=numpy.uint64) * 0x9E3779B9 + projection * 0x85EBCA6B
    word = place.astype(numpy.uint32)
    for shift, factor in [(16, 0x7FEB352D), (15, 0x846CA68B)]:
        word = (word ^ (word >> numpy.uint32(shift))) * numpy.uint32(factor)
    word ^= word >> numpy.uint32(16)
    return torch.from_numpy(1.0 - 2.0 * (word & 1))


def summary(gradient):
    """A gradient in a few numbers."""
    flat = gradient.flatten()
    places = sorted({(2 * i + 1) * len(flat) // (2 * SAMPLES) for i in range(SAMPLES)})
    return {
        "shape": list(gradient.shape),
        "norm": flat.norm().item(),
        "projections": [(flat @ signs(len(flat), k)).item() for k in range(PROJECTIONS)],
        "samples": [[place, flat[place].item()] for place in places],
    }


def check(path, golden):
    """Whether a trace agrees."""
    trace, report = Trace(path), Report()
    replay = Replay(trace, report)
    replay.compare()
    metadata = trace.metadata
    options = metadata["options"]
    print(f"{path}: {options['preset']}, batch {options['batch']}, seed {options['seed']}, "
          f"{metadata['data']}, step {metadata['step']}, on {metadata['device']}")
    report.print()
    nearest = min(replay.kinks)
    print(f"the nearest kink is {nearest:.2e} of a root mean square away")
    if not nearest > NEAR_A_KINK:
        print(f"off: that is nearer than {NEAR_A_KINK:g}, so nothing here counts: another seed")
        return False
    if report.failures:
        return False
    if golden and metadata["step"] != 0:
        print("off: goldens are of a first step, which a test can make from its options alone")
        return False
    if golden:
        content = {
            "torch": torch.__version__,
            "options": options,
            "data": metadata["data"],
            "trace": {"device": metadata["device"], "driver": metadata["driver"],
                      "nearest_kink": nearest, **{
                          f"worst_{kind.replace(' ', '_')}": worst
                          for kind, (_, worst, _, _) in report.rows.items()}},
            "losses": replay.losses,
            "gradients": {name: summary(grad) for name, grad in replay.gradients.items()},
        }
        file = Path(__file__).parent / f"step-{options['preset']}.json"
        file.write_text(json.dumps(content, indent=1) + "\n")
        print(f"written: {file.name}")
    return True


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("traces", nargs="+", metavar="TRACE")
    parser.add_argument("--golden", action="store_true", help="write step-PRESET.json")
    arguments = parser.parse_args()
    agree = [check(path, arguments.golden) for path in arguments.traces]
    sys.exit(0 if all(agree) else 1)
