#!/usr/bin/env python3
"""Makes the small pictures of this folder, and in want/ what Pillow reads from them: the golden values of picture_test.go.

Run here with Pillow (the committed files are of 13.0.0, libjpeg-turbo 3.2.0) and numpy:  python3 make.py
"""
import os

import numpy as np
from PIL import Image, ImageOps


def photograph(w, h):
    """Smooth shades, edges, texture and colour."""
    y, x = np.mgrid[0:h, 0:w] / max(w, h)
    level = 135 + 45 * np.sin(9 * x + 5 * y) + 18 * np.cos(23 * y - 11 * x * y) + 6 * np.random.default_rng(1).standard_normal((h, w))
    level -= 40 * (np.hypot(x - 0.4, y - 0.4) < 0.2)
    tint = 25 * np.sin(7 * x) * np.cos(6 * y)
    rgb = np.stack([level + tint, level, level - tint], -1)
    return Image.fromarray(np.clip(rgb, 0, 255).astype(np.uint8))


def turned(o):
    e = Image.Exif()
    e[274] = o
    return e


def on_white(im):
    im = ImageOps.exif_transpose(im)
    if im.mode == "I;16":
        return Image.fromarray((np.asarray(im) >> 8).astype(np.uint8)).convert("RGB")
    if im.mode in ("P", "PA", "LA", "RGBA"):
        im = im.convert("RGBA")
        white = Image.new("RGBA", im.size, "white")
        return Image.alpha_composite(white, im).convert("RGB")
    return im.convert("RGB")


def resized(im, box, size, cut):
    """What torchvision's Resize(size) and CenterCrop(cut) make of im, an image of box pixels."""
    w, h = box
    full = (size, int(size * h / w)) if w < h else (int(size * w / h), size)
    im = im.resize(full, Image.BILINEAR, (0, 0, im.width if box == im.size else box[0], im.height if box == im.size else box[1]))
    if cut is None:
        return im
    left, top = round((full[0] - cut[0]) / 2), round((full[1] - cut[1]) / 2)
    return im.crop((left, top, left + cut[0], top + cut[1]))


def main():
    os.makedirs("want", exist_ok=True)
    im, photo = photograph(37, 27), photograph(250, 180)
    files = {}

    def save(name, im, **options):
        im.save(name, **options)
        files[name] = Image.open(name)

    for name, sub in {"444": 0, "422": 1, "420": 2, "411": "4:1:1"}.items():
        save(f"{name}.jpg", im, quality=90, subsampling=sub)
        save(f"{name}-progressive.jpg", im, quality=90, subsampling=sub, progressive=True)
    save("restart.jpg", im, quality=90, restart_marker_blocks=2)
    save("restart-progressive.jpg", im, quality=90, restart_marker_rows=1, progressive=True)
    save("grey.jpg", im.convert("L"), quality=90)
    save("grey-progressive.jpg", im.convert("L"), quality=90, progressive=True)
    save("rgb.jpg", im, quality=90, keep_rgb=True)
    save("cmyk.jpg", im.convert("CMYK"), quality=95)
    # YCCK is CMYK with three planes in YCbCr, which Adobe's segment says.
    planes = [*ImageOps.invert(im).convert("YCbCr").split(), im.convert("L")]
    Image.merge("CMYK", [ImageOps.invert(p) for p in planes]).save("ycck.jpg", quality=95)
    with open("ycck.jpg", "rb") as f:
        b = bytearray(f.read())
    b[b.index(b"Adobe") + 11] = 2
    with open("ycck.jpg", "wb") as f:
        f.write(b)
    files["ycck.jpg"] = Image.open("ycck.jpg")
    for o in range(1, 9):
        save(f"turned-{o}.jpg", im, quality=90, exif=turned(o))
    save("turned-6.png", im, exif=turned(6))
    save("turned-6.webp", im, exif=turned(6), lossless=True)
    save("turned-6.tif", im, tiffinfo={274: 6})
    save("rgb.png", im)
    save("grey16.png", Image.fromarray(np.asarray(im.convert("L")).astype(np.uint16) * 256 + 99))
    save("palette.png", im.quantize(16))
    save("transparent.png", im.quantize(16), transparency=3)
    alpha = Image.fromarray(np.linspace(0, 255, 37 * 27).reshape(27, 37).astype(np.uint8))
    save("alpha.png", Image.merge("RGBA", [*im.split(), alpha]))
    save("grey-alpha.png", Image.merge("LA", [im.convert("L"), alpha]))
    save("bits.png", im.convert("1"))
    save("palette.gif", im.quantize(16))
    save("rgb.bmp", im)
    save("lossy.webp", im, quality=90)
    save("lossless.webp", im, lossless=True)
    save("lzw.tif", im, compression="tiff_lzw")
    save("grey.pgm", im.convert("L"))
    save("rgb.ppm", im)
    for name, opened in files.items():
        on_white(opened).save(f"want/{name}.png", optimize=True)

    photo.save("photo.png", optimize=True)
    photo.save("photo.jpg", quality=90)
    for name, size, cut in [("small", 56, (48, 40)), ("half", 90, (90, 90)), ("large", 300, (210, 200)), ("whole", 77, None)]:
        resized(photo, photo.size, size, cut).save(f"want/photo-png-{name}.png", optimize=True)
        jpeg = Image.open("photo.jpg")
        w, h = jpeg.size
        scale = max(s for s in (1, 2, 4, 8) if s == 1 or h // s >= size)
        jpeg.draft("RGB", (w // scale, h // scale))
        resized(jpeg.convert("RGB"), (w / scale, h / scale), size, cut).save(f"want/photo-jpg-{name}.png", optimize=True)


main()
