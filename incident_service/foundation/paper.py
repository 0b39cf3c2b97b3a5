"""Pages of A4: words, tables and whatever else stands below one another, as a PDF.

The font is one that every PDF reader brings for Chinese (STSong-Light); no file of it is needed, nor put in.
"""

from collections.abc import Iterable, Sequence
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape

from flask import current_app
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

FONT, LEADING = "STSong-Light", 14
WIDTH = A4[0] - 40 * mm
ROOM = WIDTH - 12                               # what a frame leaves of it for what stands at its left edge
PLAIN = ParagraphStyle("plain", fontName=FONT, fontSize=9.5, leading=LEADING, wordWrap="CJK")
HEAD = ParagraphStyle("head", parent=PLAIN, fontSize=16, leading=24)
PART = ParagraphStyle("part", parent=PLAIN, fontSize=11.5, leading=18, spaceBefore=8, spaceAfter=4, keepWithNext=1)
LINES = TableStyle([("GRID", (0, 0), (-1, -1), 0.25, "#999999"), ("VALIGN", (0, 0), (-1, -1), "TOP")])


def printed(title: str, story: Iterable[Flowable], **options: Any) -> bytes:
    """The pages, made one after the other; `story` may be a generator, the font is there before it begins."""
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    out = BytesIO()
    SimpleDocTemplate(out, pagesize=A4, leftMargin=20 * mm, rightMargin=20 * mm, topMargin=18 * mm,
                      bottomMargin=18 * mm, title=title, author=current_app.config["TOWN_NAME"],
                      ).build(list(story), **options)
    return out.getvalue()


def said(text: str, style: ParagraphStyle = PLAIN) -> Paragraph:
    """Words as they were said: nothing in them is markup."""
    return Paragraph(escape(text).replace("\n", "<br/>"), style)


def table(rows: Iterable[Sequence[str]], shares: Sequence[float]) -> Flowable:
    """Words in cells; a row that does not fit on a page goes on on the next."""
    cells = [[said(cell) for cell in row] for row in rows]
    return Table(cells, colWidths=[WIDTH * share for share in shares], style=LINES,
                 splitInRow=1) if cells else Spacer(1, 1)
