"""The documentation is true: every command and option stands in both READMEs, and every file they name exists."""

import re
from pathlib import Path

import pytest

from wujin_field.cli import cli

ROOT = Path(__file__).parent.parent
READMES = ["README.md", "README.zh-CN.md"]


@pytest.mark.parametrize("name", READMES)
def test_every_command_and_option_is_listed(name):
    text = (ROOT / name).read_text()
    for command in cli.commands.values():
        line = next((line for line in text.splitlines() if line.startswith(f"| `wujin {command.name}")), "")
        missing = [
            option
            for param in command.params
            for option in param.opts
            if option.startswith("--") and option not in line
        ]
        assert line, f"wujin {command.name} is not in {name}"
        assert set(missing) <= {"--format"}, f"{name}: wujin {command.name} {missing}"


@pytest.mark.parametrize("name", READMES)
def test_every_command_listed_exists(name):
    listed = re.findall(r"^\| `wujin (\w+)", (ROOT / name).read_text(), re.M)
    assert set(listed) == set(cli.commands)


@pytest.mark.parametrize("name", READMES)
def test_the_first_line_ends_in_the_demo_and_the_second_in_the_tests(name):
    lines = [line for line in (ROOT / name).read_text().splitlines() if line.startswith("python3 -m venv .venv")]
    assert lines[0].endswith("wujin demo")
    assert lines[1].endswith("pytest")


@pytest.mark.parametrize("name", READMES)
def test_every_path_named_exists(name):
    text = (ROOT / name).read_text()
    for path in re.findall(r"`((?:wujin_field|static|templates|tests|deploy)/[^` ]*)`", text):
        assert (ROOT / path).exists(), path


def test_both_readmes_have_the_same_sections_and_commands():
    """Whoever reads one of them misses nothing of the other."""
    ours, theirs = ((ROOT / name).read_text() for name in READMES)
    assert [len(head) for head in re.findall(r"^#+", ours, re.M)] == [
        len(head) for head in re.findall(r"^#+", theirs, re.M)
    ]
    assert _commands(ours) == _commands(theirs)


def test_both_readmes_print_the_same_figures():
    """Row by row, the numbers of the last column; a figure that changes is changed in both."""
    ours, theirs = (
        [line for line in (ROOT / name).read_text().splitlines() if line.startswith("| ")] for name in READMES
    )
    for one, other in zip(ours, theirs, strict=True):
        assert _numbers(one) == _numbers(other), f"{one}\n{other}"


def _commands(text: str) -> list[str]:
    return [re.sub(r" *# .*", "", block) for block in re.findall(r"```sh\n(.*?)```", text, re.S)]


def _numbers(row: str) -> list[str]:
    return sorted(re.findall(r"\d(?:[\d,.]*\d)?", row.split(" | ")[-1]))
