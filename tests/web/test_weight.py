"""What the first opening costs on a slow line. Bytes, not seconds: those live in tests/bench/."""

import pytest


@pytest.mark.parametrize(
    ("coding", "most"), [("br", 80_000), ("gzip", 95_000)]
)  # every browser of the last years takes br
def test_the_whole_phone_shell_weighs_at_most_80_kb_as_served(app, coding, most):
    client, shell = app.test_client(), app.config["ASSETS"].shell()
    served = [client.get(path, headers={"Accept-Encoding": coding}) for path in ["/field/", *shell]]
    assert {response.status_code for response in served} == {200}
    assert sum(len(response.data) for response in served) <= most


def test_the_visit_page_does_without_htmx(app):
    assert b"htmx" not in app.test_client().get("/field/").data
    assert not [path for path in app.config["ASSETS"].shell() if "htmx" in path]


def test_every_module_that_a_phone_module_imports_is_in_the_shell(app):
    """A lazily loaded worker that was not kept would be missing just when there is no signal."""
    shipped = {path.split("/", 3)[3] for path in app.config["ASSETS"].shell()}
    folder = app.config["ASSETS"]._root
    needed = {
        path.relative_to(folder).as_posix()
        for name in ("phone", "outbox", "elements", "words")
        for path in (folder / "js" / name).glob("*.js")
    }
    assert needed <= shipped
    assert any(name.startswith("vendor/qr-") for name in shipped)


def test_comments_stay_at_home_and_every_line_keeps_its_number(app):
    assets = app.config["ASSETS"]
    for path in sorted((assets._root / "js").rglob("*.js")):
        served = assets[path.relative_to(assets._root).as_posix()].body.decode().split("\n")
        source = path.read_text("utf-8").split("\n")
        assert len(served) == len(source)
        dropped = [line.strip() for kept, line in zip(served, source, strict=True) if kept.strip() != line.strip()]
        assert not [line for line in dropped if not line.startswith(("//", "/**", "*"))], path.name
        assert not [line for line in served if line.strip().startswith(("//", "/*"))], path.name
