"""Pages of units, and the upload of files."""

from __future__ import annotations

import base64
import datetime as dt
import io
import re
import zlib

import pytest
from aiohttp import ClientResponse, FormData

from confhub.errors import BadInput, TooLarge
from confhub.imports.csv_table import MAX_BYTES
from confhub.people.passwords import verify_password
from confhub.units.tree import add_up
from confhub.units.unit import NewUnit, Succession, Unit
from tests.confhub.store.country import rename
from tests.web.browser import SignedIn, WebClient, csrf, submit
from web.pages.registry.csv_import import pack, unpack
from web.pages.registry.unit_nodes import build_tree
from web.services import Services

HEADER = "Mã,Tên,Cấp,Mã cấp trên\n"


async def upload(browser: WebClient, path: str, text: str | bytes) -> ClientResponse:
    data = FormData()
    data.add_field("csrf", await csrf(browser))
    content = text.encode() if isinstance(text, str) else text
    data.add_field("file", io.BytesIO(content), filename="don-vi.csv", content_type="text/csv")
    return await browser.post(path, data=data, allow_redirects=False)


async def confirm(browser: WebClient, path: str, page: str, **more: str) -> ClientResponse:
    checked = re.search(r'name="checked" value="([^"]+)"', page)
    assert checked is not None, page
    seal = re.search(r'name="seal" value="([^"]+)"', page)
    form = {"csrf": await csrf(browser), "checked": checked[1], "name": "don-vi.csv"}
    form |= {"seal": seal[1] if seal else "", **more}
    return await browser.post(path, data=form, allow_redirects=False)


async def give_codes(services: Services) -> None:
    """The test country has no codes; an import hangs new units below one that has."""
    parent = NewUnit(
        "district", "Huyện Mường Nhé", "dien-bien", codes=(("gso", "096"),), id="muong-nhe"
    )
    await services.store.units.add_many([parent])


async def test_the_tree_shows_units_with_their_counts(signed_in: SignedIn) -> None:
    page = await (await (await signed_in("secretary", "dien-bien")).get("/units")).text()
    for name in ("Tỉnh Điện Biên", "Huyện Nậm Pồ", "Xã Chà Nưa"):
        assert name in page
    assert "3 đơn vị" in page
    assert "Lai Châu" not in page


async def test_search_finds_without_diacritics_and_says_where(signed_in: SignedIn) -> None:
    browser = await signed_in("secretary", "dien-bien")
    page = await (await browser.get("/units", params={"q": "cha nua"})).text()
    assert "Xã Chà Nưa" in page
    assert "Huyện Nậm Pồ, Tỉnh Điện Biên" in page


async def test_a_unit_shows_what_it_was_and_what_it_became(
    signed_in: SignedIn, services: Services
) -> None:
    store, on = services.store, dt.date(2025, 7, 1)
    old = NewUnit("commune", "Xã Cũ", "nam-po", codes=(("gso", "03166"),), valid_to=on, id="old")
    new = NewUnit("commune", "Xã Mới", "nam-po", codes=(("gso", "03166"),), valid_from=on, id="moi")
    await store.units.add_many([old, new])
    await store.units.add_successions([Succession("old", "moi", on)])
    await rename(store, "moi", "Xã Mới Hơn", dt.date(2026, 1, 1))
    browser = await signed_in("secretary", "nam-po")
    page = await (await browser.get("/units/moi")).text()
    for words in ("Xã Mới Hơn", "Xã Cũ", "03166", "từ 01/01/2026", "/units/old?on=2025-06-30"):
        assert words in page
    assert (await browser.get("/units/old")).status == 404
    page = await (await browser.get("/units/old?on=2025-06-30")).text()
    assert "Đang xem đơn vị hành chính vào ngày 30/06/2025" in page
    assert 'href="/units/moi"' in page


async def test_a_file_with_faults_is_reported_by_line_and_kept_out(
    signed_in: SignedIn, services: Services
) -> None:
    await give_codes(services)
    browser = await signed_in("admin", "dien-bien")
    rows = "03999,Xã Thử,Xã,096\n03998,Xã <b>Sai</b>,Xã,88\n"
    answer = await upload(browser, "/units/import", HEADER + rows)
    page = await answer.text()
    assert answer.status == 400
    assert "don-vi.csv có 1 lỗi" in page
    assert re.search(r">3</td>.*Mã cấp trên.*mã “88”", page, re.S)
    assert 'name="checked"' not in page
    assert await services.store.units.search("Xã Thử", dt.date(2026, 11, 24)) == []


