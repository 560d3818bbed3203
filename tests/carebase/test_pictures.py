"""Pictures are recognised by content, checked before decoding, turned upright, and stored without metadata."""

import io
import zipfile

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from carebase.files import pictures
from tests import pictures as samples


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def colour(image: Image.Image, x: float, y: float) -> str:
    red, _green, blue = image.getpixel((int(image.width * x), int(image.height * y)))
    return "red" if red > 180 and blue < 80 else "blue" if blue > 180 and red < 80 else "neither"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "HEIF"])
def test_a_photo_becomes_two_plain_jpegs_without_any_of_its_metadata(kind):
    more = {"comment": b"secret"} if kind == "JPEG" else {}
    sizes = pictures.photo_sizes(samples.photo(kind, size=(2000, 1500), **more))
    small, large = opened(sizes["small"]), opened(sizes["large"])
    assert small.size == (160, 160) and large.size == (1024, 768)
    for data in sizes.values():
        assert opened(data).format == "JPEG" and not opened(data).getexif()
        assert not {"exif", "comment", "icc_profile", "xmp"} & set(opened(data).info)
        assert b"SecretPhone" not in data and b"secret" not in data


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
@pytest.mark.parametrize(("orientation", "top_left"), [(1, "red"), (2, "blue"), (3, "blue"), (6, "red"), (8, "blue")])
def test_a_photo_is_turned_upright(kind, orientation, top_left):
    large = opened(pictures.photo_sizes(samples.photo(kind, orientation=orientation))["large"])
    lies = orientation < 5
    assert large.size == ((400, 300) if lies else (300, 400))
    assert colour(large, 0.1, 0.1) == top_left
    assert colour(large, 0.1, 0.9) == (top_left if lies else {"red": "blue", "blue": "red"}[top_left])


def test_what_is_transparent_becomes_white():
    out = io.BytesIO()
    Image.new("RGBA", (100, 100), (0, 0, 0, 0)).save(out, "PNG")
    assert opened(pictures.photo_sizes(out.getvalue())["large"]).getpixel((50, 50)) == (255, 255, 255)


@pytest.mark.parametrize("mode", ["L", "P", "CMYK", "1", "LA", "I;16"])
def test_pictures_in_unusual_colours_are_read(mode):
    out = io.BytesIO()
    picture = Image.new(mode, (90, 90)) if mode == "I;16" else Image.new("L", (90, 90), 128).convert(mode)
    picture.save(out, "JPEG" if mode == "CMYK" else "PNG")
    assert opened(pictures.photo_sizes(out.getvalue())["large"]).mode == "RGB"


def test_a_phone_photo_with_a_second_picture_is_read():
    out = io.BytesIO()
    samples.halves().save(out, "MPO", save_all=True, append_images=[Image.new("RGB", (40, 30))])
    assert opened(out.getvalue()).format == "MPO"
    assert opened(pictures.photo_sizes(out.getvalue())["large"]).size == (400, 300)


def polyglot() -> bytes:
    out = io.BytesIO(samples.photo())
    out.seek(0, io.SEEK_END)
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("run.js", "alert(1)")
    return out.getvalue()


def gif() -> bytes:
    out = io.BytesIO()
    samples.halves().save(out, "GIF")
    return out.getvalue()


REFUSED = {
    "a bomb": (samples.bomb, "too many pixels"),
    "a smaller bomb": (lambda: samples.bomb(6000, 5000), "too many pixels"),
    "a web page": (lambda: b"<html><script>alert(1)</script></html>", "not a readable photo"),
    "a drawing with scripts": (lambda: b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not a readable photo"),
    "a picture of another format": (gif, "not a readable photo"),
    "a PDF named as a photo": (samples.pdf, "not a readable photo"),
    "a cut JPEG": (lambda: samples.photo(size=(900, 900))[:4000], "damaged"),
    "a cut PNG": (lambda: samples.photo("PNG", size=(900, 900))[:1500], "damaged"),
    "a cut HEIC": (lambda: samples.photo("HEIF", size=(900, 900))[:-200], "damaged"),
    "a PNG with spoilt data": (lambda: samples.photo("PNG").replace(b"IDAT", b"IDAX"), "damaged"),
    "a moving PNG": (samples.moving, "moving"),
    "several pictures in one HEIC": (lambda: samples.moving("HEIF"), "moving"),
    "a photo that is an archive too": (polyglot, "more than a picture"),
    "a photo that is a page too": (lambda: samples.photo(comment=b"<script>alert(1)</script>"), "more than a picture"),
    "a dot": (lambda: samples.photo(size=(8, 8)), "too small"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_anything_but_a_plain_photo_is_refused_with_a_message(what):
    make, words = REFUSED[what]
    with pytest.raises(ValidationError, match=words):
        pictures.photo_sizes(make())


@given(st.binary(max_size=300), st.sampled_from([b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"\0\0\0\x18ftypheic"]))
def test_garbage_is_always_refused_and_never_an_error(data, magic):
    with pytest.raises(ValidationError):
        pictures.photo_sizes(magic + data)


def test_a_scan_keeps_more_of_a_paper_and_a_pdf_stays_as_it_is():
    assert opened(pictures.convert_scan(samples.photo(size=(4000, 3000)))["jpg"]).size == (2000, 1500)
    assert pictures.convert_scan(samples.pdf()) == {"pdf": samples.pdf()}


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (samples.pdf()[:-8], "cut off"),
        (samples.pdf(b"/OpenAction << /S /JavaScript /JS (app.alert(1)) >>"), "programs"),
        (samples.pdf(b"/Names << /EmbeddedFile 3 0 R >>"), "programs"),
        (b"MZ\x90\0" + samples.pdf(), "not a readable photo"),
    ],
)
def test_a_pdf_that_is_cut_off_or_has_scripts_is_refused(data, words):
    with pytest.raises(ValidationError, match=words):
        pictures.convert_scan(data)


def test_a_file_that_is_empty_or_too_large_is_refused():
    with pytest.raises(ValidationError, match="empty"):
        pictures.read_upload(SimpleUploadedFile("a.jpg", b""))
    with pytest.raises(ValidationError, match="too large; the limit is 10 MB"):
        pictures.read_upload(SimpleUploadedFile("a.jpg", b"x" * (pictures.MAX_BYTES + 1)))
