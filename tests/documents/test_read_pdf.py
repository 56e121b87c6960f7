"""PDF files, written by hand object by object: a Chinese font by reference, ruled tables, scans."""

from __future__ import annotations

import logging
import random
from pathlib import Path

import pytest

from assistant.documents.read import read_source
from assistant.documents.read_pdf import read_pdf
from assistant.errors import ParseError

PATH = Path("a.pdf")
WIDTH, HEIGHT = 595, 842
# The reader needs no font file for the standard Chinese fonts, only the name of their encoding.
FONT = (
    "<</Type/Font/Subtype/Type0/BaseFont/STSong-Light/Encoding/UniGB-UCS2-H"
    "/DescendantFonts[<</Type/Font/Subtype/CIDFontType0/BaseFont/STSong-Light"
    "/CIDSystemInfo<</Registry(Adobe)/Ordering(GB1)/Supplement 2>>"
    "/DW 1000"
    "/FontDescriptor<</Type/FontDescriptor/FontName/STSong-Light/Ascent 880/Descent -120/Flags 4"
    "/ItalicAngle 0/StemV 80/CapHeight 880/FontBBox[0 -120 1000 880]>>>>]>>"
)
UNMAPPED_FONT = FONT.replace("UniGB-UCS2-H", "Identity-H").replace("GB1", "Identity")
PICTURE = (
    "<</Type/XObject/Subtype/Image/Width 1/Height 1/ColorSpace/DeviceGray/BitsPerComponent 8"
    "/Length 1>>stream\n0\nendstream"
)


def text(x: float, top: float, words: str, size: int = 12) -> str:
    """Draw words with their upper edge `top` points below the edge of the page."""
    code = words.encode("utf-16-be").hex()
    return f"BT /F1 {size} Tf 1 0 0 1 {x} {HEIGHT - top - size} Tm <{code}> Tj ET\n"


def rule(x0: float, top0: float, x1: float, top1: float) -> str:
    return f"{x0} {HEIGHT - top0} m {x1} {HEIGHT - top1} l S\n"


def grid(x: list[float], y: list[float]) -> str:
    """Draw all lines of a table with the given column and row edges."""
    across = "".join(rule(x[0], top, x[-1], top) for top in y)
    return across + "".join(rule(left, y[0], left, y[-1]) for left in x)


def make_pdf(*pages: str, font: str = FONT, trailer: str = "") -> bytes:
    """Write a PDF of the given page contents."""
    kids = " ".join(f"{5 + 2 * n} 0 R" for n in range(len(pages)))
    objects = ["<</Type/Catalog/Pages 2 0 R>>", f"<</Type/Pages/Count {len(pages)}/Kids[{kids}]>>"]
    objects += [font, PICTURE]
    for n, content in enumerate(pages):
        objects.append(
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 {WIDTH} {HEIGHT}]/Contents {6 + 2 * n} 0 R"
            "/Resources<</Font<</F1 3 0 R>>/XObject<</I1 4 0 R>>>>>>"
        )
        objects.append(f"<</Length {len(content)}>>stream\n{content}\nendstream")
    out, offsets = "%PDF-1.4\n", []
    for n, body in enumerate(objects, start=1):
        offsets.append(len(out))
        out += f"{n} 0 obj\n{body}\nendobj\n"
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n"
    out += "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    out += f"trailer\n<</Size {len(objects) + 1}/Root 1 0 R{trailer}>>\nstartxref\n{start}\n%%EOF\n"
    return out.encode("latin-1")


SCAN = f"{WIDTH} 0 0 {HEIGHT} 0 0 cm /I1 Do\n"


def test_lines_in_reading_order_over_pages() -> None:
    first = text(100, 130, "第一条　为了加强") + text(200, 100, "管理办法", 18) + text(100, 150, "管理，")
    second = text(100, 100, "制定本办法。")
    # A blank of any width is a gap, and a gap is one space.
    assert read_pdf(make_pdf(first, second), PATH) == "管理办法\n第一条 为了加强\n管理，\n制定本办法。"


@pytest.mark.parametrize(
    ("foot", "top", "is_dropped"),
    [
        pytest.param("— 3 —", 780, True, id="dashes"),
        pytest.param("- 3 -", 780, True, id="hyphens"),
        pytest.param("－ 12 －", 780, True, id="full-width dashes"),
        pytest.param("3", 780, True, id="bare"),
        pytest.param("第3页", 780, True, id="第3页"),
        pytest.param("第 3 页 共 12 页", 780, True, id="of"),
        pytest.param("3/12", 780, True, id="slash"),
        pytest.param("3", 300, False, id="a number in the middle of the page"),
        pytest.param("2021年", 780, False, id="a year"),
        pytest.param("3.", 780, False, id="a clause number"),
        pytest.param("12345", 780, False, id="too long"),
    ],
)
def test_page_number_at_the_foot(foot: str, top: float, is_dropped: bool) -> None:
    page = text(100, 100, "正文") + text(290, top, foot)
    assert read_pdf(make_pdf(page), PATH) == ("正文" if is_dropped else f"正文\n{foot}")


def test_page_number_at_the_head_of_the_text_stays() -> None:
    assert read_pdf(make_pdf(text(100, 60, "1") + text(100, 100, "正文")), PATH) == "1\n正文"


