"""Pictures to upload: photos as phones take them, and hostile files."""

import io
import struct
import zlib

from PIL import Image

ORIENTATION, GPS, MAKE = 0x0112, 0x8825, 0x010F


def halves(size=(400, 300)) -> Image.Image:
    """Return a picture whose left half is red and whose right half is blue."""
    image = Image.new("RGB", size, "red")
    image.paste("blue", (size[0] // 2, 0, *size))
    return image


def metadata(orientation: int = 1) -> Image.Exif:
    """Return what a phone writes into a photo: maker, orientation, and the place."""
    exif = Image.Exif()
    exif[ORIENTATION], exif[MAKE] = orientation, "SecretPhone"
    exif.get_ifd(GPS).update({1: "N", 2: (30.0, 26.0, 2.0), 3: "E", 4: (111.0, 44.0, 1.0)})
    return exif


def photo(kind: str = "JPEG", size=(400, 300), orientation: int = 1, **more) -> bytes:
    """Return the bytes of a photo in the format, with metadata."""
    out = io.BytesIO()
    halves(size).save(out, kind, exif=metadata(orientation), **more)
    return out.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def bomb(width: int = 30_000, height: int = 30_000) -> bytes:
    """Return a small PNG that unpacks to `width` × `height` pixels of one colour."""
    packer, rows = zlib.compressobj(9), io.BytesIO()
    for _ in range(0, height, 1000):
        rows.write(packer.compress(b"\0" * (width // 8 + 1) * 1000))
    rows.write(packer.flush())
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    parts = chunk(b"IHDR", head) + chunk(b"IDAT", rows.getvalue()) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def moving(kind: str = "PNG") -> bytes:
    out = io.BytesIO()
    halves().save(out, kind, save_all=True, append_images=[Image.new("RGB", (400, 300), "green")])
    return out.getvalue()


def pdf(content: bytes = b"") -> bytes:
    """Return something that begins and ends as a PDF does."""
    return b"%PDF-1.4\n1 0 obj << /Type /Catalog " + content + b" >> endobj\ntrailer\n%%EOF\n"
