"""dlv eval: run versions on data, and measure them."""

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import click

from modelhub.cli.assignments import TEXT
from modelhub.cli.examples import examples
from modelhub.cli.progress import progress
from modelhub.cli.render import render, rows_options
from modelhub.cli.repository import pass_repository
from modelhub.dlv.base import BaseRepository
from modelhub.dlv.operations.eval import EvalOptions, evaluate
from modelhub.dlv.pages.evaluation import evaluation_page, place_of
from modelhub.evaluation import DataOptions

_SCORES = {"auto": None, "logits": False, "probabilities": True}


class ImageSize(click.ParamType[tuple[int, int]]):
    """`28`, or height and width as `28x32`."""

    name = "height[xwidth]"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, int]:
        """Read the two numbers."""
        found = re.fullmatch(r"([1-9]\d{0,4})(?:x([1-9]\d{0,4}))?", str(value))
        if found is None:
            self.fail(f"{value!r} is no size of a picture; write 28 or 28x32", param, ctx)
        return int(found[1]), int(found[2] or found[1])


class Ratio(click.ParamType[Fraction]):
    """`1/255`, or `0.5`."""

    name = "number"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Fraction:
        """Read it exactly."""
        text = str(value)
        if not re.fullmatch(r"-?\d{1,20}(\.\d{1,20})?(/0*[1-9]\d{0,19})?", text):
            self.fail(f"{value!r} is no number; write 1/255 or 0.5", param, ctx)
        above, _, below = text.partition("/")
        return Fraction(above) / int(below or 1)


class Numbers(click.ParamType[tuple[float, ...]]):
    """`0.5`, or one a channel: `0.485,0.456,0.406`."""

    name = "number[,…]"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[float, ...]:
        """Read them."""
        if isinstance(value, tuple):
            return value
        try:
            return tuple(float(each) for each in str(value).split(","))
        except ValueError:
            self.fail(f"{value!r} is no list of numbers; write 0.485,0.456,0.406", param, ctx)


@click.command(
    epilog=examples(
        "dlv eval lenet --data digits.npz",
        "dlv eval lenet@1 lenet@2 --data digits.npz --metric accuracy --metric top3 --per-class",
        "dlv eval lenet --snapshot all --data test/ --image-size 28 --annotate",
        "dlv eval lenet --data mydata:test --metric mymetrics:calibration --json",
    )
)
@click.argument("revisions", nargs=-1, required=True)
@click.option(
    "--data",
    required=True,
    metavar="PLACE",
    help="A file (.npz, .npy, .safetensors, .pt, .csv, .tsv, .parquet), a folder of images or "
    "parquet files, or pkg.mod:function, which is executed.",
)
@click.option(
    "--metric",
    "metrics",
    multiple=True,
    metavar="NAME",
    help="What is measured: accuracy, top5 (any topN), loss, perplexity, f1, precision, recall, "
    "mse, rmse, mae, or pkg.mod:function, which is executed. By default what fits the labels.",
)
@click.option("--snapshot", metavar="NAME", help="A snapshot, or all of them: all.")
@click.option(
    "--batch-size",
    type=click.IntRange(1, 1_000_000),
    default=64,
    show_default=True,
    help="Examples at once.",
)
@click.option("--label", metavar="FIELD", help="The array or column of labels.")
@click.option(
    "--input",
    "inputs",
    multiple=True,
    type=TEXT,
    help="An input of the network, and the array or column that goes into it.",
)
@click.option("--image-size", type=ImageSize(), help="Resize pictures (bilinear).")
@click.option("--scale", type=Ratio(), help="Multiply inputs, as by 1/255.")
@click.option("--mean", type=Numbers(), default=(), help="Subtract from inputs, then.")
@click.option("--std", type=Numbers(), default=(), help="Divide inputs by, then.")
@click.option("--cast", is_flag=True, help="Convert inputs to the network's dtype.")
@click.option(
    "--output",
    type=click.IntRange(0),
    default=0,
    show_default=True,
    help="Which output of the network is measured.",
)
@click.option(
    "--scores",
    type=click.Choice(list(_SCORES)),
    default="auto",
    show_default=True,
    help="What outputs are; auto: probabilities behind a softmax.",
)
@click.option("--per-class", is_flag=True, help="Show each class.")
@click.option(
    "--save-predictions",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write outputs, labels and named classes into a .npz file.",
)
@click.option("--annotate", is_flag=True, help="Record the results on the versions.")
@rows_options
@pass_repository(BaseRepository)
def command(
    repository: BaseRepository,
    /,
    revisions: Sequence[str],
    *,
    data: str,
    **given: Any,
) -> None:
    """Run the versions that REVISIONS name on data, and measure them.

    The network of each must be known. It runs in evaluation mode with the weights of its last
    snapshot, or of the one that the revision names.
    """
    with progress() as shown:
        found = evaluate(repository, revisions, data, options=_options(given), progress=shown)
    render(
        found,
        page=lambda each: list(evaluation_page(each)),
        ids=lambda each: map(place_of, each.rows),
        title=f"Evaluation of {', '.join(revisions)}",
    )


def _options(given: Mapping[str, Any]) -> EvalOptions:
    """What the options of the command line say."""
    names = ("label", "image_size", "scale", "mean", "std", "cast")
    return EvalOptions(
        data=DataOptions(inputs=dict(given["inputs"]), **{name: given[name] for name in names}),
        metrics=list(dict.fromkeys(given["metrics"])),
        snapshot=given["snapshot"],
        batch_size=given["batch_size"],
        output=given["output"],
        has_probabilities=_SCORES[given["scores"]],
        per_class=given["per_class"],
        predictions=given["save_predictions"],
        annotates=given["annotate"],
    )
