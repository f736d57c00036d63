"""Networks drawn by hand, as a wrapper would capture them: LeNet, a ResNet, a transformer."""

from dataclasses import replace
from typing import Any

from modelhub.network import Arguments, Network, Node, State, Symbol, Value

BATCH = "s0"


class Drawing:
    """A network that grows layer by layer; sizes of values follow."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.states: list[State] = []
        self.shapes: dict[str, tuple[Any, ...]] = {}

    def add(self, name: str, *reads: str, shape: tuple[Any, ...], **more: Any) -> str:
        """A node that gives one float32 value."""
        arguments = Arguments(args=[{"$": each} for each in reads])
        outputs = [Value(dtype="float32", shape=shape)]
        made = Node(name=name, op="layer", inputs=arguments, outputs=outputs)
        self.nodes.append(replace(made, **{"module": name} | more))
        self.shapes[name] = shape
        return name

    def hold(self, name: str, **shapes: tuple[int, ...]) -> list[str]:
        names = [f"{name}.{local}" for local in shapes]
        for each, shape in zip(names, shapes.values(), strict=True):
            kind = "buffer" if "running" in each else "parameter"
            self.states.append(State(name=each, kind=kind, dtype="float32", shape=shape))
        return names

    def input(self, *shape: Any, name: str = "image") -> str:
        return self.add(name, shape=shape, op="input", template="INPUT", module="")

    def conv(self, name: str, read: str, out: int, kernel: int, *, stride=1, pad=0) -> str:
        batch, channels, *image = self.shapes[read]
        size = [(each + 2 * pad - kernel) // stride + 1 for each in image]
        states = self.hold(name, weight=(out, channels, kernel, kernel), bias=(out,))
        attributes = {
            "in_channels": channels,
            "out_channels": out,
            "kernel_size": [kernel, kernel],
            "stride": [stride, stride],
            "padding": [pad, pad],
        }
        return self.add(
            name,
            read,
            shape=(batch, out, *size),
            template="CONV",
            kind="2D",
            target="torch.nn.Conv2d",
            attributes=attributes,
            states=states,
        )

    def linear(self, name: str, read: str, out: int) -> str:
        *rows, features = self.shapes[read]
        states = self.hold(name, weight=(out, features), bias=(out,))
        return self.add(
            name,
            read,
            shape=(*rows, out),
            template="FULL",
            target="torch.nn.Linear",
            attributes={"in_features": features, "out_features": out},
            states=states,
        )

    def norm(self, name: str, read: str) -> str:
        channels = self.shapes[read][1]
        held = dict.fromkeys(("weight", "bias", "running_mean", "running_var"), (channels,))
        return self.add(
            name,
            read,
            shape=self.shapes[read],
            template="NORM",
            kind="BATCH",
            target="torch.nn.BatchNorm2d",
            attributes={"num_features": channels, "eps": 1e-5},
            states=self.hold(name, **held),
        )

    def pool(self, name: str, read: str, kind: str = "MAX", size: int = 2) -> str:
        batch, channels, *image = self.shapes[read]
        return self.add(
            name,
            read,
            shape=(batch, channels, *(each // size for each in image)),
            template="POOL",
            kind=kind,
            target="torch.nn.MaxPool2d" if kind == "MAX" else "torch.nn.AvgPool2d",
            attributes={"kernel_size": size, "stride": size},
        )

    def act(self, name: str, read: str, template: str = "RELU") -> str:
        target = {"RELU": "torch.nn.ReLU", "GELU": "torch.nn.GELU", "TANH": "torch.nn.Tanh"}
        shape = self.shapes[read]
        return self.add(name, read, shape=shape, template=template, target=target[template])

    def join(self, name: str, *reads: str, module: str = "", template: str = "ADD") -> str:
        target = {"ADD": "aten::add.Tensor", "MATMUL": "aten::matmul"}[template]
        more = {"op": "function", "template": template, "target": target, "module": module}
        return self.add(name, *reads, shape=self.shapes[reads[0]], **more)

    def flat(self, name: str, read: str) -> str:
        batch, *rest = self.shapes[read]
        size = 1
        for each in rest:
            size *= each
        more = {"op": "function", "target": "aten::flatten.using_ints", "module": ""}
        return self.add(name, read, shape=(batch, size), plumbing=True, **more)

    def done(self, read: str, modules: list[tuple[str, str]] | None = None) -> Network:
        arguments = Arguments(args=[{"$": read}])
        last = Node(name="output", op="output", template="OUTPUT", inputs=arguments)
        symbols = {BATCH: Symbol(example=2, min=1)}
        return Network(
            dialect="aten",
            nodes=[*self.nodes, last],
            states=self.states,
            modules=modules or [],
            symbols=symbols,
        )


def lenet(**widths: int) -> Network:
    """Two convolutions, two dense layers."""
    d = Drawing()
    x = d.conv("conv1", d.input(BATCH, 1, 28, 28), widths.get("conv1", 20), 5)
    x = d.conv("conv2", d.pool("pool1", x), widths.get("conv2", 50), 5)
    x = d.flat("flatten", d.pool("pool2", x))
    x = d.act("relu1", d.linear("fc1", x, widths.get("fc1", 500)))
    return d.done(d.linear("fc2", x, 10))


def resnet(stages: int = 2, depth: int = 2, width: int = 16) -> Network:
    """Stages of basic blocks; the first one of each but the first halves the image."""
    d = Drawing()
    x = d.act("relu", d.norm("bn1", d.conv("conv1", d.input(BATCH, 3, 32, 32), width, 3, pad=1)))
    modules = []
    for stage in range(1, stages + 1):
        modules.append((f"layer{stage}", "Sequential"))
        for block in range(depth):
            path = f"layer{stage}.{block}"
            modules.append((path, "BasicBlock"))
            x = _basic(d, path, x, width << (stage - 1), stride=2 if stage > 1 > block else 1)
    x = d.flat("flatten", d.pool("avgpool", x, kind="AVG", size=32 >> (stages - 1)))
    return d.done(d.linear("fc", x, 10), modules)


def _basic(d: Drawing, path: str, x: str, width: int, *, stride: int) -> str:
    y = d.norm(f"{path}.bn1", d.conv(f"{path}.conv1", x, width, 3, stride=stride, pad=1))
    y = d.conv(f"{path}.conv2", d.act(f"{path}.relu", y), width, 3, pad=1)
    y = d.norm(f"{path}.bn2", y)
    if stride > 1:
        x = d.conv(f"{path}.downsample.0", x, width, 1, stride=stride)
        x = d.norm(f"{path}.downsample.1", x)
    return d.act(f"{path}.relu@1", d.join(f"{path}.add", y, x, module=path))


def transformer(depth: int = 4, width: int = 8) -> Network:
    """Blocks that all read the same mask, besides the one before."""
    d = Drawing()
    x = d.input(BATCH, 16, width, name="tokens")
    mask = d.input(BATCH, 16, width, name="mask")
    for block in range(depth):
        path = f"layers.{block}"
        y = d.linear(f"{path}.attn.q", x, width)
        y = d.join(f"{path}.attn.add", y, mask, module=f"{path}.attn")
        y = d.linear(f"{path}.attn.o", y, width)
        x = d.join(f"{path}.add", x, y, module=path)
        for expert in range(2):
            y = d.linear(f"{path}.mlp.{expert}", x if expert == 0 else y, width)
        x = d.join(f"{path}.add_1", x, y, module=path)
    modules = [("layers", "ModuleList"), *((f"layers.{i}", "Decoder") for i in range(depth))]
    return d.done(d.linear("head", x, 100), modules)


def chain(*words: str) -> Network:
    """A Sequential: `conv64`, `relu`, `pool` and so on, named by their places."""
    d = Drawing()
    x = d.input(BATCH, 3, 64, 64)
    for place, word in enumerate(words):
        name = f"features.{place}"
        if word.startswith("conv"):
            x = d.conv(name, x, int(word[4:]), 3, pad=1)
        else:
            x = d.pool(name, x) if word == "pool" else d.act(name, x, word.upper())
    return d.done(x, [("features", "Sequential")])
