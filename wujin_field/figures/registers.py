"""What the registers add up to, as registers.toml says for each kind. Queries in, plain numbers out."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import combinations

from ..domain import Pack
from ..domain.registers import options
from ..models import RegisterEntry


@dataclass(frozen=True)
class Total:
    """name: (Chinese, English). number: the sum, or a percentage when `percent`. parts: its cut, ((Chinese, English), number)."""

    code: str
    name: tuple[str, str]
    number: int | None = None
    percent: bool = False
    parts: tuple[tuple[tuple[str, str], int], ...] = ()


def totals(pack: Pack, register: Mapping, entries: list[RegisterEntry]) -> list[Total]:
    """One total per `count` of the kind, over entries that stand (void ones are left out by whoever asks)."""
    return [HOW[count["how"]](pack, register, count, entries) for count in register["count"]]


def _rows(_pack: Pack, _register: Mapping, count: Mapping, entries: list[RegisterEntry]) -> Total:
    return Total(count["code"], _name(count), len(entries))


def _sum(_pack: Pack, _register: Mapping, count: Mapping, entries: list[RegisterEntry]) -> Total:
    return Total(count["code"], _name(count), sum(entry.values.get(count["field"], 0) for entry in entries))


def _yes(_pack: Pack, _register: Mapping, count: Mapping, entries: list[RegisterEntry]) -> Total:
    return Total(count["code"], _name(count), sum(bool(entry.values.get(count["field"])) for entry in entries))


def _downloads(_pack: Pack, _register: Mapping, count: Mapping, entries: list[RegisterEntry]) -> Total:
    files = (file for entry in entries for file in entry.files)
    return Total(count["code"], _name(count), sum(file.downloads for file in files))


def _by(pack: Pack, register: Mapping, count: Mapping, entries: list[RegisterEntry]) -> Total:
    """A list of choices counts under each of them; a field without choices under what was typed."""
    far = [entry for entry in entries if entry.state in count.get("states", [entry.state])]
    held = Counter(code for entry in far for code in _codes(entry, count["field"]))
    names = _names(pack, register, count["field"])
    order = [code for code in names if code in held] + sorted(code for code in held if code not in names)
    return Total(
        count["code"], _name(count), parts=tuple((names.get(code, (code, code)), held[code]) for code in order)
    )


def _pairs(_pack: Pack, _register: Mapping, count: Mapping, entries: list[RegisterEntry]) -> Total:
    """R65, R67: each pair of units that released something together; the entry's own unit is one of them."""
    held = Counter(pair for entry in entries for pair in combinations(_together(entry, count["field"]), 2))
    lines = sorted(held.items(), key=lambda line: (-line[1], line[0]))
    return Total(count["code"], _name(count), parts=tuple(((f"{a} · {b}",) * 2, number) for (a, b), number in lines))


def _ratio(_pack: Pack, _register: Mapping, count: Mapping, entries: list[RegisterEntry]) -> Total:
    return Total(count["code"], _name(count), _percent(count, entries), percent=True)


def _ratio_by(pack: Pack, register: Mapping, count: Mapping, entries: list[RegisterEntry]) -> Total:
    groups = [(name, [entry for entry in entries if entry.values.get(count["by"]) == code])
              for code, name in _names(pack, register, count["by"]).items()]  # fmt: skip
    shares = [(name, share) for name, some in groups if (share := _percent(count, some)) is not None]
    return Total(count["code"], _name(count), percent=True, parts=tuple(shares))


def _percent(count: Mapping, entries: list[RegisterEntry]) -> int | None:
    """None when nobody was asked: no share can be told."""
    of = sum(entry.values.get(count["of"], 0) for entry in entries)
    return round(100 * sum(entry.values.get(count["field"], 0) for entry in entries) / of) if of else None


def _codes(entry: RegisterEntry, field: str) -> list[str]:
    value = entry.state if field == "state" else entry.values.get(field)
    return value if isinstance(value, list) else [value] if value else []


def _names(pack: Pack, register: Mapping, code: str) -> dict[str, tuple[str, str]]:
    if code == "state":
        return {
            state["code"]: (state["zh"], state["en"]) for state in pack["lifecycle"][register["lifecycle"]]["states"]
        }
    return options(pack, next(field for field in register["field"] if field["code"] == code))


def _together(entry: RegisterEntry, field: str) -> list[str]:
    return sorted({entry.unit.zh, *(unit.zh for unit in entry.units_of(field))})


def _name(count: Mapping) -> tuple[str, str]:
    return count["zh"], count["en"]


HOW: dict[str, Callable[[Pack, Mapping, Mapping, list[RegisterEntry]], Total]] = {
    "rows": _rows, "sum": _sum, "yes": _yes, "by": _by, "pairs": _pairs, "ratio": _ratio, "ratio_by": _ratio_by,
    "downloads": _downloads,
}  # fmt: skip
