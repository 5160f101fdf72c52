"""What searching finds, judged: for each query a pattern that says which mornings somebody who typed it wants to see.

The patterns were written from the texts, before anything was tuned to them, and know nothing of tokens: they are tried
on what a reader reads (NFKC, lower case). `&` asks for both sides in one talk, report, book or line; `!` for mornings
where what follows is nowhere. Precision is the part of the mornings found that is wanted, recall the part of the wanted
that is found.
"""

import os
import re
import unicodedata
from collections import defaultdict
from statistics import mean

from search.models import Document

LEAST_PRECISION, LEAST_RECALL = 0.95, 0.9
ROW = "{:34} {:>7} {:>7} {:>10} {:>7}"

CLUB = {
    "流通": "流通",
    "人脈": "人脈",
    "値札": "値札",
    "市場の帳簿": "市場.*帳簿|帳簿.*市場",
    "ラーメン": "ラーメン",
    "三百円": "三百円",
    "帳場": "帳場",
    "バス": r"バス(?![ァ-ヴー])",
    "時刻表": "時刻表",
    "銭湯": "銭湯",
    "トマト": "トマト",
    "配管図": "配管図",
    "薬": "薬",
    "写真": "写真",
    "段ボール": "段ボール",
    "ダンボール": "段ボール|ダンボール",
    "高梨": "[高髙]梨",
    "たかなし": "[高髙]梨",
    "斎木": "[斎齋齊斉]木",
    "吉崎": "[吉𠮷]崎",
    "しきなみ": "敷浪",
    "敷浪 朔郎": "敷浪 ?朔郎",
    "sasame": "篠目",
    "Amagai": "雨貝",
    "バスが遅れる": "バスが.{0,2}遅れ",
    "見積書": "見積書",
    "値段 -値札": "値段 & !値札",
    "“二分遅れ”": "二分遅れ",
    "ﾄﾗｯｸ": "トラック",
    "三割引き": "三割引き",
    "四時起き": "四時起き",
    "コンテナ": "コンテナ",
    "コンテナー": "コンテナ",
    "手帖": "手[帖帳]",
}
TALKS = {
    "機械学習": "機械学習",
    "データ分析": "データ(の|を)?分析",
    "自然言語処理": "自然言語.{0,1}処理",
    "入門": "入門",
    "サーバー": "サーバ",
    "非同期": "非同期",
    "働き方": "働き方",
    "教育": "教育",
    "開発環境": "開発(の)?環境",
    "高橋": "[高髙]橋",
    "西本": "西本",
    "Webフレームワーク": "web ?フレームワーク",
    "基調講演": "基調講演",
    "コミュニティー": "コミュニティ",
    "日本語": "日本語",
    "初心者": "初心者",
    "野球": "野球",
    "リファクタリング": "リファクタリング",
    "可視化": "可視化",
    "Pythonの働き方": "python & 働き方",
    "clean code": r"\bclean(er|ing)?\b & \bcod(e|ing)\b",
    "decorators": r"\bdecorators?\b",
    "decorator": r"\bdecorators?\b",
    "asyncio": r"\basyncio\b",
    "machine learning": r"\bmachine\b & \blearning\b",
    '"machine learning"': r"\bmachine[ -]learning\b",
    '"machine learning" -deep': r"\bmachine[ -]learning\b & !\bdeep\b",
    "web scraping": r"\bweb\b & \bscraping\b",
    "type hints": r"\btypes?\b & \bhints?\b",
    "lightning talks": r"\blightning\b & \btalks?\b",
    "keynote": r"\bkeynotes?\b",
    "packaging": r"\bpackaging\b",
    "raspberry pi": r"\braspberry ?pi\b",
    "jupyter notebook": r"\bjupyter\b & \bnotebooks?\b",
    "microservices": r"\bmicro-?services?\b",
    "GIL": r"\bgil\b",
    "unit tests": r"\bunit-?tests?\b|\bunit\b & \btests?\b",
    "code reviews": r"\bcode\b & \breviews?\b",
    "docker": r"\bdocker\b",
    "e-commerce": r"\be-?commerce\b",
    "C++": r"\bc\+\+",
    "accessibility": r"\baccessibility\b",
    "rest apis": r"\brest\b & \bapis?\b",
    "Raymond Hettinger": r"\braymond hettinger\b",
    "metaclasses": r"\bmetaclass(es)?\b",
    "career": r"\bcareers?\b",
    "garbage collector": r"\bgarbage\b & \bcollectors?\b",
    "library": r"\blibrar(y|ies)\b",
    "aprendizaje automatico": r"\baprendizaje\b & \bautom[aá]tico\b",
    "base de datos": r"\bbases?\b & \bdatos?\b",
    "données ouvertes": r"\bdonn[ée]es?\b & \bouvertes?\b",
    "securite": r"\bs[ée]curit[ée]s?\b",
    "тестирование": "тестирование",
    "машинное обучение": "машинное & обучение",
    "django -rest": r"\bdjango\b & !\brest\b",
}


def main() -> int:
    """Print precision and recall of each query; how many of the means are under the limits."""
    texts = _texts()
    missed = 0
    # The part before this has taken the real talks in, where there are any.
    for name, queries in [("sample club", CLUB), *([("real talks", TALKS)] if "ASAKAI_TALKS" in os.environ else [])]:
        print(f"\n{name}, {len(queries)} queries")
        print(ROW.format("query", "wanted", "hits", "precision", "recall"))
        figures = [_judged(query, pattern, texts) for query, pattern in queries.items()]
        precision, recall = mean(one for one, _ in figures), mean(other for _, other in figures)
        low = precision < LEAST_PRECISION or recall < LEAST_RECALL
        print(ROW.format("mean", "", "", f"{precision:.3f}", f"{recall:.3f}") + ("  MISSED" if low else ""), flush=True)
        missed += low
    return missed


def _texts() -> dict[str, list[str]]:
    """What a reader reads of each morning, by its code: the public documents found under it."""
    texts: dict[str, list[str]] = defaultdict(list)
    public = Document.objects.filter(audience="public").exclude(session_code=None)
    for code, *parts in public.values_list("session_code", "title", "who", "body").order_by("pk"):
        texts[code or ""].append(unicodedata.normalize("NFKC", " ".join(" ".join(parts).split())).casefold())
    return texts


def _judged(query: str, pattern: str, texts: dict[str, list[str]]) -> tuple[float, float]:
    wanted = {code for code, of_morning in texts.items() if _is_wanted(pattern.split(" & "), of_morning)}
    public = Document.objects.visible_to(["public"]).exclude(session_code=None)
    found = public.matching(query).annotate(out=public.with_excluded(query)).filter(out=None)
    hits = set(found.values_list("session_code", flat=True))
    right = len(wanted & hits)
    precision, recall = right / len(hits) if hits else 1.0, right / len(wanted) if wanted else 1.0
    print(ROW.format(query, len(wanted), len(hits), f"{precision:.2f}", f"{recall:.2f}"))
    return precision, recall


def _is_wanted(parts: list[str], of_morning: list[str]) -> bool:
    asked = [part for part in parts if not part.startswith("!")]
    nowhere = [part[1:] for part in parts if part.startswith("!")]
    return any(all(re.search(part, text) for part in asked) for text in of_morning) and not any(
        re.search(part, text) for part in nowhere for text in of_morning
    )
