"""Uploaded photos and scans: recognised by content, checked before they are decoded, and encoded anew.

The stored JPEG has no EXIF data, location or comment, and nothing that an attacker may have hidden in the upload. A PDF
cannot be encoded anew; it is only ever served as an attachment.
"""

import io
import re
import threading
import zipfile

import pillow_heif
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from PIL import Image, ImageOps

pillow_heif.register_heif_opener(thumbnails=False)

MAX_BYTES = 10 * 1024**2
# A JPEG is decoded at a fraction of its size; the others whole, at four bytes a pixel.
MAX_PIXELS = {"JPEG": 40_000_000, "MPO": 40_000_000, "PNG": 20_000_000, "HEIF": 25_000_000}
MIN_SIDE = 48
ALLOWED_FORMATS = (
    "JPEG",
    "PNG",
    "HEIF",
)  # a JPEG with a second picture behind it (depth, brightness) is then called MPO
SMALL_SIDE, LARGE_SIDE, SCAN_SIDE = 160, 1024, 2000  # pixels
FACE_CENTERING = (0.5, 0.3)  # of the square crop: faces are above the middle
MARKUP_OR_PROGRAM = re.compile(rb"<(?:html|script|svg|\?php|!doctype html)\b", re.IGNORECASE)
ACTIVE_PDF = re.compile(rb"/(?:JavaScript|Launch|EmbeddedFile|RichMedia)\b")

# One picture is decoded at a time, to bound the memory however many are uploaded at once.
decoding = threading.Lock()


def photo_sizes(data: bytes) -> dict[str, bytes]:
    """Return {"small": a square JPEG, "large": a JPEG}; raise ValidationError for anything but a photo."""
    upright = load_picture(data, LARGE_SIDE)
    large = upright.copy()
    large.thumbnail((LARGE_SIDE, LARGE_SIDE), Image.Resampling.LANCZOS)
    small = ImageOps.fit(upright, (SMALL_SIDE, SMALL_SIDE), Image.Resampling.LANCZOS, centering=FACE_CENTERING)
    return {"small": encode_jpeg(small), "large": encode_jpeg(large)}


def convert_scan(data: bytes) -> dict[str, bytes]:
    """Return {"pdf": …} or {"jpg": …} of a scanned document; raise ValidationError for anything else."""
    if data.startswith(b"%PDF-"):
        validate_pdf(data)
        return {"pdf": data}
    page = load_picture(data, SCAN_SIDE)
    page.thumbnail((SCAN_SIDE, SCAN_SIDE), Image.Resampling.LANCZOS)
    return {"jpg": encode_jpeg(page)}


def read_upload(file) -> bytes:
    """Return the content; raise ValidationError when it is empty or larger than MAX_BYTES."""
    if file.size > MAX_BYTES:
        limit = MAX_BYTES // 1024**2
        raise ValidationError(_("The file is too large; the limit is %(limit)d MB.") % {"limit": limit})
    data = file.read(MAX_BYTES + 1)
    if not data:
        raise ValidationError(_("The file is empty. Please choose it again."))
    return data


def validate_pdf(data: bytes) -> None:
    """Refuse a PDF that is cut off, has scripts or attachments, or is another file as well."""
    if b"%%EOF" not in data[-2048:]:
        raise ValidationError(_("The PDF is cut off. Please scan or save it again."))
    if ACTIVE_PDF.search(data) or zipfile.is_zipfile(io.BytesIO(data)):
        raise ValidationError(_("The PDF contains programs or other files. Please print it as a plain PDF or scan it."))


def load_picture(data: bytes, side: int) -> Image.Image:
    """Return the upright RGB picture without metadata, reduced towards `side` pixels."""
    with decoding:
        try:
            with Image.open(io.BytesIO(data), formats=ALLOWED_FORMATS) as image:
                validate_header(image, data)
                return strip_picture(image, side)
        except ValidationError:
            raise
        except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
            raise ValidationError(too_many_pixels_message()) from error
        except Image.UnidentifiedImageError as error:
            raise ValidationError(
                _("This is not a readable photo, or it is damaged. Please upload a JPEG, PNG or HEIC picture.")
            ) from error
        # A decoder may fail in any way on garbage; none of these is an error of the page.
        except Exception as error:
            raise ValidationError(_("The picture is damaged or cut off. Please upload it again.")) from error


def validate_header(image: Image.Image, data: bytes) -> None:
    """Refuse by size and content before anything is decoded."""
    width, height = image.size
    if width * height > MAX_PIXELS[image.format]:
        raise ValidationError(too_many_pixels_message())
    if min(width, height) < MIN_SIDE:
        raise ValidationError(_("The picture is too small to show anything."))
    if image.format in ("PNG", "HEIF") and getattr(image, "n_frames", 1) > 1:
        raise ValidationError(_("This is a moving picture. Please upload a single photo."))
    if b"%PDF-" in data[:1024] or MARKUP_OR_PROGRAM.search(data) or zipfile.is_zipfile(io.BytesIO(data)):
        raise ValidationError(_("The file contains more than a picture. Please upload a plain photo."))


def too_many_pixels_message() -> str:
    return _("The picture has too many pixels. Please upload it in a smaller size, or take it again.")


def strip_picture(image: Image.Image, side: int) -> Image.Image:
    """Return a new picture with nothing but the pixels; reduced first, so that no second large copy is made."""
    image.draft("RGB", (side, side))  # decodes a JPEG at 1/2, 1/4 or 1/8; no effect on others
    image.load()
    has_alpha = "A" in image.mode or "transparency" in image.info
    pixels = image.convert("RGBA" if has_alpha else "RGB") if image.mode not in ("RGB", "RGBA") else image
    factor = min(image.size) // side
    if factor > 1:
        pixels = pixels.reduce(factor)
    upright = ImageOps.exif_transpose(pixels)
    fresh = Image.new("RGB", upright.size, "white")
    if upright.mode == "RGBA":
        fresh.paste(upright, mask=upright.getchannel("A"))
    else:
        fresh.paste(upright.convert("RGB"))
    return fresh


def encode_jpeg(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=85, optimize=True)
    return out.getvalue()
