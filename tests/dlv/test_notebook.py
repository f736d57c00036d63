"""What a notebook shows."""


def test_texts_are_escaped(repository, state) -> None:
    """A message is text, never markup."""
    version = repository.commit("net", state, message="<script>alert(1)</script>")
    for shown in (version._repr_html_(), repository._repr_html_()):
        assert "<script>" not in shown
        assert "&lt;script&gt;" in shown
        assert "net@1" in shown
