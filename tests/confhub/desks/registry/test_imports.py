"""Units and sites from CSV files, into a real store."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from confhub.config import Settings
from confhub.desks.country_load import ensure_root
from confhub.desks.registry.imports import import_sites, import_units
from confhub.imports import sites as site_import
from confhub.imports import unit_lines
from confhub.imports.csv_table import MAX_PROBLEMS, write_template
from confhub.imports.report import Report
from confhub.people.account import Account
from confhub.people.actor import Actor, of_account
from confhub.store import Store, open_store
from confhub.units.site import Line
from confhub.units.unit import GSO_SCHEME

TODAY = dt.date(2026, 11, 24)
NOW = dt.datetime(2026, 11, 24, 1, 0, tzinfo=dt.UTC)
HOUSE = Actor(NOW)
HEADER = "Mã,Tên,Cấp,Mã cấp trên,Hiệu lực từ,Hết hiệu lực\n"
GOOD = """\
03187,Xã Chà Nưa,Xã,103,,
103,Huyện Nậm Pồ,Huyện,11,,
03199,Xã Si Pa Phìn,Xã,103,,
11,Tỉnh Điện Biên,Tỉnh,,,
"""


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = await open_store(Settings(data_dir=str(tmp_path)))
    await ensure_root(opened, HOUSE, TODAY)
    yield opened
    await opened.close()


async def load(store: Store, rows: str, *, dry_run: bool = False) -> Report:
    return await import_units(store, HOUSE, (HEADER + rows).encode(), dry_run=dry_run)


async def names(store: Store, on: dt.date = TODAY) -> list[str]:
    return [unit.name for unit in await store.units.tree(None, on)]


def said(report: Report) -> list[tuple[int, str, str]]:
    return [(problem.line, problem.column, problem.text) for problem in report.problems]


async def test_parents_may_stand_anywhere_in_the_file(store: Store) -> None:
    report = await load(store, GOOD)
    assert said(report) == []
    assert (report.new, report.changed, report.unchanged, report.done) == (4, 0, 0, True)
    assert await names(store) == [
        "Trung ương",
        "Tỉnh Điện Biên",
        "Huyện Nậm Pồ",
        "Xã Chà Nưa",
        "Xã Si Pa Phìn",
    ]


async def test_importing_again_changes_nothing(store: Store) -> None:
    await load(store, GOOD)
    report = await load(store, GOOD)
    assert (report.new, report.changed, report.unchanged) == (0, 0, 4)


async def test_a_dry_run_reports_and_does_nothing(store: Store) -> None:
    report = await load(store, GOOD, dry_run=True)
    assert (report.new, report.done) == (4, False)
    assert await names(store) == ["Trung ương"]


async def test_one_bad_line_keeps_the_whole_file_out(store: Store) -> None:
    report = await load(store, GOOD + "03200,,Xã,103,,\n")
    assert said(report) == [(6, "Tên", "Ô này còn trống.")]
    assert not report.done
    assert await names(store) == ["Trung ương"]


@pytest.mark.parametrize(
    ("row", "line", "column", "words"),
    [
        (",Xã X,Xã,103,,", 6, "Mã", "còn trống"),
        ("1,Xã X,Phố,103,,", 6, "Cấp", "Các cấp: Trung ương, Tỉnh, Huyện, Xã"),
        ("1,Xã X,Xã,999,,", 6, "Mã cấp trên", "mã “999”"),
        ("1,Xã X,Xã,,,", 6, "Mã cấp trên", "thiếu mã"),
        ("1,Xã X,Xã,03187,,", 6, "Cấp", "thấp hơn"),
        ("1,Xã X,Xã,1,,", 6, "Mã cấp trên", "chính nó"),
        ("1,Xã X,Xã,103,31/02/2025,", 6, "Hiệu lực từ", "2025-07-01"),
        ("1,Xã X,Xã,103,2025-07-01,2025-07-01", 6, "Hết hiệu lực", "phải sau"),
        ("103,Huyện Khác,Huyện,11,,", 6, "Mã", "đã có ở dòng 3"),
        ("3187,Xã Khác,Xã,103,,", 6, "Mã", "đã có ở dòng 2"),
        ("1,xã chà nưa,Xã,103,,", 6, "Tên", "Trùng tên với dòng 2"),
        (f"1,{'x' * 201},Xã,103,,", 6, "Tên", "Dài nhất 200"),
    ],
)
async def test_each_fault_has_its_line_its_column_and_what_to_mend(
    store: Store, row: str, line: int, column: str, words: str
) -> None:
    report = await load(store, GOOD + row + "\n")
    assert [(p[0], p[1]) for p in said(report)] == [(line, column)]
    assert words in report.problems[0].text


async def test_all_faults_are_told_at_once_and_no_fault_spreads_to_other_lines(
    store: Store,
) -> None:
    rows = (
        "103,Huyện Nậm Pồ,Quận,11,,\n"  # a level that is none
        "03187,Xã Chà Nưa,Xã,103,,\n"  # good: its parent's line has the fault
        "03199,,Xã,999,,\n"  # two faults
        "11,Tỉnh Điện Biên,Tỉnh,,,\n"
    )
    report = await load(store, rows)
    assert [(line, column) for line, column, _ in said(report)] == [
        (2, "Cấp"),
        (4, "Tên"),
        (4, "Mã cấp trên"),
    ]


async def test_a_cycle_is_told_on_each_of_its_lines(store: Store) -> None:
    report = await load(store, "103,Huyện A,Huyện,104,,\n104,Huyện B,Huyện,103,,\n")
    assert [(line, text) for line, _, text in said(report)] == [
        (2, "Các đơn vị trực thuộc nhau thành vòng."),
        (3, "Các đơn vị trực thuộc nhau thành vòng."),
    ]


async def test_a_unit_comes_below_one_that_is_new_in_the_same_file(store: Store) -> None:
    await load(store, GOOD)
    rows = "104,Huyện Mới,Huyện,11,2026-01-01,\n03187,Xã Chà Nưa,Xã,104,2026-01-01,\n"
    report = await load(store, rows + "03199,Xã Si Pa Phìn,Xã,104,,\n")
    assert (said(report), report.new, report.changed, report.done) == ([], 1, 2, True)
    for code in ("03187", "03199"):
        unit = await store.units.by_code(GSO_SCHEME, code, TODAY)
        assert unit is not None
        assert [one.name for one in await store.units.path(unit.id, TODAY)][2] == "Huyện Mới"


async def test_a_name_is_corrected_or_changed_from_a_day_on(store: Store) -> None:
    await load(store, GOOD)
    report = await load(store, "03187,Xã Chà Nua,Xã,103,,\n103,Huyện Mới,Huyện,11,2026-01-01,\n")
    assert (report.new, report.changed) == (0, 2)
    assert (await names(store))[2:4] == ["Huyện Mới", "Xã Chà Nua"]
    assert (await names(store, dt.date(2025, 12, 31)))[2:4] == ["Huyện Nậm Pồ", "Xã Chà Nua"]
    again = await load(store, "103,Huyện Mới,Huyện,11,2026-01-01,\n")
    assert (again.changed, again.unchanged) == (0, 1)


async def test_a_code_is_used_again_after_its_unit_ended(store: Store) -> None:
    await load(store, GOOD)
    rows = "03187,Xã Mới,Xã,103,2025-07-01,\n03187,Xã Chà Nưa,Xã,103,,2025-07-01\n"
    report = await load(store, rows)
    assert said(report) == []
    assert (report.new, report.changed) == (1, 1)
    assert "Xã Chà Nưa" in await names(store, dt.date(2025, 6, 30))
    assert "Xã Mới" not in await names(store, dt.date(2025, 6, 30))
    assert "Xã Mới" in await names(store)
    assert "Xã Chà Nưa" not in await names(store)
    again = await load(store, rows)
    assert (said(again), again.unchanged) == ([], 2)


async def test_a_code_that_was_borne_needs_a_date(store: Store) -> None:
    await load(store, GOOD)
    await load(store, "03187,Xã Chà Nưa,Xã,103,,2025-07-01\n")
    report = await load(store, "03187,Xã Mới,Xã,103,,\n")
    assert said(report)[0][1] == "Hiệu lực từ"
    assert "“Xã Chà Nưa” (hiệu lực từ: —, hết hiệu lực: 01/07/2025)" in report.problems[0].text


async def test_a_unit_cannot_end_over_its_children_nor_outlive_its_parent(store: Store) -> None:
    await load(store, GOOD)
    report = await load(store, "103,Huyện Nậm Pồ,Huyện,11,,2025-07-01\n")
    assert "Còn 2 đơn vị trực thuộc" in report.problems[0].text
    report = await load(
        store, "105,Huyện X,Huyện,11,,2025-07-01\n03300,Xã X,Xã,105,2020-01-01,2026-01-01\n"
    )
    assert said(report)[0][:2] == (3, "Hết hiệu lực")
    assert "hết hiệu lực: 01/07/2025" in report.problems[0].text


async def test_leading_zeros_a_spreadsheet_dropped_are_put_back(store: Store) -> None:
    await load(
        store,
        "11,Tỉnh Điện Biên,Tỉnh,,,\n96,Huyện Mường Nhé,Huyện,11,,\n3157,Xã Chung Chải,Xã,96,,\n",
    )
    communes = [u for u in await store.units.tree(None, TODAY) if u.level_id == "commune"]
    assert [unit.code for unit in communes] == ["03157"]
    assert (await store.units.path(communes[0].id, TODAY))[-2].code == "096"


async def test_an_account_of_a_district_cannot_reach_beyond_it(store: Store) -> None:
    await load(store, GOOD + "104,Huyện Khác,Huyện,11,,\n03400,Xã Khác,Xã,104,,\n")
    tree = await store.units.tree(None, TODAY)
    district = next(unit for unit in tree if unit.code == "103")
    admin = Account("acc-1", "quantri", "Quản trị", "admin", district.id)
    await store.accounts.add(admin, "hash")
    text = (
        "03187,Xã Chà Nưa mới,Xã,103,,\n"  # own: may
        "03500,Xã mới,Xã,103,,\n"  # new under own: may
        "03400,Xã Khác nữa,Xã,104,,\n"  # foreign
        "03199,Xã Si Pa Phìn,Xã,104,,\n"  # moved away
        "03600,Xã nữa,Xã,104,,\n"  # new under foreign
        "12,Tỉnh Lai Châu,Tỉnh,,,\n"  # new at the top
    )
    report = await import_units(store, of_account(admin, NOW), (HEADER + text).encode())
    assert [(line, words) for line, _, words in said(report)] == [
        (n, "Đơn vị này nằm ngoài phạm vi của bạn.") for n in (4, 5, 6, 7)
    ]


async def test_a_long_list_of_problems_is_cut_and_counted(store: Store) -> None:
    report = await load(store, "".join(f"{n},X{n},Xã,999,,\n" for n in range(300)))
    assert (len(report.problems), report.more_problems) == (MAX_PROBLEMS, 300 - MAX_PROBLEMS)


async def test_templates_import_as_they_are(store: Store) -> None:
    units = write_template(unit_lines.COLUMNS, unit_lines.TEMPLATE)
    assert said(await import_units(store, HOUSE, units)) == []
    sites = write_template(site_import.COLUMNS, site_import.TEMPLATE)
    report = await import_sites(store, HOUSE, sites)
    assert said(report) == []
    assert report.new == 1
    site = await store.sites.by_code("dbn-npo-chanua")
    assert site is not None
    assert site.email == "chanua@nampo.dienbien.gov.vn"
    assert (site.room, site.streams) == ("Phòng họp tầng 2", None)
    assert site.lines == (
        Line("fibre", "VNPT", 50_000_000, 50_000_000),
        Line("mobile", "Viettel", 20_000_000, 8_000_000, backup=True),
    )
    again = await import_sites(store, HOUSE, sites)
    assert (again.new, again.changed, again.unchanged) == (0, 0, 1)


async def test_a_site_file_changes_only_the_columns_it_has(store: Store) -> None:
    await load(store, GOOD)
    sites = write_template(site_import.COLUMNS, site_import.TEMPLATE)
    await import_sites(store, HOUSE, sites)
    text = "Mã đơn vị;Mã điểm cầu;Tên điểm cầu;Điện thoại phòng họp\n3187;DBN-NPO-CHANUA;Phòng 2;\n"
    report = await import_sites(store, HOUSE, text.encode())
    assert (said(report), report.changed) == ([], 1)
    site = await store.sites.by_code("dbn-npo-chanua")
    assert site is not None
    assert (site.name, site.room_phone, site.technician_name) == ("Phòng 2", "", "Poòng Văn Huy")
    assert len(site.lines) == 2
    assert site.version == 2


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        (",a,A,,,,", "Mã đơn vị", "còn trống"),
        ("03187,a,A,,,,,chà@nưa.vn", "Thư điện tử", "không dấu"),
        ("03187,a,A,,,,,,vài", "Số luồng", "từ 1 đến"),
        ("99999,a,A,,,,", "Mã đơn vị", "mã “99999”"),
        ("03187,Chà Nưa,A,,,,", "Mã điểm cầu", "chữ thường không dấu"),
        ("03187,a,,,,,", "Tên điểm cầu", "còn trống"),
        ("03187,a,A,tàu,,,", "Đường truyền chính", "Cáp quang"),
        ("03187,a,A,,VNPT,,", "Đường truyền chính", "thiếu loại"),
        ("03187,a,A,4G,VNPT,nhanh,", "Tải xuống chính (Mbps)", "ví dụ 50"),
        ("03187,a,A,4G,VNPT,nan,", "Tải xuống chính (Mbps)", "ví dụ 50"),
        ("03187,a,A,4G,VNPT,50000000,", "Tải xuống chính (Mbps)", "đến 10000"),
        ("03187,a,A,,,,có lẽ", "Đang dùng", "“có” hoặc “không”"),
    ],
)
async def test_each_fault_of_a_site_has_its_column(
    store: Store, row: str, column: str, words: str
) -> None:
    await load(store, GOOD)
    header = (
        "Mã đơn vị,Mã điểm cầu,Tên điểm cầu,Đường truyền chính,Nhà mạng chính,"
        "Tải xuống chính (Mbps),Đang dùng,Thư điện tử,Số luồng\n"
    )
    report = await import_sites(store, HOUSE, (header + row).encode())
    assert [problem[:2] for problem in said(report)] == [(2, column)]
    assert words in report.problems[0].text
    assert await store.sites.list() == []


async def test_the_whole_country_goes_through_a_file_in_seconds(store: Store) -> None:
    from confhub.units.country import read_2022

    titles = {"province": "Tỉnh", "district": "Huyện", "commune": "Xã"}
    rows = "".join(
        f"{e.code},{e.name},{titles[e.level_id]},{e.parent_code or ''},,\n"
        for e in reversed(read_2022())
    )
    report = await load(store, rows)
    assert (said(report), report.new) == ([], 11_367)
    again = await load(store, rows)
    assert again.unchanged == 11_367


SITE_HEADER = (
    "Mã đơn vị;Mã điểm cầu;Tên điểm cầu;Đường truyền chính;Tải xuống chính (Mbps);Đang dùng\n"
)


async def load_sites(store: Store, *rows: str) -> Report:
    await load(store, GOOD)
    return await import_sites(store, HOUSE, (SITE_HEADER + "\n".join(rows)).encode())


async def test_words_with_diacritics_are_taken_at_their_word(store: Store) -> None:
    words = ["dừng", "đúng", "ngừng", "dùng", "Ngưng", "co", "KHONG"]
    rows = [f"03187;s-{n};Phòng {n};Cáp quang;50;{word}" for n, word in enumerate(words)]
    assert said(await load_sites(store, *rows)) == []
    active = {site.code: site.active for site in await store.sites.list()}
    assert [active[f"s-{n}"] for n in range(len(words))] == [
        False,
        True,
        False,
        True,
        False,
        True,
        False,
    ]


async def test_a_word_that_may_mean_yes_or_no_is_asked_about(store: Store) -> None:
    report = await load_sites(store, "03187;s-1;Phòng;Cáp quang;50;dung")
    assert said(report) == [
        (2, "Đang dùng", "“dung” là đang dùng hay đã dừng? Xin ghi “có” hoặc “không”.")
    ]


@pytest.mark.parametrize("number", ["1.000", "1_000", "1e3", "１０"])
async def test_a_number_in_doubt_is_told_with_its_cell(store: Store, number: str) -> None:
    report = await load_sites(store, f"03187;s-1;Phòng;Cáp quang;{number};có")
    assert [said_of[:2] for said_of in said(report)] == [(2, "Tải xuống chính (Mbps)")]


async def test_names_are_kept_without_what_does_not_show(store: Store) -> None:
    blank = await load_sites(store, "03187;s-1;\u200b;;;", "03187;s-2;\u3164\u2800;;;")
    assert [said_of[:2] for said_of in said(blank)] == [(2, "Tên điểm cầu"), (3, "Tên điểm cầu")]
    rows = ["0\u200b3187;s-\u00ad1;Phòng\u200b họp \u202etrên\u202c;;;"]
    assert said(await load_sites(store, *rows)) == []
    assert [(site.code, site.name) for site in await store.sites.list()] == [
        ("s-1", "Phòng họp trên")
    ]


@pytest.mark.parametrize("column", ["Hiệu lực từ", "Hết hiệu lực"])
@pytest.mark.parametrize("day", ["01/01/0001", "31/12/9999", "0001-01-02"])
async def test_the_ends_of_the_calendar_are_told_with_their_cell(
    store: Store, column: str, day: str
) -> None:
    dates = f"{day}," if column == "Hiệu lực từ" else f",{day}"
    report = await load(store, f"{GOOD}03990,Xã Thử,Xã,103,{dates}\n")
    assert [said_of[:2] for said_of in said(report)] == [(6, column)]


async def test_names_that_differ_by_a_tone_are_two_names(store: Store) -> None:
    rows = "03990,Xã Hùng,Xã,103,,\n03991,Xã Hưng,Xã,103,,\n03992,XÃ HÙNG,Xã,103,,\n"
    report = await load(store, GOOD + rows)
    assert said(report) == [(8, "Tên", "Trùng tên với dòng 6 trong cùng đơn vị cấp trên.")]


async def test_an_import_is_on_record_with_what_it_did_and_a_trial_is_not(store: Store) -> None:
    await load(store, GOOD, dry_run=True)
    assert [line.action for line in await store.audit.recent(9)] == ["unit.added"]  # the root
    data = (HEADER + GOOD).encode()
    (root,) = await store.units.tree(None, TODAY, 0)
    admin = Account("acc-1", "quantri", "Quản trị", "admin", root.id)
    await store.accounts.add(admin, "hash")
    actor = of_account(admin, NOW, "192.0.2.1")
    await import_units(store, actor, data, name="don-vi.csv")
    lines = [one for one in await store.audit.recent(9) if one.account_id]
    assert sorted(line.action for line in lines) == ["unit.added"] * 4 + ["unit.imported"]
    (line,) = [one for one in lines if one.action == "unit.imported"]
    assert (line.account_id, line.at) == ("acc-1", NOW)
    assert line.detail == "don-vi.csv {'new': 4, 'changed': 0, 'unchanged': 0}"
