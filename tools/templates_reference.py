"""Write docs/reference/templates.md from the table of templates; `--check` only compares.

python tools/templates_reference.py [--check]
"""

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from modelhub.network import TEMPLATES, Template

PAGE = Path(__file__).parent.parent / "docs" / "reference" / "templates.md"
HEAD = """# Layer templates

Made from `modelhub.network` by `tools/templates_reference.py`; a test fails if it is stale.

A template says what a layer is, whatever framework it comes from.
`desc` and `diff` show it, and queries ask for it.
A kind is a variety of it: `POOL` of kind `MAX`.
An attribute has one standard name here, whatever a framework calls it.
"""
MORE = """## A template of your own

A package adds one by an entry point in the group `modelhub.templates`.
It leads to a `modelhub.network.Template`:

```text
[project.entry-points."modelhub.templates"]
FOURIER = "my_package.templates:FOURIER"
```

```python
from modelhub.network import Template

FOURIER = Template(
    name="FOURIER",
    summary="convolution in the frequency domain",
    attributes={"modes": ("modes", "n_modes")},
    classes=("my_package.layers.SpectralConv",),
)
```

Modules of the classes that it names are captured as such layers.
A name or alias of ours keeps its meaning.
The contract `modelhub.testing.TemplateContract` checks that, and the rest.
"""


def page() -> str:
    """The whole page."""
    rows = [row(each) for each in TEMPLATES.values()]
    return "\n".join([HEAD, *table(["template", "what it computes", "kinds", "aliases"], rows)]) + (
        "\n\n" + attributes() + "\n" + MORE
    )


def row(template: Template) -> list[str]:
    """A line of the table."""
    return [
        f"`{template.name}`",
        template.summary,
        words(template.kinds),
        words(template.aliases),
    ]


def attributes() -> str:
    """The standard names of attributes."""
    rows = [
        [f"`{template.name}`", f"`{standard}`", words(names)]
        for template in TEMPLATES.values()
        for standard, names in template.attributes.items()
    ]
    title = ["template", "attribute", "in frameworks"]
    return "\n".join(["## Attributes", "", *table(title, rows), ""])


def words(names: Iterable[str]) -> str:
    """Names as code."""
    return " ".join(f"`{name}`" for name in names)


def table(title: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """The lines of a Markdown table."""
    rule = ["---"] * len(title)
    return ["| " + " | ".join(each) + " |" for each in (title, rule, *rows)]


if __name__ == "__main__":
    text = page()
    if "--check" in sys.argv:
        sys.exit(PAGE.read_text() != text and f"{PAGE} is stale; run tools/templates_reference.py")
    PAGE.write_text(text)
