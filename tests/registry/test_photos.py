"""The photo of a child: who uploads it, who sees it, and how it is stored."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from carebase.audit.models import Event
from carebase.files import private
from carebase.models import StaleRecord
from registry.photos import services
from tests import factories as f
from tests import pictures

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def page(child) -> str:
    return reverse("child-photo", args=[child.code])


def address(child, size: str = "small") -> str:
    return reverse("child-photo-file", kwargs={"code": child.code, "size": size})


def send(client, child, data: bytes, name: str = "photo.jpg", kind: str = "image/jpeg"):
    return client.post(page(child), {"file": SimpleUploadedFile(name, data, kind)})


def stored() -> set[str]:
    return {path.name for path in private.private_folder().glob("*")}


def content(response) -> bytes:
    return b"".join(response.streaming_content)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "HEIF"])
def test_a_village_uploads_a_photo_and_sees_it_on_the_file(kind, login, tmp_path):
    child = f.child(living_in=f.village())
    client = login(f.admin_of(f.village()))
    assert send(client, child, pictures.photo(kind, orientation=1)).url == child.get_absolute_url()
    text = client.get(child.get_absolute_url()).content.decode()
    assert f'src="{address(child)}"' in text and 'alt="Photo of 王小明"' in text and 'width="112"' in text
    kept = tmp_path / "kept.jpg"
    kept.write_bytes(content(client.get(address(child, "large"))))
    with Image.open(kept) as image:
        assert image.format == "JPEG" and image.size == (400, 300) and not image.getexif()


def test_the_file_name_and_content_type_are_ignored(login):
    child = f.child()
    client = login(f.admin_of(f.village()))
    assert send(client, child, pictures.photo("PNG"), "virus.exe", "application/x-msdownload").status_code == 302
    refused = send(client, child, b"MZ not a photo at all", "photo.jpg", "image/jpeg")
    assert refused.status_code == 200 and "not a readable photo" in refused.content.decode()


@pytest.mark.parametrize(
    "data", [b"", pictures.bomb(), pictures.moving(), pictures.photo()[:500], b"\xff\xd8\xff\0" * 50]
)
def test_an_invalid_photo_is_refused_and_the_old_one_stays(data, login):
    child = f.with_photo(f.child())
    before = stored()
    answer = send(login(f.admin_of(f.village())), child, data)
    assert answer.status_code == 200 and "error-summary" in answer.content.decode()
    child.refresh_from_db()
    assert stored() == before and private.read_part(child.photo, "small") == b"small"


def test_a_file_of_more_than_ten_megabytes_is_refused(login):
    child = f.child()
    answer = send(login(f.admin_of(f.village())), child, b"\xff\xd8\xff" + b"x" * (10 * 1024**2))
    assert "at most 10 MB" in answer.content.decode()


def test_a_missing_file_is_refused(login):
    child = f.child()
    client = login(f.admin_of(f.village()))
    assert "This field is required" in client.post(page(child), {}).content.decode()
    assert client.post(page(child), {"file": "a text\0"}).status_code == 200


def test_the_photo_of_another_village_is_not_found(login):
    other = f.with_photo(f.child("赵小兰", living_in=f.other_village()))
    client = login(f.admin_of(f.village()))
    assert client.get(address(other)).status_code == 404
    assert client.get(address(other, "large")).status_code == 404
    assert send(client, other, pictures.photo()).status_code == 404


def test_without_sign_in_no_photo_is_served(client):
    child = f.with_photo(f.child())
    assert client.get(address(child)).url.startswith("/login/")
    assert client.get(f"/media/private/{child.photo}.small").status_code == 404


@pytest.mark.parametrize("size", ["huge", "small.jpg", "..", "pdf"])
def test_only_the_two_sizes_are_served(size, login):
    child = f.with_photo(f.child())
    assert login(f.admin_of(f.village())).get(f"{child.get_absolute_url()}photo/{size}/").status_code == 404


def test_the_photo_is_not_cached_and_its_type_not_sniffed(login):
    child = f.with_photo(f.child())
    answer = login(f.admin_of(f.village())).get(address(child))
    assert answer["Cache-Control"].startswith("private, no-store") and answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Type"] == "image/jpeg" and "sandbox" in answer["Content-Security-Policy"]
    assert child.name not in answer["Content-Disposition"] and child.code in answer["Content-Disposition"]


def test_each_view_of_a_photo_is_audited_once(login):
    child, user = f.with_photo(f.child()), f.admin_of(f.village())
    login(user).get(address(child, "large"))
    (line,) = Event.objects.filter(action="view", subject=child.code)
    assert line.user == user and line.detail == {"photo": "large"}


@pytest.mark.django_db(transaction=True)
def test_a_new_photo_replaces_the_old_files(login):
    child = f.with_photo(f.child())
    old = child.photo
    send(login(f.admin_of(f.village())), child, pictures.photo())
    child.refresh_from_db()
    assert child.photo != old and stored() == {f"{child.photo}.small", f"{child.photo}.large"}


@pytest.mark.django_db(transaction=True)
def test_a_photo_can_be_removed(login):
    child = f.with_photo(f.child())
    client = login(f.admin_of(f.village()))
    assert client.post(page(child), {"remove": "yes"}).status_code == 302
    child.refresh_from_db()
    assert child.photo == "" and not stored() and client.get(address(child)).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_a_crash_before_saving_leaves_the_old_photo_and_an_orphan_at_most(monkeypatch):
    child, user = f.with_photo(f.child()), f.admin_of(f.village())
    before = stored()

    def crash(*args, **kwargs):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(type(child), "save", crash)
        with pytest.raises(KeyboardInterrupt):
            services.set_photo(child=child, data=pictures.photo(), by=user)
    child.refresh_from_db()
    assert before < stored() and private.read_part(child.photo, "large") == b"large"
    private.remove_orphans(older_than=-5)
    assert stored() == before


def test_a_changed_photo_makes_open_forms_stale():
    child, user = f.child(), f.admin_of(f.village())
    opened = type(child).objects.get(pk=child.pk)
    services.set_photo(child=child, data=pictures.photo(), by=user)
    opened.hukou_place = "宜昌"
    with pytest.raises(StaleRecord):
        opened.save()


def test_read_only_users_get_no_form(login):
    child = f.with_photo(f.child())
    text = login(f.coordinator_of(f.township())).get(child.get_absolute_url()).content.decode()
    assert address(child) in text and f'href="{page(child)}"' not in text


def test_a_counsellor_sees_the_file_without_the_photo(login):
    child, user = f.with_photo(f.child()), f.user("counsellor")
    child.referrals.create(counsellor=user, reason="心理辅导")
    client = login(user)
    assert address(child) not in client.get(child.get_absolute_url()).content.decode()
    assert client.get(address(child)).status_code == 403
