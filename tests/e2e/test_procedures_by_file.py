"""A technician brings a list of procedures in Chromium, without script; a phone looks one up."""

import pytest
from browsers import chromium, sign_in
from house import House, until

from provisioning.demo.scene import PROCEDURES

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    subject = House(tmp_path_factory.mktemp("house") / "house")
    yield subject
    subject.close()


@pytest.mark.timeout(180)
def test_a_list_from_a_file_is_on_phones(house, tmp_path):
    with chromium() as browser:
        context = browser.new_context(
            base_url=house.lan, ignore_https_errors=True, java_script_enabled=False, locale="vi"
        )
        page = sign_in(context, "tuan")
        wrong = tmp_path / "sai.csv"
        wrong.write_bytes(PROCEDURES.read_bytes() + "VD 99,Mã có dấu cách,,,,,\n".encode())
        page.goto("/settings/procedures")
        page.set_input_files("#f-list", wrong)
        page.click("#b-list")
        assert "cột code" in page.inner_text("main")
        assert "Chưa có thủ tục nào" in page.inner_text("main")

        page.set_input_files("#f-list", PROCEDURES)
        page.click("#b-list")
        page.wait_for_url("**/settings/procedures?done=taken")
        assert "Danh mục có" in page.inner_text("main")

        phone = browser.new_context(base_url=house.public, locale="vi").new_page()

        def found():
            phone.goto("/procedures?q=khai+sinh")
            return "Đăng ký khai sinh" in phone.inner_text("main")

        until(found, "the procedure on a phone")