async def test_a_good_file_is_imported_only_after_the_second_step(
    signed_in: SignedIn, services: Services
) -> None:
    await give_codes(services)
    browser = await signed_in("admin", "dien-bien")
    answer = await upload(browser, "/units/import", HEADER + "03999,Xã Thử,Xã,096\n")
    page = await answer.text()
    assert answer.status == 200
    assert "Tệp hợp lệ, chưa nhập" in page
    day = dt.date(2026, 11, 24)
    assert await services.store.units.search("Xã Thử", day) == []
    answer = await confirm(browser, "/units/import", page)
    assert (answer.status, answer.headers["Location"]) == (303, "/units")
    assert [unit.code for unit in await services.store.units.search("xa thu", day)] == ["03999"]
    assert "Đã nhập đơn vị: mới 1" in await (await browser.get("/units")).text()


async def test_a_preview_shows_old_and_new_and_what_changed_since_is_shown_anew(
    signed_in: SignedIn, services: Services
) -> None:
    await give_codes(services)
    browser = await signed_in("admin", "dien-bien")
    rows = "096,Huyện Mường Nhé Mới,Huyện,\n03999,Xã Thử,Xã,096\n"
    page = await (await upload(browser, "/units/import", HEADER + rows)).text()
    assert re.search(r"<del>Huyện Mường Nhé</del>.*<ins>Huyện Mường Nhé Mới</ins>", page, re.S)
    assert "thêm mới" in page
    await rename(services.store, "muong-nhe", "Huyện Khác", dt.date(2026, 11, 1))
    answer = await confirm(browser, "/units/import", page)
    page = await answer.text()
    assert answer.status == 200
    assert "đã được người khác thay đổi" in page
    assert "<del>Huyện Khác</del>" in page
    assert (await confirm(browser, "/units/import", page)).status == 303
    assert (await services.store.units.get("muong-nhe", dt.date(2026, 11, 24))).name.endswith("Mới")


async def test_a_preview_names_levels_in_the_readers_language(
    signed_in: SignedIn, services: Services
) -> None:
    await give_codes(services)
    browser = await signed_in("admin", "dien-bien")
    for language, level in (("vi", "Xã"), ("en", "Commune")):
        await submit(browser, "/language", {"language": language, "next": "/"})
        answer = await upload(browser, "/units/import", HEADER + "03999,Xã Thử,Xã,096\n")
        assert f"<ins>{level}</ins>" in await answer.text()


async def test_an_import_does_not_reach_beyond_the_account(
    signed_in: SignedIn, services: Services
) -> None:
    await give_codes(services)
    browser = await signed_in("admin", "nam-po")
    answer = await upload(browser, "/units/import", HEADER + "03999,Xã Thử,Xã,096\n")
    assert answer.status == 400
    assert "nằm ngoài phạm vi của bạn" in await answer.text()


async def test_a_site_file_is_imported(signed_in: SignedIn, services: Services) -> None:
    await give_codes(services)
    browser = await signed_in("technician", "dien-bien")
    text = "Mã đơn vị;Mã điểm cầu;Tên điểm cầu\n096;dbn-mnh;Phòng họp Mường Nhé\n"
    page = await (await upload(browser, "/sites/import", text)).text()
    answer = await confirm(browser, "/sites/import", page)
    assert (answer.status, answer.headers["Location"]) == (303, "/sites")
    site = await services.store.sites.by_code("dbn-mnh")
    assert site is not None
    assert site.unit_id == "muong-nhe"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\x00\x01", "không phải tệp CSV"),
        (b"a,b\n1,2\n", "Cột “a” không có trong mẫu"),
        (b"", "không có dòng nào"),
    ],
)
async def test_what_is_no_table_says_why(signed_in: SignedIn, content: bytes, words: str) -> None:
    answer = await upload(await signed_in("admin", "nam-po"), "/units/import", content)
    assert answer.status == 400
    assert words in await answer.text()


async def test_a_form_without_a_file_or_with_a_forged_one_is_answered(signed_in: SignedIn) -> None:
    browser = await signed_in("admin", "nam-po")
    token = await csrf(browser)
    answer = await browser.post("/units/import", data={"csrf": token})
    assert answer.status == 400
    assert "Xin chọn tệp CSV" in await answer.text()
    answer = await browser.post("/units/import", data={"csrf": token, "checked": "!!"})
    assert answer.status == 400


async def test_the_size_limit_is_the_files_not_the_forms(signed_in: SignedIn) -> None:
    browser = await signed_in("admin", "nam-po")
    large = HEADER.encode() + b"1,X,Y,2\n" * 15_000 + b"\n" * (MAX_BYTES - 200_000)
    answer = await upload(browser, "/units/import", large)
    assert answer.status == 400
    assert "lỗi" in await answer.text()
    answer = await upload(browser, "/units/import", b"x" * (MAX_BYTES + 200_000))
    assert answer.status == 413


