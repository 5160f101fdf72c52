"""Every component in every state, on one page of local mode: /styleguide/."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

TOKYO = ZoneInfo("Asia/Tokyo")
NAMES = (
    "有馬 花",
    "桐谷 健",
    "安西 律子",
    "堀江 さやか",
    "田所 武",
    "村瀬 千尋",
    "髙橋 潤",
    "白石 海斗",
    "𠮷野 千景",
)
TRADES = ("出版", "食品物流", "ラーメン店", "写真", "銀行", "建築設計", "水産卸", "ソフトウェア", "印刷")
BOOKS = (
    ("値札の向こう側", "篠原 美緒", "値段は、気持ちでできている。"),
    ("港の時刻表", "東海林 徹", ""),
    ("数字が苦手な人の決算書散歩", "古賀 直樹", "歩けば読める。"),
    ("町工場の英会話", "長谷部 進", "ネジは世界語。"),
    ("会議の前に終わる会議――決めるための三十の手順", "真壁 理沙", "会議室は、もういらない。"),
    ("The Breakfast Ledger", "Mio Shinohara", "What a morning costs."),
    ("在庫は語る", "新田 薫", ""),
    ("地図を売った男", "浅見 昭", ""),
    ("一坪の商い", "望月 早苗", ""),
)
MIX = (
    ("出版", 4), ("食品・流通", 3), ("IT", 3), ("金融", 2), ("医療・福祉", 2), ("建築", 2),
    ("エネルギー", 1), ("印刷", 1), ("教育", 1), ("水産", 1), ("写真", 1),
)  # fmt: skip
CAME = (11, 13, 12, 15, 14, 17, 16, 18, 15, 19, 20, 18, 21, 19, 17, 22, 20, 23, 21, 22, 18, 24, 22, 23)
NEW = (6, 5, 4, 6, 5, 6, 5, 5, 4, 6, 6, 4, 6, 5, 3, 6, 5, 7, 4, 5, 3, 6, 5, 6)


@dataclass(frozen=True)
class Someone:
    """A person of the style guide."""

    name: str
    yomi: str = ""
    romaji: str = ""
    trade: str = ""


class Sample(forms.Form):
    """Every kind of field, with what a reader may have typed."""

    name = forms.CharField(label="お名前")
    yomi = forms.CharField(label="よみ", help_text="名札と名簿のならびに使います。", required=False)
    email = forms.EmailField(
        label="メール",
        help_text="会員には見えません。",
        error_messages={"invalid": "アドレスの終わりが足りないようです。ken@example.jp のように書いてください。"},
    )
    day = forms.DateField(label="日", widget=forms.DateInput(attrs={"type": "date"}), required=False)
    question = forms.CharField(label="ゲストに聞きたいこと", widget=forms.Textarea(attrs={"rows": 3}), required=False)
    trade = forms.ChoiceField(label="お仕事", choices=[("I", "卸売業・小売業"), ("G", "情報通信業")])
    shown = forms.ChoiceField(
        label="お名前を「来る人」に", choices=[("1", "出す"), ("", "出さない")], widget=forms.RadioSelect
    )
    agreed = forms.BooleanField(label="会の約束を読みました", help_text="勧誘はしない、が一つめです。")


@require_safe
def styleguide(request: HttpRequest) -> HttpResponse:
    """The page; nothing of it is stored."""
    morning = datetime(2026, 12, 10, 7, 0, tzinfo=TOKYO)
    pages = Paginator(range(200), 10)
    typed = {"name": "桐谷 健", "email": "ken@example", "trade": "G", "shown": "1", "agreed": "on"}
    return render(
        request,
        "styleguide.html",
        {
            "morning": morning,
            "later": morning + timedelta(days=14),
            "past": datetime(2026, 7, 23, 7, 0, tzinfo=TOKYO),
            "cancelled": datetime(2026, 8, 13, 7, 0, tzinfo=TOKYO),
            "people": [Someone(name, trade=trade) for name, trade in zip(NAMES, TRADES, strict=True)],
            "guest": Someone("篠原 美緒", "しのはら みお", "Mio Shinohara"),
            "books": BOOKS,
            "mix": MIX,
            "came": [(f"{n + 1}", all_, new) for n, (all_, new) in enumerate(zip(CAME, NEW, strict=True))],
            "form": Sample(typed),
            "page": pages.page(7),
            "pages": pages.get_elided_page_range(7, on_each_side=1, on_ends=1),
            "schedule": [{"time": "6:45", "what": "開場、席につく"}, {"time": "7:00", "what": "朝ごはん"}],
            "step": {
                "what": "お店に人数を伝える",
                "why": "22人（ゲストと世話人をふくむ）。",
                "href": "#",
                "button": "22人と伝える",
                "when": "第132回、12月10日(木)",
                "urgent": "今日 18:00 まで",
            },
        },
    )
