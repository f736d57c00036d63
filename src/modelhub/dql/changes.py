"""What `construct` changes: actions of a query, as changes of one network."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from modelhub.dql.bindings import Bound
from modelhub.dql.constructs import Change, NewLayer
from modelhub.dql.cursor import did_you_mean
from modelhub.dql.evaluation import Evaluator, Versions
from modelhub.dql.refusal import Refusing
from modelhub.dql.syntax import Action, Attribute, Hop, Items, Path, Template
from modelhub.network import ALIASES, all_templates, canonical_template


class Changes(Refusing):
    """Finds the nodes that actions mean, under each of the bindings of the conditions."""

    def __init__(self, source: str, evaluator: Evaluator) -> None:
        super().__init__(source)
        self._evaluator = evaluator

    def check(self, actions: Sequence[Action]) -> list[Path]:
        """The paths of the nodes that are changed.

        Raises:
            QueryError: an action is none that `construct` has.
        """
        return [self._path(each) for each in actions]

    def of(
        self, actions: Sequence[Action], versions: Versions, bounds: Sequence[Bound], ref: object
    ) -> list[Change]:
        """The changes of one network, each once.

        Args:
            actions: as they were checked.
            versions: the version that the network is of.
            bounds: under which the conditions hold.
            ref: what the version is called.

        Raises:
            QueryError: an action leads to no node, or leaves a variable open.
        """
        found: list[Change] = []
        for action in actions:
            own = [e for bound in bounds for e in self._changes(action, versions, bound)]
            if not own:
                self.fail(f"this leads to no node of {ref}", action)
            found += [each for place, each in enumerate(own) if each not in own[:place]]
        return found

    def _path(self, action: Action) -> Path:
        path = action.path
        word, steps = _word(action), path.steps[:-1]
        if word in ("input", "output"):
            self.fail(f"construct changes nodes; .{word} is of slice", action)
        if not steps or isinstance(steps[0], Hop):
            self.fail('say of which nodes, as in m["conv1"].insert', action)
        hops = [each for each in steps if isinstance(each, Hop)]
        if hops and word != "insert":
            self.fail(f"an edge takes an .insert alone, no .{word}; say the node itself", action)
        if len(hops) > 1 or any((each.least, each.most) != (1, 1) for each in hops):
            self.fail("a layer is put on one edge: one .next or .prev, of one step", action)
        if word == "delete":
            return replace(path, steps=steps)
        if not isinstance(action.value, Template):
            hint = f'as in .{word} = RELU("relu1")'
            self.fail("only a layer can be put in, by its template", action, hint)
        if canonical_template(action.value.name) is None:
            known = [*all_templates(), *ALIASES]
            hint = did_you_mean(action.value.name, known)
            self.fail(f"unknown layer template {action.value.name!r}", action.value, hint)
        return replace(path, steps=steps)

    def _changes(self, action: Action, versions: Versions, bound: Bound) -> Iterator[Change]:
        path, word = self._path(action), _word(action)
        hop = next((each for each in path.steps if isinstance(each, Hop)), None)
        for name, now, first in self._evaluator.places(path, versions, bound):
            if word == "delete":
                yield Change(node=name)
            elif hop is None:
                layer = self._layer(action, name, versions, now)
                yield Change(node=name, layer=layer, is_replaced=word == "replace")
            else:
                start, end = (first, name) if hop.direction == "next" else (name, first)
                layer = self._layer(action, start, versions, now)
                yield Change(node=start, layer=layer, reader=end)

    def _layer(self, action: Action, node: str, versions: Versions, bound: Bound) -> NewLayer:
        template = action.value
        assert isinstance(template, Template)
        canonical = canonical_template(template.name)
        assert canonical is not None
        family, kind = canonical
        texts: list[str] = []
        attributes: dict[str, Any] = {}
        for each in template.arguments:
            values = self._evaluator.values(each.value, versions, bound)
            value = values if isinstance(each.value, Items) else values[0] if values else None
            if each.name is not None:
                attributes[each.name] = value
            elif isinstance(value, str):
                texts.append(value)
            else:
                self.fail("a new layer has a name and a kind; all else as in kernel=3", each)
        if len(texts) > 2:  # noqa: PLR2004 - a name and a kind
            self.fail("a new layer has a name and a kind; all else as in kernel=3", template)
        is_replaced = _word(action) == "replace"
        usual = node if is_replaced else f"{node}_{family.lower()}"
        name = texts[0] if texts else str(attributes.pop("name", usual))
        if "$" in name:
            self.fail(f"{name!r} has a variable that nothing binds", template)
        said = texts[1] if len(texts) > 1 else attributes.pop("kind", kind)
        return NewLayer(name=name, template=family, kind=said, attributes=attributes)


def _word(action: Action) -> str:
    last = action.path.steps[-1]
    return last.name if isinstance(last, Attribute) else ""
