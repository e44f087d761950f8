"""Makes ops.safetensors: every kernel of `graph::Op`, as PyTorch computes it in float64.

    python ops.py

The metadata `ganvas_golden` is JSON: the version of PyTorch and a list of cases. A case has an op
with its attributes, what computed it here, and one step or more of operands and results (of an op
that works in place: the new values of the operands that it changes; a later step's null operands
are those). Where an op is differentiable, `gradient` has a seed for each result and the gradient
of each operand by torch.autograd, or null.

Tensors are float64 in PyTorch's layouts; each entry says which, so that a reader can permute it:
`images` (N, C, H, W), `window` (O, I, kh, kw), `dense` (out, in), or `plain`; `bytes` and `words`
are plain integers. What is drawn, and attributes, are exact in float32, as Ganvas holds them in
that; the step size and the correction of Adam are not.
"""

import json
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import save_file

torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)
torch.manual_seed(20260101)


def single(value):
    """The nearest float32, exactly, as a float."""
    return torch.tensor(value, dtype=torch.float32).double().item()


def draw(*shape):
    """Normal numbers, exact in float32."""
    return torch.randn(shape).float().double()


def positive(*shape):
    """Numbers from 1/4 to 4, exact in float32."""
    return torch.exp2(torch.rand(shape) * 4 - 2).float().double()


class Golden:
    """Collects cases and their tensors, each tensor once."""

    def __init__(self):
        self.cases = []
        self.tensors = {}
        self.entries = {}

    def entry(self, name, placed):
        if placed is None:
            return None
        layout, tensor = placed
        if id(tensor) not in self.entries:
            stored = tensor.detach().double().contiguous().clone()
            self.tensors[name] = stored
            # The tensor is kept too, so that its id stays its own.
            self.entries[id(tensor)] = (name, tensor)
        return {"tensor": self.entries[id(tensor)][0], "layout": layout}

    def case(self, op, name, reference, steps, gradient=None, **attributes):
        name = f"{op}/{name}"
        listed = []
        for number, (operands, results) in enumerate(steps):
            place = f"{name}.{number}"
            listed.append({
                "operands": [self.entry(f"{place}.operand{i}", t) for i, t in enumerate(operands)],
                "results": [self.entry(f"{place}.result{i}", t) for i, t in enumerate(results)],
            })
        case = {"op": op, "name": name, "reference": reference, "attributes": attributes,
                "steps": listed}
        if gradient is not None:
            seeds, gradients = gradient
            case["gradient"] = {
                "seeds": [self.entry(f"{name}.seed{i}", t) for i, t in enumerate(seeds)],
                "gradients": [self.entry(f"{name}.gradient{i}", t)
                              for i, t in enumerate(gradients)],
            }
        self.cases.append(case)

    def differentiable(self, op, name, reference, function, operands, layout, **attributes):
        """A case of `function` on placed operands, with a random seed's gradients: result, seed and
        gradients, placed."""
        leaves = [tensor.clone().requires_grad_() for _, tensor in operands]
        result = function(*leaves)
        seed = draw(*result.shape)
        gradients = torch.autograd.grad(result, leaves, seed)
        gradients = [(place, gradient) for (place, _), gradient in zip(operands, gradients)]
        result, seed = (layout, result.detach()), (layout, seed)
        self.case(op, name, reference, [(operands, [result])], ([seed], gradients), **attributes)
        return result, seed, gradients

    def save(self, path):
        metadata = {"torch": torch.__version__, "cases": self.cases}
        save_file(self.tensors, path, {"ganvas_golden": json.dumps(metadata)})
        # It is written for its owner's eyes only.
        path.chmod(0o644)


def plain(tensor):
    return ("plain", tensor)


def images(tensor):
    return ("images", tensor)


