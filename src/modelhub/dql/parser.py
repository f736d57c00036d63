"""The text of a query, read into a tree."""

from modelhub.dql.expressions import COMPARISONS, ExpressionParser
from modelhub.dql.syntax import (
    Action,
    Attribute,
    Binary,
    Derive,
    Dimension,
    Evaluate,
    Expression,
    Item,
    Items,
    Key,
    Let,
    Literal,
    Parameter,
    Query,
    Select,
    Settings,
    Source,
    Statement,
    Template,
    Threshold,
    Top,
)
from modelhub.dql.tokens import TokenKind
from modelhub.dql.words import RESERVED, STATEMENTS

_CLAUSES = ("where", "from", "mutate", "with", "vary", "keep", "order", "limit", "group", "having")
_MORE = (*_CLAUSES, "and", "or", "like", "has", "in", "between", "is", "as", "offset", "using")
_GIVEN = ("insert", "replace", "input", "output")
_RANGES = ("range", "uniform", "loguniform", "int")


def parse(source: str) -> list[Statement]:
    """Read a text of one or more statements.

    script    = statement {";" statement} [";"] ;
    statement = "let" NAME "=" query | query ;
    query     = select | slice | construct | evaluate ;

    Keywords may be written in capitals. Cost: linear.

    Raises:
        QueryError: it is none; says where, what was expected, and what may be meant.
    """
    return Parser(source).script()


