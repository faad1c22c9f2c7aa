"""The Python of the manual's pages runs as it stands there."""

import re
from pathlib import Path

import erbium
import numpy as np
import pytest

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES = [DOCS / "python.md", *sorted((DOCS / "features").glob("*.md"))]
README = Path(__file__).resolve().parents[1] / "README.md"


def examples(page):
    return re.findall(r"^```python\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL)


def test_pages_have_python():
    assert {page.name for page in PAGES if examples(page)} == {
        "python.md",
        "csound.md",
        "gammatone.md",
        "hybra.md",
        "kapre.md",
        "voicebox.md",
    }


@pytest.mark.parametrize("page", [*PAGES, README], ids=lambda page: page.name)
def test_the_pages_python_runs(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    # What a page takes for granted: a sound, and the file that `erbium bank -o` has written.
    x = 0.1 * np.random.default_rng(8).standard_normal(16000)
    erbium.Bank(bands=24, latency_ms=8).save("bank.npz")
    namespace = {"x": x, "np": np}
    for example in examples(page):
        exec(compile(example, page.name, "exec"), namespace)


def test_the_file_of_a_bank_is_all_of_it(tmp_path, monkeypatch):
    """The five lines of the page from hybra give the sound back."""
    monkeypatch.chdir(tmp_path)
    bank = erbium.Bank(bands=24, latency_ms=8)
    bank.save("bank.npz")
    x = np.random.default_rng(9).standard_normal(4000)
    [lines] = [example for example in examples(DOCS / "features" / "hybra.md") if 'b["duals"]' in example]
    namespace = {"x": x, "np": np}
    exec(lines, namespace)
    y = namespace["y"].real[bank.latency_samples :][: 4000 - bank.latency_samples]
    assert np.max(np.abs(y - x[: len(y)])) < 1e-3