def sources_and_memory(golden):
    for name, value in [("zero", 0.0), ("third", single(1 / 3))]:
        result = torch.full((2, 3), value)
        golden.case("fill", name, "torch.full", [([], [plain(result)])], value=value)
    x, destination = draw(3, 5), draw(3, 5)
    copied = destination.clone().copy_(x)
    golden.case("copy", "matrix", "Tensor.copy_", [([plain(x), plain(destination)],
                                                    [plain(copied)])])
    steps, sum_so_far = [], draw(7)
    start = plain(sum_so_far)
    for _ in range(3):
        x = draw(7)
        sum_so_far = sum_so_far.clone().add_(x)
        steps.append(([plain(x), start], [plain(sum_so_far)]))
        start = None
    golden.case("accumulate", "three_times", "Tensor.add_", steps)


def arithmetic(golden):
    pair = [plain(draw(3, 5)), plain(draw(3, 5))]
    golden.differentiable("add", "matrices", "torch.add", torch.add, pair, "plain")
    golden.differentiable("multiply", "matrices", "torch.mul", torch.mul, pair, "plain")
    for name, factor, offset in [("affine", -2.5, 0.75), ("pixels", single(1 / 127.5), -1.0)]:
        golden.differentiable("scale", name, "factor * x + offset",
                              lambda x: factor * x + offset, [plain(draw(11))], "plain",
                              factor=factor, offset=offset)
    golden.differentiable("reciprocal", "vector", "torch.reciprocal", torch.reciprocal,
                          [plain(positive(11))], "plain")
    golden.differentiable("square_root", "vector", "torch.sqrt", torch.sqrt,
                          [plain(positive(11))], "plain")
    golden.differentiable("bias", "matrix", "x + b", torch.add,
                          [plain(draw(3, 5)), plain(draw(5))], "plain")
    golden.differentiable("bias", "images", "x + b[:, None, None]",
                          lambda x, b: x + b[:, None, None],
                          [images(draw(2, 3, 4, 5)), plain(draw(3))], "images")
    for axes in [[0], [1], [2], [0, 1], [1, 2], [0, 1, 2]]:
        name = "axes" + "".join(map(str, axes))
        x = draw(2, 3, 5)
        golden.differentiable("sum", name, "torch.sum", lambda x: x.sum(axes, keepdim=True),
                              [plain(x)], "plain", axes=axes)
        ones = [1 if axis in axes else size for axis, size in enumerate(x.shape)]
        golden.differentiable("broadcast", name, "Tensor.expand", lambda x: x.expand(2, 3, 5),
                              [plain(draw(*ones))], "plain", axes=axes)


def activations(golden):
    for name, slope in [("relu", 0.0), ("slope2", single(0.2)), ("slope3", single(0.3))]:
        x = draw(3, 7)
        x[0, 0] = 0.0
        result, seed, gradients = golden.differentiable(
            "leaky_relu", name, "F.leaky_relu", lambda x: F.leaky_relu(x, slope), [plain(x)],
            "plain", slope=slope)
        golden.case("leaky_relu_grad", name, "autograd of F.leaky_relu",
                    [([seed, result], gradients)], slope=slope)
    spread = torch.tensor([0.0, 1e-6, -0.01, 0.4999, 0.5001, -1, 3, -9, 20, -40, 100])
    for op, function in [("tanh", torch.tanh), ("sigmoid", torch.sigmoid)]:
        for name, x in [("normal", draw(3, 7)), ("spread", spread.float().double())]:
            result, seed, gradients = golden.differentiable(
                op, name, f"torch.{op}", function, [plain(x)], "plain")
            golden.case(f"{op}_grad", name, f"autograd of torch.{op}",
                        [([seed, result], gradients)])


def losses(golden):
    loss = F.binary_cross_entropy_with_logits
    for name, target in [("fake", 0.0), ("real", 1.0), ("smoothed", single(0.9))]:
        for which, x in [("normal", draw(9)), ("far", torch.tensor([-60.0, -20, -5, 5, 20, 60]))]:
            reference = "F.binary_cross_entropy_with_logits"
            result, seed, gradients = golden.differentiable(
                "bce_with_logits", f"{name}_{which}", reference,
                lambda x: loss(x, torch.full_like(x, target), reduction="none"), [plain(x)],
                "plain", target=target)
            golden.case("bce_with_logits_grad", f"{name}_{which}", f"autograd of {reference}",
                        [([seed, plain(x)], gradients)], target=target)