class Parser(ExpressionParser):
    """Reads statements by recursive descent; each method's docstring holds its rule."""

    def script(self) -> list[Statement]:
        """All statements."""
        found = [self._statement()]
        while self.take(";"):
            if self.here.kind is TokenKind.END:
                break
            found.append(self._statement())
        if self.here.kind is not TokenKind.END:
            self.fail("another clause or the end", _MORE)
        return found

    def _statement(self) -> Statement:
        start = self.here.start
        if not self.take("let"):
            return self.query()
        name = self.need_name("a name for the query")
        self.need("=")
        return Let(name=name.text, query=self.query(), span=self.since(start))

    def query(self) -> Query:  # noqa: RET503 - fail raises
        """A query of any kind."""
        start = self.here.start
        if self.take("select"):
            return self._select(start)
        if self.is_word("slice", "construct"):
            return self._derive(start)
        if self.take("evaluate"):
            return self._evaluate(start)
        self.fail("select, slice, construct or evaluate", STATEMENTS)

    def _select(self, start: int) -> Select:
        """Which versions, or what of them.

        select = "select" ["distinct"] ("*" | item {"," item}) [from] [where]
                 ["group" "by" expression {"," expression}] ["having" expression]
                 ["order" "by" key {"," key}] ["limit" (INT | PARAM) ["offset" (INT | PARAM)]] ;
        """
        is_distinct = bool(self.take("distinct"))
        items = [] if self.take("*") else self.several(self._item)
        sources, where = self._from(), self._where()
        group: list[Expression] = []
        if self.take("group"):
            self.need("by")
            group = self.several(self.expression)
        having = self.expression() if self.take("having") else None
        order: list[Key] = []
        if self.take("order"):
            self.need("by")
            order = self.several(self._key)
        limit = self._count() if self.take("limit") else None
        offset = self._count() if limit is not None and self.take("offset") else None
        return Select(
            items=items,
            is_distinct=is_distinct,
            sources=sources,
            where=where,
            group=group,
            having=having,
            order=order,
            limit=limit,
            offset=offset,
            span=self.since(start),
        )

    def _count(self) -> int | Parameter:
        return self.parameter() or self.need_int("a number of rows")

    def _item(self) -> Item:
        """What is selected.

        item = expression ["as" NAME] ;
        """
        start = self.here.start
        value = self.expression()
        name = self.need_name("a name for the column").text if self.take("as") else None
        return Item(value=value, name=name, span=self.since(start))

    def _key(self) -> Key:
        """What rows are ordered by.

        key = expression ["asc" | "desc"] ["nulls" ("first" | "last")] ;
        """
        start = self.here.start
        value = self.expression()
        direction = self.take("asc", "desc")
        nulls_first = False
        if self.take("nulls"):
            if not self.is_word("first", "last"):
                self.fail("'first' or 'last' after 'nulls'", ("first", "last"))
            nulls_first = self.advance().word == "first"
        return Key(
            value=value,
            is_descending=direction is not None and direction.word == "desc",
            nulls_first=nulls_first,
            span=self.since(start),
        )

    def _from(self) -> list[Source]:
        """What variables range over; all versions of the repository, where nothing is said.

        from   = "from" source {"," source} ;
        source = NAME ["in" (NAME | STRING | "(" query ")")] | STRING | "(" query ")" ["as"] NAME ;
        """
        return self.several(self._source) if self.take("from") else []

    def _source(self) -> Source:
        start = self.here.start
        token = self.here
        if token.kind is TokenKind.STRING:
            return Source(variable=None, saved=self.advance().text.strip(), span=self.since(start))
        if self.is_symbol("("):
            query = self.nested()
            self.take("as")
            variable = self.need_name("a variable for the query inside").text
            return Source(variable=variable, query=query, span=self.since(start))
        variable = self.need_name("a variable, a saved query in quotes, or '('").text
        saved, inner = None, None
        if self.take("in"):
            if self.is_symbol("("):
                inner = self.nested()
            elif self.here.kind is TokenKind.STRING:
                saved = self.advance().text.strip()
            else:
                saved = self.need_name("a named query, or '('").text
        return Source(variable=variable, saved=saved, query=inner, span=self.since(start))

    def _where(self) -> Expression | None:
        """What must hold.

        where = "where" expression ;
        """
        return self.expression() if self.take("where") else None

    def _derive(self, start: int) -> Derive:
        """Networks made from others.

        slice     = "slice" NAME [from] [where] mutate ;
        construct = "construct" NAME [from] [where] mutate ;
        mutate    = "mutate" action {"and" action} ;
        """
        verb = self.advance().word
        variable = self.need_name("a name for the new model").text
        sources, where = self._from(), self._where()
        self.need("mutate")
        actions = self.several(self._action, "and")
        return Derive(
            verb=verb,
            variable=variable,
            actions=actions,
            sources=sources,
            where=where,
            span=self.since(start),
        )

    def _action(self) -> Action:
        """A change; the path ends in `.insert`, `.replace`, `.input`, `.output` or `.delete`.

        action = path "=" (template | sum) | path ;
        """
        start = self.here.start
        path = self.path()
        last = path.steps[-1] if path.steps else None
        word = last.name if isinstance(last, Attribute) else ""
        if word in _GIVEN:
            self.need("=", f"after '.{word}'")
            value = self._value()
            return Action(path=path, value=value, span=self.since(start))
        if word != "delete" or self.is_symbol("="):
            where = path.span if last is None else last.span
            hint = 'as in m["conv1"].insert = RELU("relu1"), or m["drop1"].delete'
            self.error(
                "a change ends in .insert =, .replace =, .delete, .input = or .output =",
                where,
                hint,
            )
        return Action(path=path, span=self.since(start))

    def _value(self) -> Template | Expression:
        """A template where its name tells, else a value."""
        name, behind = self.here, self.ahead().text
        is_name = name.kind is TokenKind.NAME and name.word not in RESERVED
        if is_name and (behind == "(" or (name.text.isupper() and behind not in (".", "["))):
            return self.template()
        return self.sum()

    def _evaluate(self, start: int) -> Evaluate:
        """Models, tried.

        evaluate = "evaluate" NAME [from] [where] "with" "config" "=" (STRING | PARAM | object)
                   ["vary" dimension {"and" dimension} ["using" strategy]]
                   ["keep" rule {"and" rule}] ["commit" "as" STRING] ;
        strategy = template ;
        """
        variable = self.need_name("a variable for the models").text
        sources, where = self._from(), self._where()
        self.need("with", 'as in with config = "settings.toml"')
        self.need("config")
        self.need("=")
        config = self._config()
        dimensions: list[Dimension] = []
        strategy = None
        if self.take("vary"):
            dimensions = self.several(self._dimension, "and")
            strategy = self.template() if self.take("using") else None
        rules = self.several(self._rule, "and") if self.take("keep") else []
        commit_as = None
        if self.take("commit"):
            self.need("as")
            commit_as = self.need_string("a name in quotes").text
        return Evaluate(
            variable=variable,
            config=config,
            sources=sources,
            where=where,
            dimensions=dimensions,
            strategy=strategy,
            rules=rules,
            commit_as=commit_as,
            span=self.since(start),
        )

    def _config(self) -> Literal | Parameter | Settings:
        if self.is_symbol("{"):
            return self._settings()
        return self.parameter() or self._string("the path of a file in quotes, or {…}")

    def _settings(self) -> Settings:
        """A configuration in the query itself.

        object = "{" [pair {"," pair}] "}" ;
        pair   = (NAME | STRING) ":" (sum | object) ;
        """
        start = self.here.start
        self.need("{")
        with self.deeper():
            values = [] if self.is_symbol("}") else self.several(self._pair)
        self.need("}", "or ',' in the configuration")
        return Settings(values=values, span=self.since(start))

    def _pair(self) -> tuple[str, Expression | Settings]:
        if self.here.kind not in (TokenKind.NAME, TokenKind.STRING):
            self.fail("the name of a setting")
        name = self.advance().text
        self.need(":")
        return name, self._settings() if self.is_symbol("{") else self.sum()

    def _dimension(self) -> Dimension:
        """A setting that is varied.

        dimension = path ("in" (list | RANGE "(" [arguments] ")") | "auto") ;
        RANGE     = "range" | "uniform" | "loguniform" | "int" ;
        """
        start = self.here.start
        path = self.path()
        choices: Items | Template | None = None
        if self.take("in"):
            if self.is_symbol("["):
                choices = self.items()
            elif self.is_word(*_RANGES) and self.ahead().text == "(":
                choices = self.template()
            else:
                self.fail("a list as in [0.1, 0.01], or range(…) or loguniform(…)", _RANGES)
        elif not self.take("auto"):
            self.fail("'in' or 'auto'", ("in", "auto"))
        return Dimension(path=path, choices=choices, span=self.since(start))

    def _rule(self) -> Top | Threshold:
        """What is kept.

        rule = "top" "(" INT "," path ["," INT] ["asc" | "desc"] ")"
             | sum COMPARISON sum ["after" INT] ;
        """
        start = self.here.start
        if self.is_word("top") and self.ahead().text == "(":
            return self._top(start)
        left = self.sum()
        if not self.is_symbol(*COMPARISONS):
            self.fail('a comparison, or top(5, m["loss"], 100)', ("top",))
        operator = self.advance().text
        comparison = Binary(
            operator="!=" if operator == "<>" else operator,
            left=left,
            right=self.sum(),
            span=self.since(start),
        )
        after = self.need_int("a number of steps") if self.take("after") else None
        return Threshold(comparison=comparison, after=after, span=self.since(start))

    def _top(self, start: int) -> Top:
        self.advance()
        self.need("(")
        count = self.need_int("how many to keep")
        self.need(",")
        measure = self.path()
        after = self.need_int("a number of steps") if self.take(",") else None
        direction = self.take("asc", "desc")
        self.need(")", "to close top(")
        return Top(
            count=count,
            measure=measure,
            after=after,
            direction=direction.word if direction else "",
            span=self.since(start),
        )
