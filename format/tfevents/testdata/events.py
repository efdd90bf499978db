"""Writes events.bin with TensorBoard's protocol buffers and record writer. Run it in this folder: python3 events.py (made with tensorboard 2.21)."""
import io

from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.record_writer import RecordWriter

TIME = 1700000000.5


def scalar(tag, value):
    return Summary.Value(tag=tag, simple_value=value)


picture = Summary.Image(height=200, width=640, colorspace=4, encoded_image_string=b"\x89PNG, or so")
events = [
    Event(wall_time=TIME, file_version="brain.Event:2"),
    Event(wall_time=TIME, step=445, summary=Summary(value=[scalar("loss/train", 0.25), scalar("accuracy/validation", 0.9767)])),
    Event(wall_time=TIME, step=0, summary=Summary(value=[scalar("lr", 1e-7)])),
    Event(wall_time=TIME, step=1 << 40, summary=Summary(value=[Summary.Value(tag="plots/curves", image=picture)])),
]
out = io.BytesIO()
writer = RecordWriter(out)
for e in events:
    writer.write(e.SerializeToString(deterministic=True))
with open("events.bin", "wb") as f:
    f.write(out.getvalue())
