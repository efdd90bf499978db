"""Writes scenes as COCO files (truth.json, boxes.json, masks.json) and what pycocotools says of them (golden.json).

Run it in this folder: python golden.py (made with pycocotools 2.0.11, numpy).
"""
import contextlib
import io
import json

import numpy as np
from pycocotools import mask as rle
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

rng = np.random.default_rng(1)
CATEGORIES = [(3, "cat"), (1, "dog"), (7, "duck"), (9, "nothing shows it")]


def ellipse(h, w, x, y, rx, ry):
    yy, xx = np.mgrid[:h, :w]
    m = ((xx + 0.5 - x) / rx) ** 2 + ((yy + 0.5 - y) / ry) ** 2 <= 1
    r = rle.encode(np.asfortranarray(m.astype(np.uint8)))
    return {"size": r["size"], "counts": r["counts"].decode()}


def polygon(x, y, rx, ry, n):
    a = np.sort(rng.random(n)) * 2 * np.pi
    d = rng.uniform(0.5, 1.2, n)
    return np.round(np.stack([x + rx * d * np.cos(a), y + ry * d * np.sin(a)], 1).ravel(), 2).tolist()


def runs(counts):  # COCO's uncompressed form
    h, w = counts["size"]
    flat = rle.decode(counts).ravel(order="F")
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flat]))).tolist()
    return {"size": [h, w], "counts": np.diff([0] + edges + [h * w]).tolist()}


def scenes():
    images, things, boxes, masks = [], [], [], []
    for i in rng.permutation(30).tolist():
        w, h = rng.integers(60, 400, 2).tolist()
        images.append({"id": 10 * i + 2, "file_name": f"{i}.jpg", "width": w, "height": h})
        for _ in range(0 if i in (4, 5) else rng.integers(1, 6)):
            rx, ry = rng.uniform(3, 70, 2) if rng.random() < 0.7 else rng.uniform(80, 200, 2)
            x, y = rng.uniform(0, w), rng.uniform(0, h)
            category = int(rng.choice([3, 1, 7], p=[0.6, 0.3, 0.1]))
            crowd = int(rng.random() < 0.12)
            shapes = [polygon(x, y, rx, ry, int(rng.integers(3, 9))) for _ in range(rng.integers(1, 3))]
            r = rle.merge(rle.frPyObjects(shapes, h, w))
            if not rle.area(r):
                continue
            plain = {"size": r["size"], "counts": r["counts"].decode()}
            thing = {
                "id": len(things) + 1, "image_id": 10 * i + 2, "category_id": category, "iscrowd": crowd, "area": float(rle.area(r)) * rng.choice([1, 0.8]),
                "bbox": rle.toBbox(r).tolist(), "segmentation": runs(plain) if crowd else plain if rng.random() < 0.2 else shapes,
            }
            things.append(thing)
            for _ in range(rng.choice([0, 1, 1, 2, 3])):
                bx, by, bw, bh = np.array(thing["bbox"]) + rng.normal(0, 0.07, 4) * np.array(thing["bbox"])[[2, 3, 2, 3]]
                box = [bx, by, abs(bw) + 1, abs(bh) + 1] if rng.random() < 0.8 else thing["bbox"]
                said = category if rng.random() < 0.8 else int(rng.choice([1, 3, 7, 9]))
                boxes.append({"image_id": 10 * i + 2, "category_id": said, "bbox": np.round(box, 1).tolist(), "score": round(float(rng.random()), 1)})
        for _ in range(rng.integers(0, 4)):
            box = np.round([rng.uniform(0, w), rng.uniform(0, h), rng.uniform(1, w), rng.uniform(1, h)], 1)
            boxes.append({"image_id": 10 * i + 2, "category_id": int(rng.choice([1, 3, 7])), "bbox": box.tolist(), "score": round(float(rng.random()), 2)})
    crowded = next(t for t in things if t["category_id"] == 3 and not t["iscrowd"])
    for k in range(110):  # more than count, and the right one is not among the surest
        box = (np.array(crowded["bbox"]) + [k % 11, k // 11, 0, 0]).tolist() if k < 105 else crowded["bbox"]
        boxes.append({"image_id": crowded["image_id"], "category_id": 3, "bbox": np.round(box, 1).tolist(), "score": round(0.8 - 0.007 * k, 3)})
    size = {m["id"]: (m["height"], m["width"]) for m in images}
    for t in things:
        h, w = size[t["image_id"]]
        for _ in range(rng.choice([0, 1, 2])):
            x, y, bw, bh = t["bbox"]
            said = t["category_id"] if rng.random() < 0.8 else int(rng.choice([1, 3, 7, 9]))
            m = ellipse(h, w, x + bw / 2, y + bh / 2, bw * rng.uniform(0.3, 0.5) + 1, bh * rng.uniform(0.3, 0.5) + 1)
            if rng.random() < 0.3 and not t["iscrowd"] and isinstance(t["segmentation"], list):
                r = rle.merge(rle.frPyObjects(t["segmentation"], h, w))
                m = {"size": r["size"], "counts": r["counts"].decode()}
            masks.append({"image_id": t["image_id"], "category_id": said, "segmentation": m, "score": round(float(rng.random()), 1)})
    rng.shuffle(boxes)
    categories = [{"id": i, "name": n} for i, n in CATEGORIES]
    return {"images": images, "annotations": things, "categories": categories}, boxes, masks


class Ignoring(COCOeval):
    """Takes things whose id is a multiple of 5 for neither right nor wrong to find; of COCOeval, only crowds are."""

    def _prepare(self):
        super()._prepare()
        for things in self._gts.values():
            for t in things:
                t["ignore"] = t["ignore"] or t["id"] % 5 == 0


def measure(truth, results, kind, evaluator=COCOeval):
    with contextlib.redirect_stdout(io.StringIO()):
        gt = COCO()
        gt.dataset = json.loads(json.dumps(truth))
        gt.createIndex()
        e = evaluator(gt, gt.loadRes(json.loads(json.dumps(results))), kind)
        out = {}
        for cat in [None] + sorted(c["id"] for c in truth["categories"]):
            if cat is not None:
                e.params.catIds = [cat]
            e.evaluate()
            e.accumulate()
            e.summarize()
            out["all" if cat is None else cat] = e.stats.tolist()
            if cat is None:
                precision = e.eval["precision"][:, :, :, 0, 2]
                out["curve"] = {"0.50": precision[0, ::10].T.tolist(), "0.75": precision[5, ::10].T.tolist()}
    return out


truth, boxes, masks = scenes()
golden = {"boxes": measure(truth, boxes, "bbox"), "masks": measure(truth, masks, "segm"), "ignoring": measure(truth, boxes, "bbox", Ignoring)}
for name, value in (("truth", truth), ("boxes", boxes), ("masks", masks), ("golden", golden)):
    with open(name + ".json", "w") as f:
        json.dump(value, f)
print(golden["boxes"]["all"], golden["masks"]["all"])
