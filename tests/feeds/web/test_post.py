"""Which files of the posts' folder are served beside a post."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.blog import Blog

PNG = b"\x89PNG"


@pytest.fixture
def blog(tmp_path: Path) -> Blog:
    """A published post with pictures, and a draft, a future post and a hidden folder."""
    blog = Blog(tmp_path)
    body = '![x](images/named.png) <img src="two.png" srcset="images/wide.png 2x, w.png 1x">'
    blog.write("trip/2026-01-01-trip.md", body, image="cover/front.png")
    blog.write("2026-01-02-draft.md", published="false")
    blog.write("later/2126-01-01-later.md", "![y](later.png)")
    for name in (
        "trip/two.png",
        "trip/beside.png",
        "trip/images/named.png",
        "trip/images/wide.png",
        "trip/images/other.png",
        "trip/cover/front.png",
        "trip/.hidden.png",
        "trip/_draft.png",
        "trip/_drafts/x.png",
        "later/later.png",
        "draft.png",
    ):
        path = blog.settings.posts_dir / name
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_bytes(PNG)
    blog.look()
    return blog


@pytest.mark.parametrize(
    "name", ["two.png", "beside.png", "images/named.png", "images/wide.png", "cover/front.png"]
)
def test_files_that_a_post_names_or_in_its_folder_are_served(blog: Blog, name: str) -> None:
    for language in ("ja", "ko"):
        answer = blog.get(f"/{language}/posts/trip/{name}")
        assert (answer.status_code, answer.data) == (200, PNG)


@pytest.mark.parametrize(
    "name",
    [
        "images/other.png",  # perhaps a draft's
        ".hidden.png",
        "_draft.png",
        "_drafts/x.png",
        "later/later.png",
        "images/../_drafts/x.png",
        "images/../../draft.png",
        "..%2fdraft.png",
        "..%2flater%2flater.png",
        "none.png",
        "2026-01-01-trip.md",
    ],
)
def test_nothing_else_is(blog: Blog, name: str) -> None:
    assert blog.get(f"/ja/posts/trip/{name}").status_code == 404


def test_pictures_of_a_future_post_come_with_it(blog: Blog) -> None:
    assert blog.get("/ja/posts/later/later.png").status_code == 404


def test_a_picture_that_links_outside_is_not_served(blog: Blog, tmp_path: Path) -> None:
    secret = tmp_path / "secret.png"
    secret.write_bytes(PNG)
    (blog.settings.posts_dir / "trip" / "link.png").symlink_to(secret)
    assert blog.get("/ja/posts/trip/link.png").status_code == 404
    blog.with_settings(linked_folders=(str(tmp_path),))
    blog.look()
    assert blog.get("/ja/posts/trip/link.png").status_code == 200
