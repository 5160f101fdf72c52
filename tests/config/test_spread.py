"""No name of a column comes from a request: what somebody sends is never spread over a question to the database.

A dictionary of theirs as `**` may hold `_connector`, a lookup, or another table (CVE-2025-64459, CVE-2025-57833).
"""

import ast
from collections.abc import Iterator

import pytest

from tests.config.test_house import ROOT, files

ASKING = {
    *("filter", "exclude", "annotate", "alias", "aggregate", "get", "create", "update", "get_or_create", "Q", "extra"),
    *("update_or_create", "order_by", "values", "values_list", "only", "defer", "distinct", "select_related", "raw"),
}
# Where what somebody sent is found. What a form has checked has the names the form declares.
SENT = {"GET", "POST", "FILES", "COOKIES", "META", "headers", "body", "data", "loads", "load", "getlist", "dict"}


def breaches(source: str) -> list[str]:
    """`line: call` of each question over which something that was sent is spread, directly or by a name for it."""
    found = []
    for function in ast.walk(ast.parse(source)):
        if isinstance(function, ast.FunctionDef):
            sent = _names(function)
            for call in ast.walk(function):
                if isinstance(call, ast.Call) and _called(call) in ASKING:
                    found += [f"{call.lineno}: {ast.unparse(part)}" for part in _spread(call) if _is_sent(part, sent)]
    return sorted(set(found))


def _called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _spread(call: ast.Call) -> Iterator[ast.expr]:
    yield from (word.value for word in call.keywords if word.arg is None)
    yield from (word.value for word in call.args if isinstance(word, ast.Starred))
    if _called(call) in {"order_by", "values", "values_list", "only", "defer", "select_related", "raw", "extra"}:
        yield from (word for word in call.args if not isinstance(word, ast.Starred))


def _names(function: ast.FunctionDef) -> set[str]:
    """What in this function is called by a name and holds what was sent; whatever is made of it, too."""
    sent: set[str] = set()
    for _again in range(2):
        for one in ast.walk(function):
            if isinstance(one, ast.Assign | ast.AnnAssign | ast.NamedExpr) and one.value and _is_sent(one.value, sent):
                targets = one.targets if isinstance(one, ast.Assign) else [one.target]
                sent |= {name.id for target in targets for name in ast.walk(target) if isinstance(name, ast.Name)}
    return sent


def _is_sent(value: ast.expr, sent: set[str]) -> bool:
    """Whether it is that itself, a copy, or a dictionary over it; looking one thing up in it is no harm as a value."""
    if isinstance(value, ast.Dict):
        keys = [key for key in value.keys if key is not None] + [
            one for key, one in zip(value.keys, value.values, strict=True) if key is None
        ]
        return any(_is_sent(key, sent) for key in keys)
    if isinstance(value, ast.DictComp):
        return _is_sent(value.generators[0].iter, sent)
    parts = list(ast.walk(value))
    return any(isinstance(part, ast.Attribute) and part.attr in SENT and _of_request(part) for part in parts) or any(
        isinstance(part, ast.Name) and part.id in sent for part in parts
    )


def _of_request(part: ast.Attribute) -> bool:
    return any(isinstance(one, ast.Name) and one.id in {"request", "json", "form", "self"} for one in ast.walk(part))


@pytest.mark.parametrize("name", [one for one in files() if one.endswith(".py") and not one.startswith("tests/")])
def test_nothing_sent_names_a_column(name: str) -> None:
    assert breaches((ROOT / name).read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "body",
    [
        "Member.objects.filter(**request.GET)",
        "Member.objects.filter(**request.POST.dict())",
        "wanted = request.GET.dict(); return Member.objects.exclude(**wanted)",
        "Member.objects.filter(Q(**{request.GET['by']: 1}))",
        "Member.objects.annotate(**{name: F(name) for name in request.GET})",
        "Member.objects.order_by(request.GET.get('sort', 'name'))",
        "sort = request.GET['sort']; return Member.objects.order_by(sort, 'pk')",
        "Member.objects.create(**json.loads(request.body))",
        "Member.objects.values_list(*request.GET.getlist('column'))",
        "told = json.loads(text); mine = told | {'a': 1}; Member.objects.update(**mine)",
    ],
)
def test_a_breach_would_be_seen(body: str) -> None:
    assert len(breaches(f"def view(request, text):\n    {body}\n")) == 1


@pytest.mark.parametrize(
    "body",
    [
        "Member.objects.filter(name=request.GET['name'])",
        "Member.objects.filter(**{'name': request.GET['name']})",
        "Member.objects.order_by(ORDERS.get('name'))",
    ],
)
def test_a_value_may_be_what_was_sent(body: str) -> None:
    assert breaches(f"def view(request):\n    {body}\n") == []
