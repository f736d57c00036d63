"""Expressions: values, paths into versions and networks, and conditions on them."""

from collections.abc import Callable, Sequence
from math import isfinite

from modelhub.dql.cursor import Cursor
from modelhub.dql.limits import MAX_CHAIN, MAX_HOPS
from modelhub.dql.syntax import (
    Argument,
    At,
    Attribute,
    Between,
    Binary,
    Call,
    Exists,
    Expression,
    Has,
    Hop,
    In,
    IsNull,
    Items,
    Like,
    Lineage,
    Literal,
    Logical,
    Parameter,
    Path,
    Query,
    Selector,
    Step,
    Template,
    TemplateSelector,
    Unary,
)
from modelhub.dql.tokens import TokenKind
from modelhub.dql.words import HOPS, LINEAGE, QUANTIFIERS, RESERVED

COMPARISONS = ("=", "!=", "<>", "<", "<=", ">", ">=")
_CONSTANTS = {"true": True, "false": False, "null": None}
_AFTER_NOT = ("like", "in", "between", "has")


class ExpressionParser(Cursor):
    """Reads expressions by recursive descent; each method's docstring holds its rule."""

    def query(self) -> Query:
        """A query inside an expression; the parser of statements knows it."""
        raise NotImplementedError

    def expression(self) -> Expression:
        """One or more conjunctions, of which one must hold.

        expression  = conjunction {"or" conjunction} ;
        conjunction = negation {"and" negation} ;
        """
        with self.deeper():
            return self._logical("or", self.several(self._conjunction, "or"))

    def _conjunction(self) -> Expression:
        return self._logical("and", self.several(self._negation, "and"))

    def _logical(self, operator: str, parts: list[Expression]) -> Expression:
        if len(parts) == 1:
            return parts[0]
        flat = [p for part in parts for p in _parts(operator, part)]
        return Logical(operator=operator, parts=flat, span=(parts[0].span[0], parts[-1].span[1]))

    def _negation(self) -> Expression:
        """A condition, or that it does not hold.

        negation = "not" negation | condition ;
        """
        start = self.here.start
        if not self.take("not"):
            return self.condition()
        with self.deeper():
            operand = self._negation()
        return Unary(operator="not", operand=operand, span=self.since(start))

    def condition(self) -> Expression:
        """A value, and what is asked of it.

        condition = "exists" path
                  | sum [COMPARISON sum
                        | ["not"] "like" (STRING | PARAM) ["escape" STRING]
                        | ["not"] "in" (list | PARAM | path | "(" query ")")
                        | ["not"] "between" sum "and" sum
                        | "is" ["not"] "null"
                        | ["via" "(" templates ")"] ["not"] "has" ["all" | "any" | "none"] templates
                        | LINEAGE (path | STRING | PARAM | "(" query ")")] ;
        COMPARISON = "=" | "!=" | "<>" | "<" | "<=" | ">" | ">=" ;
        LINEAGE    = "descends" "from" | "derived" "from" | "ancestor" "of" | "parent" "of"
                   | "child" "of" ;
        """
        start = self.here.start
        if self.take("exists"):
            return Exists(path=self.path(), span=self.since(start))
        left = self.sum()
        if self.is_symbol(*COMPARISONS):
            operator = self.advance().text
            right = self.sum()
            operator = "!=" if operator == "<>" else operator
            return Binary(operator=operator, left=left, right=right, span=self.since(start))
        if self.take("is"):
            is_negated = bool(self.take("not"))
            self.need("null")
            return IsNull(operand=left, is_negated=is_negated, span=self.since(start))
        pair = (self.here.word, self.ahead().word)
        if pair in LINEAGE:
            return self._lineage(left, start)
        return self._asked(left, start)

    def _asked(self, left: Expression, start: int) -> Expression:
        via = self._via()
        is_negated = bool(self.take("not"))
        if via or self.is_word("has"):
            return self._has(left, via, is_negated=is_negated, start=start)
        if self.take("like"):
            return self._like(left, is_negated=is_negated, start=start)
        if self.take("in"):
            choices = self._choices()
            return In(operand=left, choices=choices, is_negated=is_negated, span=self.since(start))
        if self.take("between"):
            low = self.sum()
            self.need("and", "between the bounds")
            return Between(
                operand=left,
                low=low,
                high=self.sum(),
                is_negated=is_negated,
                span=self.since(start),
            )
        if is_negated:
            self.fail("'like', 'in', 'between' or 'has' after 'not'", _AFTER_NOT)
        return left

    def _via(self) -> list[Template]:
        if not self.take("via"):
            return []
        self.need("(")
        found = self.templates()
        self.need(")")
        return found

    def _has(
        self, left: Expression, via: list[Template], *, is_negated: bool, start: int
    ) -> Expression:
        self.need("has")
        is_quantified = self.is_word(*QUANTIFIERS) and self.ahead().kind is TokenKind.NAME
        quantifier = self.advance().word if is_quantified else ""
        return Has(
            nodes=left,
            templates=self.templates(),
            via=via,
            quantifier=quantifier,
            is_negated=is_negated,
            span=self.since(start),
        )

    def _like(self, left: Expression, *, is_negated: bool, start: int) -> Expression:
        pattern = self.parameter() or self._string("a quoted pattern after 'like'")
        escape = "\\"
        if self.take("escape"):
            token = self.need_string("one character in quotes after 'escape'")
            escape = token.text
            if len(escape) != 1:
                self.error("'escape' takes one character", token.span)
        return Like(
            operand=left,
            pattern=pattern,
            escape=escape,
            is_negated=is_negated,
            span=self.since(start),
        )

    def _choices(self) -> Items | Parameter | Path | Query:
        if self.is_symbol("("):
            return self.nested()
        if self.is_symbol("["):
            return self.items()
        found = self.parameter()
        if found is not None:
            return found
        if self.here.kind is not TokenKind.NAME or self.here.word in RESERVED:
            self.fail("a list as in [1, 2], a path, or a query in parentheses after 'in'")
        return self.path()

    def _lineage(self, left: Expression, start: int) -> Expression:
        relation = LINEAGE[self.advance().word, self.advance().word]
        right: Path | Literal | Parameter | Query
        if self.is_symbol("("):
            right = self.nested()
        elif self.here.kind is TokenKind.NAME and self.here.word not in RESERVED:
            right = self.path()
        else:
            right = self.parameter() or self._string("a version after the relation")
        return Lineage(left=left, relation=relation, right=right, span=self.since(start))

    def nested(self) -> Query:
        """A query in parentheses."""
        self.need("(")
        with self.deeper():
            found = self.query()
        self.need(")", "after the query inside")
        return found

    def templates(self) -> list[Template]:
        """Templates, of which one must fit.

        templates = template {"|" template} ;
        """
        return self.several(self.template, "|")

    def template(self) -> Template:
        """A layer template, and what a layer must have besides.

        template = NAME ["(" [arguments] ")"] ;
        arguments = argument {"," argument} ;
        argument  = [NAME "="] sum ;
        """
        name = self.need_name('a layer template, as in POOL("MAX")')
        arguments: list[Argument] = []
        if self.take("("):
            if not self.is_symbol(")"):
                arguments = self.several(self._argument)
            self.need(")", "or ',' behind an argument")
        return Template(name=name.text, arguments=arguments, span=self.since(name.start))

    def _argument(self) -> Argument:
        start, name = self.here.start, None
        behind = self.ahead()
        if self.here.kind is TokenKind.NAME and behind.text == "=":
            name = self.advance().text
            self.advance()
        return Argument(name=name, value=self.sum(), span=self.since(start))

    def sum(self) -> Expression:
        """Arithmetic, as everywhere.

        sum   = term {("+" | "-") term} ;
        term  = unary {("*" | "/") unary} ;
        unary = "-" unary | primary ;
        """
        return self._chain(self._term, ("+", "-"))

    def _term(self) -> Expression:
        return self._chain(self._unary, ("*", "/"))

    def _chain(self, read: Callable[[], Expression], operators: Sequence[str]) -> Expression:
        found = read()
        count = 0
        while self.is_symbol(*operators):
            count += 1
            operator = self.advance().text
            if count > MAX_CHAIN:
                self.error(f"more than {MAX_CHAIN} operators in a row", self.here.span)
            right = read()
            span = (found.span[0], right.span[1])
            found = Binary(operator=operator, left=found, right=right, span=span)
        return found

    def _unary(self) -> Expression:
        start = self.here.start
        if not self.take("-"):
            return self.primary()
        with self.deeper():
            operand = self._unary()
        return Unary(operator="-", operand=operand, span=self.since(start))

    def primary(self) -> Expression:  # noqa: PLR0911 - a case each
        """One value.

        primary = NUMBER | STRING | PARAM | "true" | "false" | "null" | list | call | path
                | "(" expression ")" ;
        call    = NAME "(" ["*" | ["distinct"] expression {"," expression}] ")" ;
        """
        token = self.here
        if token.kind is TokenKind.NUMBER:
            return self._number()
        if token.kind is TokenKind.STRING:
            return self._string("")
        if token.word in _CONSTANTS:
            return Literal(value=_CONSTANTS[self.advance().word], span=token.span)
        if self.is_symbol("["):
            return self.items()
        if self.take("("):
            found = self.expression()
            self.need(")")
            return found
        if token.kind is TokenKind.NAME and token.word not in RESERVED:
            return self._call() if self.ahead().text == "(" else self.path()
        found_parameter = self.parameter()
        if found_parameter is None:
            self.fail("a value, a name or '('")
        return found_parameter

    def parameter(self) -> Parameter | None:
        """A parameter, if one comes next."""
        if self.here.kind is not TokenKind.PARAMETER:
            return None
        token = self.advance()
        return Parameter(name=token.text, span=token.span)

    def _number(self) -> Literal:
        token = self.advance()
        value = int(token.text) if token.text.isdigit() else float(token.text)
        if not isfinite(value):
            self.error("too large a number", token.span)
        return Literal(value=value, span=token.span)

    def _string(self, what: str) -> Literal:
        token = self.need_string(what)
        return Literal(value=token.text, span=token.span)

    def _call(self) -> Call:
        name = self.advance()
        self.need("(")
        is_star = bool(self.take("*"))
        is_distinct = not is_star and bool(self.take("distinct"))
        arguments: list[Expression] = []
        if not is_star and (is_distinct or not self.is_symbol(")")):
            arguments = self.several(self.expression)
        self.need(")", f"after the arguments of {name.text}")
        return Call(
            name=name.word,
            arguments=arguments,
            is_star=is_star,
            is_distinct=is_distinct,
            span=self.since(name.start),
        )

    def items(self) -> Items:
        """A list of values.

        list = "[" [sum {"," sum}] "]" ;
        """
        start = self.here.start
        self.need("[")
        with self.deeper():
            items = [] if self.is_symbol("]") else self.several(self.sum)
        self.need("]", "or ',' in the list")
        return Items(items=items, span=self.since(start))

    def path(self) -> Path:
        """A variable, and what is reached from it.

        path = NAME {step} ;
        step = "." ("next" | "prev") ["{" INT ["," [INT]] "}"]
             | "." NAME | "[" (STRING | INT | template) "]" ;
        """
        name = self.need_name("a variable")
        steps: list[Step] = []
        while self.is_symbol(".", "["):
            steps.append(self._dotted() if self.is_symbol(".") else self._selector())
        return Path(root=name.text, steps=steps, span=self.since(name.start))

    def _dotted(self) -> Step:
        start = self.advance().start
        if self.here.kind is not TokenKind.NAME:
            self.fail("the name of an attribute after '.'")
        token = self.advance()
        if token.text not in HOPS:
            return Attribute(name=token.text, span=token.span)
        least, most = self._hops() if self.is_symbol("{") else (1, 1)
        return Hop(direction=token.text, least=least, most=most, span=self.since(start + 1))

    def _hops(self) -> tuple[int, int | None]:
        brace = self.need("{")
        least = self.need_int("how many steps")
        most: int | None = least
        if self.take(","):
            most = None if self.is_symbol("}") else self.need_int("how many steps at most")
        self.need("}", "after the number of steps")
        if most is not None and most < least:
            self.error("fewer steps at most than at least", self.since(brace.start))
        if max(least, most or 0) > MAX_HOPS:
            self.error(f"more than {MAX_HOPS} steps", self.since(brace.start))
        return least, most

    def _selector(self) -> Step:
        self.need("[")
        token = self.here
        found: Step
        if token.kind is TokenKind.STRING:
            found = Selector(text=self.advance().text, span=token.span)
        elif token.kind is TokenKind.NUMBER:
            found = At(step=self.need_int("a training step"), span=token.span)
        elif token.kind is TokenKind.NAME:
            found = TemplateSelector(template=self.template(), span=self.since(token.start))
        else:
            self.fail('names of nodes in quotes, or a template, as in ["conv*"] or [CONV]')
        self.need("]", "after the selector")
        return found


def _parts(operator: str, part: Expression) -> Sequence[Expression]:
    return part.parts if isinstance(part, Logical) and part.operator == operator else [part]