def test_table_in_its_place_with_merges_and_lines_in_cells() -> None:
    x, y = [100.0, 150.0, 300.0, 400.0], [200.0, 230.0, 270.0, 300.0, 330.0]
    lines = "".join(rule(x[0], top, x[-1], top) for top in (y[0], y[1], y[3], y[4]))
    lines += rule(x[1], y[2], x[-1], y[2])  # the first column spans rows 2 and 3
    lines += rule(x[0], y[0], x[0], y[-1]) + rule(x[-1], y[0], x[-1], y[-1])
    lines += rule(x[1], y[0], x[1], y[-1]) + rule(x[2], y[0], x[2], y[3])  # row 4 spans two columns
    words = [
        (105, 205, "序号"), (155, 205, "工作任务"), (305, 205, "人次"),
        (105, 235, "1"), (155, 232, "农民"), (155, 250, "培训"), (305, 235, "300"),
        (155, 275, "创业培训"), (305, 275, "850"),
        (105, 305, "总计"), (155, 305, "8000"),
    ]  # fmt: skip
    page = text(100, 170, "附件1") + lines + "".join(text(*word) for word in words)
    page += text(100, 350, "备注：无。")
    assert read_pdf(make_pdf(page), PATH).split("\n") == [
        "附件1",
        "序号\t工作任务\t人次",
        "1\t农民 培训\t300",
        "\t创业培训\t850",
        "总计\t8000\t",
        "备注：无。",
    ]


def test_frame_around_text_is_no_table() -> None:
    page = grid([80, 500], [90, 160]) + text(100, 100, "第一行") + text(100, 130, "第二行")
    assert read_pdf(make_pdf(page), PATH) == "第一行\n第二行"


def test_letters_drawn_twice_for_bold_read_once() -> None:
    page = text(100, 100, "一、总则") + text(100.3, 100, "一、总则")
    assert read_pdf(make_pdf(page), PATH) == "一、总则"


def test_wide_setting_gives_no_spaces_in_chinese() -> None:
    page = "".join(text(100 + 18.5 * n, 100, word, 16) for n, word in enumerate("职业技能培训"))
    assert read_pdf(make_pdf(page), PATH) == "职业技能培训"


@pytest.mark.parametrize(
    ("content", "message", "hint"),
    [
        pytest.param(make_pdf(SCAN), "扫描件没有文字层", "OCR", id="scan"),
        pytest.param(make_pdf(""), "扫描件没有文字层", "OCR", id="blank page"),
        pytest.param(make_pdf(text(100, 100, "正文"), SCAN), "第 2 页", "OCR", id="one page scanned"),
        pytest.param(make_pdf(text(100, 100, "正文"), font=UNMAPPED_FONT), "乱码", "OCR", id="unmapped font"),
        pytest.param(
            make_pdf(
                text(100, 100, "正文"),
                trailer="/ID[<00><00>]/Encrypt<</Filter/Standard/V 1/R 2/P -4"
                f"/O<{'00' * 32}>/U<{'00' * 32}>>>",
            ),
            "PDF 设有密码",
            "不加密",
            id="password",
        ),
        pytest.param(
            make_pdf(text(100, 100, "正文"), trailer="/ID[<00><00>]/Encrypt<</Filter/Other/V 1>>"),
            "PDF 设有密码",
            "不加密",
            id="unknown encryption",
        ),
        pytest.param(
            make_pdf(text(100, 100, "正文")).replace(b"[0 0 595 842]", b"[0 0 595    ]"),
            "PDF 已损坏",
            "重新下载",
            id="page without size",
        ),
        pytest.param(
            make_pdf(text(100, 100, "正文")).replace(b"%%EOF", b""),
            "已损坏",
            "重新下载",
            id="cut off",
        ),
        pytest.param(b"%PDF-1.4\n", "PDF 已损坏", "重新下载", id="header only"),
    ],
)
def test_refused_with_remedy(content: bytes, message: str, hint: str) -> None:
    with pytest.raises(ParseError) as caught:
        read_pdf(content, PATH)
    assert message in caught.value.message
    assert hint in caught.value.hint


def test_blank_page_between_is_no_scan() -> None:
    assert read_pdf(make_pdf(text(100, 100, "甲"), "", text(100, 100, "乙")), PATH) == "甲\n乙"


def test_damaged_files_only_ever_raise_parse_errors(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    page = grid([100, 200, 300], [100, 120, 140]) + text(105, 102, "甲") + text(100, 200, "正文")
    sample = make_pdf(page, page)
    rng = random.Random(7)
    path = tmp_path / "a.pdf"
    n_refused = 0
    with caplog.at_level(logging.WARNING):
        for n in range(80):
            damaged = bytearray(sample)
            if n % 2:
                damaged = damaged[: rng.randrange(len(damaged))]
            else:
                for _ in range(rng.randrange(1, 60)):
                    damaged[rng.randrange(len(damaged))] = rng.randrange(256)
            path.write_bytes(bytes(damaged))
            try:
                read_source(path)
            except ParseError:
                n_refused += 1
    assert n_refused > 20
    assert not caplog.records
