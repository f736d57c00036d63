"""What a notebook shows of values: the pages that `dlv` writes, as a part of the notebook."""

from importlib import import_module

from modelhub.pages import Page, as_fragment

_PAGE_OF = {
    "Description": ("description", "description_page"),
    "Difference": ("differences", "difference_page"),
    "Evaluation": ("evaluation", "evaluation_page"),
}


class Shown:
    """A value of an operation that has a page, which a notebook shows.

    Pages know the values of operations; so a value finds its page by name, when it is shown.
    """

    __slots__ = ()

    def _repr_html_(self) -> str:
        module, name = _PAGE_OF[type(self).__name__]
        page = getattr(import_module(f"modelhub.dlv.pages.{module}"), name)
        return notebook_html(list(page(self)))


def notebook_html(page: Page) -> str:
    """A page as the output of a cell."""
    return str(as_fragment(page))
