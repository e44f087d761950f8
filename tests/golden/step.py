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

A LeakyReLU or ReLU of a number near 0 may take its other side for a rounding error, which is no
fault of a kernel. Where everything agrees, that made no difference. A golden is refused where it
could, as another adapter rounds otherwise.
"""

import argparse
import json
import math
import sys
from pathlib import Path

import numpy
import torch
from torch import nn

from trace_file import Mask, Network, Trace, TraceError, single

torch.set_default_dtype(torch.float64)

RELATIVE_L2 = 1e-4
LOSS = 1e-5
MOMENT_ULPS = 4
UPDATE_ULPS = 16
AVERAGE_ULPS = 4
# How near 0, relative to the root mean square of its tensor, an element before a kink may lie.
NEAR_A_KINK = 2e-6
PROJECTIONS = 8
SAMPLES = 16
# What each kind of comparison measures.
MEASURES = {
    "activations": "||error|| / ||expected|| of a tensor",
    "gradients": "||error|| / ||expected|| of a tensor",
    "running statistics": "||error|| / ||expected|| of a tensor",
    "losses": "|error| / |expected|",
    "moments": f"|error| of an element / {MOMENT_ULPS} ULP",
    "updated weights": f"|error| of an element / ({UPDATE_ULPS} ULP of its update + 1 of itself)",
    "average": f"|error| of an element / {AVERAGE_ULPS} ULP",
}
# Which of them a kink has no part in.
FROM_TRACED_GRADIENTS = ["moments", "updated weights", "average"]


def ulp(values):
    """The unit in the last place of each number as a float32; the least normal one near 0, as an
    adapter may flush smaller ones."""
    values = values.abs().float().clamp(min=torch.finfo(torch.float32).tiny).numpy()
    return torch.from_numpy(numpy.spacing(values)).double().clamp(min=1.2e-38)


class Report:
    """The worst of each kind of comparison."""

    def __init__(self):
        self.rows = {}
        self.failures = []

    def add(self, kind, name, error, allowed):
        """Adds how far a tensor is off; written so that a NaN fails."""
        count, worst, _, _ = self.rows.get(kind, (0, -1.0, "", 0.0))
        if not error <= allowed:
            wrong = f"{kind} {name} is off by {error:.3g}, more than {allowed:g}"
            self.failures.append((kind, wrong))
        if error <= worst or math.isnan(worst):
            self.rows[kind] = (count + 1, *self.rows[kind][1:])
        else:
            self.rows[kind] = (count + 1, error, name, allowed)

    def relative_l2(self, kind, name, found, expected, allowed=RELATIVE_L2):
        norm = expected.norm().item()
        error = (found - expected).norm().item()
        self.add(kind, name, error / norm if norm > 0 else error, allowed)

    def within(self, kind, name, found, expected, allowed):
        """As a share of what is allowed of each element."""
        self.add(kind, name, ((found - expected).abs() / allowed).max().item(), 1.0)

    def tensors(self):
        """How many were compared."""
        return sum(count for count, _, _, _ in self.rows.values())

    def print(self):
        print(f"{'compared':20}{'tensors':>8}{'worst':>10}{'allowed':>9}  {'in':26}measured as")
        for kind, (count, worst, name, allowed) in self.rows.items():
            print(f"{kind:20}{count:8}{worst:10.1e}{allowed:9.0e}  {name:26}{MEASURES[kind]}")
        for _, wrong in self.failures:
            print(f"off: {wrong}")

    def is_of_replay(self):
        """Whether nothing is off that was computed from traced gradients."""
        return all(kind not in FROM_TRACED_GRADIENTS for kind, _ in self.failures)


class Replay:
    """One training step."""

    def __init__(self, trace, report):
        self.trace, self.report = trace, report
        self.kinks = []
        networks = trace.metadata["networks"]
        self.g, self.d = (Network(networks[name]["modules"]) for name in "gd")
        for name, network in [("g", self.g), ("d", self.d)]:
            network.load(trace, f"{name}.param.")
        self.run()

    def forward(self, network, name, x):
        """One pass, each of its activations compared."""
        for index, module in enumerate(network.main):
            place = f"act.{name}.main.{index}"
            if isinstance(module, Mask):
                module.mask = self.trace.tensor(f"{place}.mask", x.shape)
            if isinstance(module, (nn.LeakyReLU, nn.ReLU)):
                values = x.detach()
                self.kinks.append((values.abs().min() / values.square().mean().sqrt()).item())
            x = module(x)
            found = self.trace.tensor(place, x.shape)
            self.report.relative_l2("activations", place, found, x.detach())
        return x

    def run(self):
        trace, g, d = self.trace, self.g, self.d
        loss = nn.BCEWithLogitsLoss()
        batch, networks = trace.metadata["options"]["batch"], trace.metadata["networks"]
        fake = self.forward(g, "g", trace.tensor("z", [batch, *networks["g"]["input"]]))
        self.fake_shape = fake.shape
        real = trace.tensor("real", fake.shape)
        real_logits = self.forward(d, "d_real", real)
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
            first, second = (
                self.trace.tensor(f"{name}.{moment}.{parameter_name}", parameter.shape).clone()
                for moment in "mv")
            step = torch.tensor(float(metadata["step"]))
            adam.state[parameter] = {"step": step, "exp_avg": first, "exp_avg_sq": second}
        return adam

    def compare(self):
        trace, report = self.trace, self.report
        fake = trace.tensor("fake", self.fake_shape)
        last = trace.tensor(f"act.g.main.{len(self.g.main) - 1}", fake.shape)
        report.relative_l2("activations", "fake", fake, last, 0.0)
        for name, gradient in self.gradients.items():
            network, parameter = name.split(".", 1)
            found = trace.tensor(f"{network}.grad.{parameter}", gradient.shape)
            report.relative_l2("gradients", name, found, gradient)
        for name, network in [("g", self.g), ("d", self.d)]:
            for buffer, values in network.statistics().items():
                found = trace.tensor(f"{name}.param_after.{buffer}", values.shape)
                report.relative_l2("running statistics", f"{name}.{buffer}", found, values)
        for name, value in self.losses.items():
            found = trace.tensor(name, [1]).item()
            report.add("losses", name, abs(found - value) / abs(value), LOSS)
        self.compare_updates()
        self.compare_average()

    def compare_updates(self):
        """What Adam makes of the traced gradients."""
        trace, report = self.trace, self.report
        for name in "gd":
            network = Network(trace.metadata["networks"][name]["modules"])
            network.load(trace, f"{name}.param.")
            adam = self.adam(name, network)
            for parameter_name, parameter in network.named_parameters():
                gradient = trace.tensor(f"{name}.grad.{parameter_name}", parameter.shape)
                parameter.grad = gradient.clone()
            adam.step()
            for parameter_name, parameter in network.named_parameters():
                self.compare_update(name, parameter_name, parameter.detach(), adam.state[parameter])

    def compare_update(self, network, name, weight, state):
        trace, report = self.trace, self.report
        hyper = trace.metadata["options"]["hyper_parameters"]
        first, second = state["exp_avg"], state["exp_avg_sq"]
        of = lambda group: trace.tensor(f"{network}.{group}.{name}", weight.shape)
        # The first moment's terms cancel where their signs differ, so its units are those of the
        # greater one, and the update's are those of an update by that.
        term = torch.maximum(of("m").abs(), of("grad").abs())
        for moment, values, size in [("m", first, term), ("v", second, second)]:
            report.within("moments", f"{network}.{moment}.{name}", of(f"{moment}_after"), values,
                          MOMENT_ULPS * ulp(size))
        steps = trace.metadata["step"] + 1
        corrected = (second / (1 - hyper["beta2"] ** steps)).sqrt() + hyper["epsilon"]
        update = hyper["learning_rate"] / (1 - hyper["beta1"] ** steps) * term / corrected
        report.within("updated weights", f"{network}.{name}", of("param_after"), weight,
                      UPDATE_ULPS * ulp(update) + ulp(weight))

    def compare_average(self):
        trace = self.trace
        rate = single(trace.metadata["average_rate"])
        for name, before in trace.group("g.param.").items():
            average = trace.tensor(f"g.ema.{name}", before.shape)
            new = trace.tensor(f"g.param_after.{name}", before.shape)
            allowed = AVERAGE_ULPS * ulp(torch.maximum(average.abs(), new.abs()))
            found = trace.tensor(f"g.ema_after.{name}", before.shape)
            expected = torch.lerp(average, new, rate)
            self.report.within("average", f"g.{name}", found, expected, allowed)


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


def write_golden(replay, report, nearest_kink):
    """Writes step-PRESET.json."""
    metadata = replay.trace.metadata
    content = {
        "torch": torch.__version__,
        "options": metadata["options"],
        "data": metadata["data"],
        "trace": {"device": metadata["device"], "driver": metadata["driver"],
                  "nearest_kink": nearest_kink, **{
                      f"worst_{kind.replace(' ', '_')}": worst
                      for kind, (_, worst, _, _) in report.rows.items()}},
        "losses": replay.losses,
        "gradients": {name: summary(grad) for name, grad in replay.gradients.items()},
    }
    file = Path(__file__).parent / f"step-{metadata['options']['preset']}.json"
    file.write_text(json.dumps(content, indent=1) + "\n")
    print(f"written: {file.name}")


def check(path, golden):
    """Whether a trace agrees, and has become a golden if it was to."""
    trace, report = Trace(path), Report()
    replay = Replay(trace, report)
    replay.compare()
    metadata = trace.metadata
    options, step = metadata["options"], metadata["step"] + 1
    print(f"{path}: {options['preset']}, batch {options['batch']}, seed {options['seed']}, "
          f"{metadata['data']}, step {step}, on {metadata['device']}")
    report.print()

    nearest = min(replay.kinks)
    is_near = not nearest > NEAR_A_KINK
    print(f"nearest kink: an element before a (Leaky)ReLU is {nearest:.1e} of its tensor's root mean "
          "square")
    if report.failures:
        if is_near and report.is_of_replay():
            print(f"This may come from an element near a kink (nearer than {NEAR_A_KINK:g}): try a "
                  "smaller batch, another seed, or a later step")
        print(f"differs: {len(report.failures)} of {report.tensors()} tensors")
        return False
    note = ", although an element lies near a kink: its side made no difference" if is_near else ""
    print(f"agrees: {report.tensors()} tensors{note}")
    if not golden:
        return True
    if is_near:
        print(f"no golden: its nearest kink must be {NEAR_A_KINK:g} away, as another adapter may "
              "take its other side; try a smaller batch or another seed")
        return False
    if step != 1:
        print(f"no golden: a test makes a first step from its options alone, not step {step}")
        return False
    write_golden(replay, report, nearest)
    return True


def check_all(paths, golden):
    """Whether all agree; one that cannot be read ends it."""
    agree = []
    for path in paths:
        try:
            agree.append(check(path, golden))
        except TraceError as error:
            sys.exit(f"{path}: {error}")
    return all(agree)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description="Replays a traced training step in PyTorch, and compares every tensor of it.")
    parser.add_argument("traces", nargs="+", metavar="TRACE",
                        help="from `ganvas trace --out TRACE`")
    parser.add_argument("--golden", action="store_true", help="also write step-PRESET.json")
    arguments = parser.parse_args()
    sys.exit(0 if check_all(arguments.traces, arguments.golden) else 1)
