"""What comes over https goes on over https."""

from __future__ import annotations

from email.message import Message
from urllib.request import Request

import pytest

from translate.packages.http_fetch import DownloadError, _RedirectHandler
from translate.packages.package_index import _parse_entry


@pytest.mark.parametrize("target", ["http://elsewhere.example/x", "ftp://elsewhere.example/x"])
def test_a_redirect_from_https_to_http_is_refused(target: str) -> None:
    request = Request("https://index.example/index.json")
    with pytest.raises(DownloadError, match="redirects from https to http"):
        _RedirectHandler().redirect_request(request, None, 302, "Found", Message(), target)


@pytest.mark.parametrize(
    ("source", "target"),
    [("https://a.example/x", "https://b.example/x"), ("http://a.example/x", "http://b.example/x")],
)
def test_other_redirects_are_followed(source: str, target: str) -> None:
    found = _RedirectHandler().redirect_request(
        Request(source), None, 302, "Found", Message(), target
    )
    assert found is not None
    assert found.full_url == target


def test_an_index_over_https_links_to_no_package_over_http() -> None:
    links = ["http://a.example/p", "https://b.example/p"]
    row = {"from_code": "ja", "to_code": "en", "package_version": "1.0", "links": links}
    found = _parse_entry(row, "https://index.example/index.json")
    assert found is not None
    assert found.links == ("https://b.example/p",)
    over_http = _parse_entry(row, "http://index.example/index.json")
    assert over_http is not None
    assert len(over_http.links) == 2