def philox4x32_10(counter, key):
    """Salmon et al. 2011, in plain integers."""
    (c0, c1, c2, c3), (k0, k1), word = counter, key, 0xFFFFFFFF
    for _ in range(10):
        first, second = 0xD2511F53 * c0, 0xCD9E8D57 * c2
        c0, c2 = (second >> 32) ^ c1 ^ k0, (first >> 32) ^ c3 ^ k1
        c1, c3 = second & word, first & word
        k0, k1 = (k0 + 0x9E3779B9) & word, (k1 + 0xBB67AE85) & word
    return c0, c1, c2, c3


# The vector of all ones that Random123 publishes.
assert philox4x32_10([0xFFFFFFFF] * 4, [0xFFFFFFFF] * 2) == (
    0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)


def words_of(samples, elements, stream, first_block, seed_low, seed_high, step, first_sample):
    rows = [[philox4x32_10((first_block + e // 4, first_sample + n, step, stream),
                           (seed_low, seed_high))[e % 4] for e in range(elements)]
            for n in range(samples)]
    return torch.tensor(rows, dtype=torch.int64)


def random_draws(golden):
    place = {"stream": 259, "seed_low": 3735928559, "seed_high": 7, "step": 12, "first_sample": 5}
    words = words_of(3, 10, first_block=2, **place)
    golden.case("philox_bits", "matrix", "not PyTorch: Philox in Python integers",
                [([], [("words", words)])], first_block=2, **place)

    words = words_of(4, 25, first_block=0, **place)
    probability = (((words >> 8) & 0x7FFFFF).double() + 0.5) / 2**24
    lower = torch.special.ndtri(probability)
    normal = torch.where(words >> 31 == 1, -lower, lower)
    golden.case("normal", "matrix", "torch.special.ndtri of those bits", [([], [plain(normal)])],
                **place)

    for name, rate in [("three_tenths", single(0.3)), ("half", 0.5)]:
        words = words_of(2, 3 * 4 * 5, first_block=0, **place)
        # Elements count along memory, channels last.
        keep = (words >= int(rate * 2**32)).reshape(2, 4, 5, 3).permute(0, 3, 1, 2)
        factor = single(1 / (1 - rate))
        golden.differentiable("dropout", name, "x * mask of those bits, as nn.Dropout scales",
                              lambda x: x * keep * factor, [images(draw(2, 3, 4, 5))], "images",
                              rate=rate, **place)

    pixels = torch.tensor([[0, 1, 127], [128, 254, 255]])
    table = (torch.arange(256) / 127.5 - 1).float().double()
    golden.case("scale_pixels", "corners", "pixels / 127.5 - 1, rounded to float32",
                [([("bytes", pixels), plain(table)],
                  [plain((pixels / 127.5 - 1).float().double())])])


def dense(golden):
    for name, (n, inputs, outputs) in [("odd", (3, 5, 7)), ("one", (1, 4, 1)), ("row", (6, 1, 3))]:
        x, weight = plain(draw(n, inputs)), ("dense", draw(outputs, inputs))
        _, seed, (grad_x, grad_weight) = golden.differentiable(
            "dense", name, "F.linear", F.linear, [x, weight], "plain")
        reference = "autograd of F.linear"
        golden.case("dense_grad_input", name, reference, [([seed, weight], [grad_x])])
        golden.case("dense_grad_weight", name, reference, [([x, seed], [grad_weight])])


# Name, kernel, stride, padding (top, bottom, left, right), image (N, I, H, W), O.
WINDOWS = [
    ("same3", (3, 3), (1, 1), (1, 1, 1, 1), (2, 3, 5, 7), 4),
    ("half5", (5, 5), (2, 2), (2, 2, 2, 2), (2, 1, 8, 6), 3),
    ("half4", (4, 4), (2, 2), (1, 1, 1, 1), (2, 2, 6, 9), 3),
    ("whole4", (4, 4), (1, 1), (0, 0, 0, 0), (2, 3, 4, 4), 2),
    ("uneven", (3, 2), (2, 1), (1, 0, 0, 1), (2, 3, 6, 5), 2),
    ("sides", (4, 2), (3, 1), (2, 0, 0, 1), (2, 2, 8, 3), 1),
    ("skipping", (2, 2), (3, 3), (1, 0, 2, 0), (1, 1, 6, 5), 3),
    ("points", (1, 1), (3, 2), (0, 0, 0, 0), (2, 3, 7, 4), 2),
]


def convolution(x, weight, stride, padding):
    top, bottom, left, right = padding
    return F.conv2d(F.pad(x, (left, right, top, bottom)), weight, stride=stride)


def transposed(y, weight, stride, padding, output_padding):
    """What falls on the padding is cut off, as the padding of F.conv_transpose2d does, which has
    one number for both sides."""
    top, bottom, left, right = padding
    if (top, left) == (bottom, right):
        return F.conv_transpose2d(y, weight, stride=stride, padding=(top, left),
                                  output_padding=output_padding)
    whole = F.conv_transpose2d(y, weight, stride=stride, output_padding=output_padding)
    height, width = whole.shape[2:]
    return whole[:, :, top:height - bottom, left:width - right]


def convolutions(golden):
    for name, kernel, stride, padding, shape, outputs in WINDOWS:
        window = {"kernel": kernel, "stride": stride, "padding": padding}
        x, weight = images(draw(*shape)), ("window", draw(outputs, shape[1], *kernel))
        _, seed, (grad_x, grad_weight) = golden.differentiable(
            "conv2d", name, "F.conv2d of F.pad",
            lambda x, weight: convolution(x, weight, stride, padding), [x, weight], "images",
            **window)
        reference = "autograd of F.conv2d"
        padded = [shape[2] + sum(padding[:2]), shape[3] + sum(padding[2:])]
        left_over = [(padded[i] - kernel[i]) % stride[i] for i in range(2)]
        golden.case("conv_transpose2d", f"{name}_grad_input", reference,
                    [([seed, weight], [grad_x])], output_padding=left_over, **window)
        golden.case("conv2d_grad_weight", name, reference, [([x, seed], [grad_weight])], **window)

        output_padding = [step - 1 for step in stride]
        small = images(draw(2, outputs, 3, 4))
        golden.differentiable(
            "conv_transpose2d", name, "F.conv_transpose2d",
            lambda y, weight: transposed(y, weight, stride, padding, output_padding),
            [small, weight], "images", output_padding=output_padding, **window)


def batch_norm(golden):
    for name, x in [("images", images(draw(3, 4, 2, 5) * 2 + 1)), ("features", plain(draw(4, 6))),
                    ("two_rows", plain(draw(2, 5)))]:
        layout, values = x
        channels = values.shape[1]
        epsilon = single(1e-5)
        gamma, beta = positive(channels), draw(channels)
        axes = [axis for axis in range(values.dim()) if axis != 1]

        leaf = values.clone().requires_grad_()
        variance, mean = torch.var_mean(leaf, axes, unbiased=False)
        seeds = [draw(channels), draw(channels)]
        gradient, = torch.autograd.grad([mean, variance], leaf, seeds)
        statistics = [plain(mean.detach()), plain(variance.detach())]
        golden.case("batch_norm_statistics", name, "torch.var_mean(unbiased=False)",
                    [([x], statistics)], ([plain(seed) for seed in seeds], [(layout, gradient)]))

        leaves = [tensor.clone().requires_grad_() for tensor in (values, gamma, beta)]
        result = F.batch_norm(leaves[0], None, None, leaves[1], leaves[2], True, 0.0, epsilon)
        seed = (layout, draw(*result.shape))
        grad_x, grad_gamma, grad_beta = torch.autograd.grad(result, leaves, seed[1])
        affine = [plain(gamma), plain(beta)]
        sums = [plain(grad_gamma), plain(grad_beta)]
        golden.case("batch_norm", f"{name}_training", "F.batch_norm(training=True)",
                    [([x, *statistics, *affine], [(layout, result)])],
                    ([seed], [(layout, grad_x), None, None, *sums]), epsilon=epsilon,
                    statistics="of the batch")
        golden.case("batch_norm_grad_gamma_beta", name, "autograd of F.batch_norm",
                    [([seed, x, *statistics], sums)], epsilon=epsilon)
        golden.case("batch_norm_grad_input", name, "autograd of F.batch_norm",
                    [([seed, x, *statistics, affine[0], *sums], [(layout, grad_x)])],
                    epsilon=epsilon)

        running = [plain(draw(channels)), plain(positive(channels))]
        leaves = [tensor.clone().requires_grad_() for tensor in (values, gamma, beta)]
        result = F.batch_norm(leaves[0], running[0][1], running[1][1], leaves[1], leaves[2],
                              False, 0.0, epsilon)
        seed = (layout, draw(*result.shape))
        grad_x, *grads = torch.autograd.grad(result, leaves, seed[1])
        golden.case("batch_norm", f"{name}_evaluation", "F.batch_norm(training=False)",
                    [([x, *running, *affine], [(layout, result)])],
                    ([seed], [(layout, grad_x), None, None, *map(plain, grads)]),
                    epsilon=epsilon, statistics="running")


def running_statistics(golden):
    momentum = single(0.1)
    for name, norm, shape in [("images", torch.nn.BatchNorm2d(3, momentum=momentum), (4, 3, 2, 5)),
                              ("two_rows", torch.nn.BatchNorm1d(5, momentum=momentum), (2, 5))]:
        steps = []
        before = [plain(norm.running_mean.clone()), plain(norm.running_var.clone())]
        axes = [axis for axis in range(len(shape)) if axis != 1]
        for batch in range(5):
            x = draw(*shape) * (batch + 1) + batch
            norm(x)
            variance, mean = torch.var_mean(x, axes, unbiased=False)
            after = [plain(norm.running_mean.clone()), plain(norm.running_var.clone())]
            steps.append(([*before, plain(mean), plain(variance)], after))
            before = [None, None]
        count = shape[0] * torch.Size(shape[2:]).numel()
        golden.case("batch_norm_running", name, f"nn.{type(norm).__name__}, 5 batches", steps,
                    momentum=momentum, count=count)


def optimisers(golden):
    for name, beta1, beta2, epsilon in [("dcgan", 0.5, 0.999, 1e-8), ("usual", 0.9, 0.99, 1e-3)]:
        # The op holds 1 - beta in float32; these betas are exactly 1 less that.
        betas = [1 - single(1 - beta) for beta in (beta1, beta2)]
        epsilon, rate = single(epsilon), 2e-4
        weight = torch.nn.Parameter(draw(3, 5))
        adam = torch.optim.Adam([weight], rate, betas, epsilon)
        zeros = [torch.zeros(3, 5), torch.zeros(3, 5)]
        weights, *moments = plain(weight.detach().clone()), *map(plain, zeros)
        steps = []
        for number in range(10):
            # Changing in size and sign, and 0 at times.
            gradient = draw(3, 5) * 10.0 ** (number % 4 - 2)
            gradient[0, number % 5] = 0.0
            weight.grad = gradient.float().double()
            adam.step()
            state = adam.state[weight]
            after = [weight.detach(), state["exp_avg"], state["exp_avg_sq"]]
            after = [plain(tensor.clone()) for tensor in after]
            steps.append(([weights, plain(weight.grad), *moments], after))
            weights, moments = None, [None, None]
        golden.case("adam", name, "torch.optim.Adam, 10 steps", steps, learning_rate=rate,
                    beta1=betas[0], beta2=betas[1], epsilon=epsilon)

    average = draw(7)
    before, steps, rate = plain(average), [], single(0.05)
    for _ in range(10):
        value = draw(7)
        average = torch.lerp(average, value, rate)
        steps.append(([before, plain(value)], [plain(average)]))
        before = None
    golden.case("ema", "ten_steps", "torch.lerp", steps, rate=rate)


if __name__ == "__main__":
    made = Golden()
    for add in [sources_and_memory, arithmetic, activations, losses, random_draws, dense,
                convolutions, batch_norm, running_statistics, optimisers]:
        add(made)
    made.save(Path(__file__).parent / "ops.safetensors")
    ops = {case["op"] for case in made.cases}
    print(f"{len(made.cases)} cases of {len(ops)} ops, PyTorch {torch.__version__}")