async def test_templates_download(signed_in: SignedIn) -> None:
    browser = await signed_in("admin", "nam-po")
    for kind in ("units", "sites"):
        answer = await browser.get(f"/{kind}/template.csv")
        assert answer.status == 200
        assert "attachment" in answer.headers["Content-Disposition"]
        assert (await answer.read()).startswith("\ufeffMã đơn vị,".encode())


ACCOUNTS = "Tên đăng nhập,Họ tên,Mã đơn vị,Vai trò\n=thuky.mnhe,Lò Thư,096,Thư ký\n"


async def test_accounts_are_made_from_a_file_and_their_passwords_shown_once(
    signed_in: SignedIn, services: Services
) -> None:
    await give_codes(services)
    browser = await signed_in("admin", "dien-bien")
    answer = await upload(browser, "/accounts/import", ACCOUNTS)
    assert answer.status == 400
    page = await (await upload(browser, "/accounts/import", ACCOUNTS.replace("=", ""))).text()
    assert "thêm mới" in page
    assert "Huyện Mường Nhé" in page
    assert await services.store.accounts.by_login("thuky.mnhe") is None
    answer = await confirm(browser, "/accounts/import", page)
    sheet = await answer.text()
    assert (answer.status, answer.headers["Cache-Control"]) == (200, "no-store")
    (password,) = re.findall(r'class="secret-cell">([^<]+)<', sheet)
    found = await services.store.accounts.by_login("thuky.mnhe")
    assert found is not None
    assert await verify_password(found[1], password)
    assert password not in await (await browser.get("/accounts")).text()


async def test_who_lost_the_sheet_gets_a_new_one_for_the_same_file(
    signed_in: SignedIn, services: Services
) -> None:
    await give_codes(services)
    browser = await signed_in("admin", "dien-bien")
    file = ACCOUNTS.replace("=", "")
    page = await (await upload(browser, "/accounts/import", file)).text()
    lost = re.findall(
        r'class="secret-cell">([^<]+)<',
        await (await confirm(browser, "/accounts/import", page)).text(),
    )
    page = await (await upload(browser, "/accounts/import", file)).text()
    assert 'type="hidden" name="renew" value="1"' in page
    assert "1 tài khoản của tệp chưa có ai đăng nhập" in page
    sheet = await (await confirm(browser, "/accounts/import", page, renew="1")).text()
    assert "Đã cấp mật khẩu mới cho 1 tài khoản" in sheet
    assert "Đã tạo" not in sheet
    made = re.findall(r'class="secret-cell">([^<]+)<', sheet)
    assert len(lost) == len(made) == 1
    assert lost != made
    more = file + "thuky.hai,Lò Hai,096,Thư ký\n"
    page = await (await upload(browser, "/accounts/import", more)).text()
    assert 'name="renew" type="checkbox"' in page
    sheet = await (await confirm(browser, "/accounts/import", page)).text()
    assert "thuky.mnhe" not in sheet
    assert "thuky.hai" in sheet


async def test_passwords_of_new_accounts_are_downloaded_as_a_file(
    signed_in: SignedIn, services: Services
) -> None:
    await give_codes(services)
    browser = await signed_in("admin", "dien-bien")
    page = await (await upload(browser, "/accounts/import", ACCOUNTS.replace("=", ""))).text()
    answer = await confirm(browser, "/accounts/import", page, as_file="1")
    assert "mat-khau.csv" in answer.headers["Content-Disposition"]
    assert "Lò Thư,Huyện Mường Nhé,thuky.mnhe," in await answer.text("utf-8-sig")


def test_packing_keeps_a_file_and_refuses_bombs() -> None:
    assert unpack(pack(b"abc" * 1000)) == b"abc" * 1000
    with pytest.raises(TooLarge):
        unpack(base64.b64encode(zlib.compress(b"\0" * (MAX_BYTES + 1))).decode())
    for bad in ("###", "AAAA", pack(b"abc" * 1000)[:-8]):
        with pytest.raises(BadInput):
            unpack(bad)


def unit(unit_id: str, parent_id: str | None) -> Unit:
    return Unit(unit_id, "x", unit_id, parent_id, None, None, None)


def test_a_tree_cut_by_whole_generations_keeps_its_counts() -> None:
    units = [unit("r", None), *(unit(f"d{n}", "r") for n in range(3))]
    own = {"r": 1, "d0": 1}
    branches = add_up(units, own, {f"d{n}": 5 for n in range(3)}, {"d0": 3})
    root = build_tree(branches)
    assert (root.below, root.sites, root.own_sites) == (18, 4, 1)
    assert [(node.below, node.cut) for node in root.children] == [(5, True)] * 3
    assert [(node.sites, node.own_sites) for node in root.children] == [(3, 1), (0, 0), (0, 0)]
