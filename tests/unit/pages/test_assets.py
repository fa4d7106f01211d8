import gzip

import pytest

from appliance.pages.assets import Asset, Assets
from appliance.pages.errors import NoSuchAssetError


@pytest.fixture(scope="module")
def subject():
    return Assets.open()


def test_an_address_changes_with_the_content():
    assert Asset.of("a.css", b"x").url != Asset.of("a.css", b"y").url
    assert Asset.of("a.css", b"x").url == f"/static/a.css?v={Asset.of('b.css', b'x').version}"


def test_every_file_is_there_as_it_is_and_packed(subject):
    for name in subject.names():
        asset = subject.get(name)
        assert asset.gzipped is None or gzip.decompress(asset.gzipped) == asset.body
        assert asset.media_type
    assert subject.get("base.css").gzipped
    assert subject.get("fonts/be-vietnam-pro-400.woff2").gzipped is None


def test_the_same_files_give_the_same_addresses(subject):
    again = Assets.open()
    assert [again.url(name) for name in again.names()] == [subject.url(name) for name in subject.names()]
    assert again.get("base.css") == subject.get("base.css")


def test_a_style_sheet_names_its_fonts_by_their_versions(subject):
    sheet = subject.get("fonts.css").body.decode()
    for weight in (400, 600, 700):
        assert f'url("{subject.url(f"fonts/be-vietnam-pro-{weight}.woff2")}")' in sheet


def test_a_style_sheet_that_names_no_file_is_refused(tmp_path):
    (tmp_path / "a.css").write_text('b { background: url("none.svg"); }', encoding="utf-8")
    with pytest.raises(NoSuchAssetError, match=r"none\.svg"):
        Assets.open(tmp_path)


def test_an_unknown_name_is_none_or_an_error(subject):
    assert subject.get("../errors.py") is None
    with pytest.raises(NoSuchAssetError) as caught:
        subject.url("nothing.css")
    assert "nothing.css" in caught.value.vi()


def test_the_common_style_sheet_stays_small(subject):
    base = subject.get("base.css")
    assert len(base.body) <= 24 * 1024
    assert len(base.gzipped) <= 6 * 1024
