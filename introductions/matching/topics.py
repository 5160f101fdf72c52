"""Words in what people write about themselves: 「食品の流通、賞味期限の決まりごと」 speaks of 食品, 流通, 賞味期限.

No dictionary. Japanese writes its subjects in kanji or katakana and joins them with hiragana, so a run of one script
is a word, and punctuation, particles and endings fall away by themselves. What is written in hiragana only is not seen.
Two kanji words are about the same when they share two neighbouring characters (流通 and 食品流通業); katakana and
Latin words only when they are equal, for two katakana in common mean little (マーケティング and ランニング share ング).
"""

import re
import unicodedata
from functools import lru_cache

_KANJI = "々〆\u3400-\u9fff\U00020000-\U0003ffff"
_WORD = re.compile(rf"[{_KANJI}]{{2,}}|[ァ-ヺー]{{2,}}|[^\W_{_KANJI}ぁ-ゖァ-ヺー]{{2,}}")
_IS_KANJI = re.compile(rf"[{_KANJI}]")
TOO_GENERAL = frozenset(
    {
        *("仕事", "会社", "業界", "現場", "方法", "自分", "経験", "全般", "最近", "関係", "一日", "今後", "日本"),
        *("and", "of", "the", "to", "in", "for", "on", "with", "how", "about", "is", "my", "from"),
    }
)


@lru_cache(maxsize=4096)
def topics(text: str) -> frozenset[str]:
    """The words of a free text that can be compared with somebody else's."""
    words: list[str] = _WORD.findall(unicodedata.normalize("NFKC", text).casefold())
    return frozenset(words) - TOO_GENERAL


@lru_cache(maxsize=4096)
def grams(topic: str) -> frozenset[str]:
    """What two topics are compared by: neighbouring kanji, or the whole word in any other script."""
    if not _IS_KANJI.match(topic):
        return frozenset({topic})
    return frozenset(topic[i : i + 2] for i in range(len(topic) - 1)) - TOO_GENERAL


def all_grams(of: frozenset[str]) -> frozenset[str]:
    """The grams of several topics together."""
    return frozenset().union(*map(grams, of))


def meeting(own: frozenset[str], theirs: frozenset[str]) -> tuple[str, ...]:
    """Which of one's `own` topics the other's grams speak of as well, in order."""
    return tuple(sorted(topic for topic in own if not grams(topic).isdisjoint(theirs)))
