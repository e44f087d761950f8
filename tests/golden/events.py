"""Compares the TensorBoard events of runs with what else the runs wrote, by TensorBoard's readers.

    python events.py RUN...     every tick of stats.jsonl must be shown once, and every picture
    python events.py --golden   writes events.tfevents, by TensorBoard's own writer

Both of TensorBoard's readers are asked: EventAccumulator, in Python, and the data server that
`tensorboard` starts where it can (rustboard). Needs `pip install tensorboard`.
"""

import argparse
import io
import json
import struct
import sys
import zlib
from pathlib import Path

from tensorboard import context
from tensorboard.backend.event_processing import event_accumulator
from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.data import provider, server_ingester
from tensorboard.summary.writer.record_writer import RecordWriter
from tensorboard.util import grpc_util

EVERYTHING = {event_accumulator.SCALARS: 0, event_accumulator.IMAGES: 0}


def by_accumulator(run):
    """Step and value of every scalar, step and bytes of every picture, by their tags."""
    events = event_accumulator.EventAccumulator(str(run), size_guidance=EVERYTHING)
    events.Reload()
    tags = events.Tags()
    scalars = {tag: [(e.step, e.value) for e in events.Scalars(tag)] for tag in tags["scalars"]}
    pictures = {
        tag: [(e.step, e.encoded_image_string) for e in events.Images(tag)]
        for tag in tags["images"]
    }
    return scalars, pictures


def by_server(run):
    """The same of the data server. It takes a 0 for every point, else at most ten pictures."""
    ingester = server_ingester.SubprocessServerDataIngester(
        server_binary=server_ingester.get_server_binary(),
        logdir=str(run),
        reload_interval=5,
        channel_creds_type=grpc_util.ChannelCredsType.LOCAL,
        samples_per_plugin={"images": 0, "scalars": 0},
    )
    ingester.start()
    data, ctx = ingester.data_provider, context.RequestContext()
    everything = dict(experiment_id="", run_tag_filter=provider.RunTagFilter())
    scalars = data.read_scalars(ctx, plugin_name="scalars", downsample=100_000, **everything)
    images = data.read_blob_sequences(ctx, plugin_name="images", downsample=100_000, **everything)
    scalars = {
        tag: [(point.step, point.value) for point in points]
        for tag, points in next(iter(scalars.values()), {}).items()
    }
    # A picture is behind its width and height.
    pictures = {
        tag: [(p.step, data.read_blob(ctx, blob_key=p.values[2].blob_key)) for p in points]
        for tag, points in next(iter(images.values()), {}).items()
    }
    return scalars, pictures


def single(value):
    return struct.unpack("f", struct.pack("f", value))[0]


def numbers(line, prefix=""):
    for key, value in line.items():
        if isinstance(value, dict):
            yield from numbers(value, f"{prefix}{key}/")
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            yield f"{prefix}{key}", value


def expected(run):
    scalars = {}
    for line in (run / "stats.jsonl").read_text().splitlines():
        line = json.loads(line)
        for tag, value in numbers(line):
            if tag != "step":
                scalars.setdefault(tag, []).append((line["step"], single(value)))
    fakes = {int(p.stem[6:]): p.read_bytes() for p in run.glob("fakes-[0-9]*.png")}
    return scalars, fakes


def compare(run):
    scalars, fakes = expected(run)
    parent = json.loads((run / "options.json").read_text())["parent"]
    first = parent["step"] if parent else 0
    fakes[first] = (run / "fakes-init.png").read_bytes()
    agrees = True
    for name, read in [("EventAccumulator", by_accumulator), ("data server", by_server)]:
        found, pictures = read(run)
        lines = {step for points in scalars.values() for step, _ in points}
        for tag in sorted(scalars.keys() | found.keys()):
            # A line that was taken back when training went on stays in the events.
            points = [point for point in found.get(tag, []) if point[0] in lines]
            if points != scalars.get(tag):
                print(f"{name}: {tag}: {points} is not {scalars.get(tag)}")
                agrees = False
        shown = pictures.get("fakes", [])
        steps = [step for step, _ in shown]
        if steps != sorted(fakes) or any(fakes[step] != png for step, png in shown):
            print(f"{name}: pictures at {steps}, files at {sorted(fakes)}")
            agrees = False
        if [png for _, png in pictures.get("reals", [])] != [(run / "reals.png").read_bytes()]:
            print(f"{name}: the picture of reals differs")
            agrees = False
        counts = {tag: len(points) for tag, points in sorted(found.items())}
        print(f"{run}: {name}: {counts}, {len(shown)} pictures")
    return agrees


def png():
    """One grey pixel."""

    def chunk(kind, data):
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0\x07")) + chunk(b"IEND", b"")


def golden():
    """A session from step 3 on with a tick and a picture at step 4, each a second after the other."""
    start = event_pb2.SessionLog(status=event_pb2.SessionLog.START)
    loss = summary_pb2.Summary.Value(tag="health/norm", simple_value=0.1)
    number = summary_pb2.Summary.Value(tag="loss_d", simple_value=1.25)
    image = summary_pb2.Summary.Image(height=1, width=1, colorspace=1, encoded_image_string=png())
    picture = summary_pb2.Summary.Value(tag="fakes", image=image)
    events = [
        event_pb2.Event(wall_time=1.5, file_version="brain.Event:2"),
        event_pb2.Event(wall_time=1.5, step=3, session_log=start),
        event_pb2.Event(wall_time=2.5, step=4, summary=summary_pb2.Summary(value=[loss, number])),
        event_pb2.Event(wall_time=3.5, step=4, summary=summary_pb2.Summary(value=[picture])),
    ]
    file = io.BytesIO()
    writer = RecordWriter(file)
    for event in events:
        writer.write(event.SerializeToString(deterministic=True))
    (Path(__file__).parent / "events.tfevents").write_bytes(file.getvalue())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("runs", metavar="RUN", nargs="*", type=Path)
    parser.add_argument("--golden", action="store_true", help="write events.tfevents")
    arguments = parser.parse_args()
    if arguments.golden:
        golden()
    agrees = all([compare(run) for run in arguments.runs])
    if arguments.runs:
        print("agrees" if agrees else "differs")
    sys.exit(0 if agrees else 1)


if __name__ == "__main__":
    main()
