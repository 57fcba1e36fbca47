"""Pieces of HTML: what is not already `Html` is escaped, always."""

from __future__ import annotations

import html
import importlib.resources
import itertools

_VOID = ("meta", "br", "hr", "img")
# A longer table scrolls in a window of its own.
_MAX_ROWS = 20


class Html(str):
    """Text that is HTML already; every other text is escaped."""


def as_html(value) -> Html:
    """HTML as it is; anything else as escaped text.

    >>> as_html("<b> & 'c'")
    '&lt;b&gt; &amp; &#x27;c&#x27;'
    """
    return value if isinstance(value, Html) else Html(html.escape(str(value)))


def element(tag: str, *children, **attributes) -> Html:
    """An element; `class_` is class, `aria_label` is aria-label.

    An attribute that is None is left out, one that is True has no value.

    >>> element("p", "1 < 2", class_="note")
    '<p class="note">1 &lt; 2</p>'
    """
    text = ""
    for name, value in attributes.items():
        name = name.rstrip("_").replace("_", "-")
        if value is True:
            text += f" {name}"
        elif value is not None:
            text += f' {name}="{html.escape(str(value))}"'
    if tag in _VOID:
        return Html(f"<{tag}{text}>")
    return Html(f"<{tag}{text}>{join(children)}</{tag}>")


def join(children) -> Html:
    """Pieces one after the other."""
    return Html("".join(as_html(child) for child in children))


def paragraph(*children) -> Html:
    """A paragraph of text."""
    return element("p", *children)


def note(*children) -> Html:
    """A paragraph on something that is missing, and what to do."""
    return element("p", *children, class_="note")


def code(text) -> Html:
    """A command or a file name."""
    return element("code", text)


_numbers = itertools.count(1)


def table(caption: str, header, rows, text_columns: int = 1) -> Html:
    """A table in a region of its own, which scrolls where it is too wide.

    Args:
        caption: what it shows.
        header: the columns' names.
        rows: sequences of cells; the first is the row's header.
        text_columns: how many columns from the left are text; the others are
            numbers, to the right.
    """
    label = f"table-{next(_numbers)}"

    def align(index):
        return None if index < text_columns else "number"

    head = element(
        "tr",
        *(
            element("th", name, scope="col", class_=align(i))
            for i, name in enumerate(header)
        ),
    )
    body = [
        element(
            "tr",
            element("th", row[0], scope="row"),
            *(
                element("td", cell, class_=align(i))
                for i, cell in enumerate(row[1:], start=1)
            ),
        )
        for row in map(list, rows)
    ]
    return scrolling(
        element(
            "table",
            element("caption", caption, id=label),
            element("thead", head),
            element("tbody", *body),
        ),
        label,
        tall=len(body) > _MAX_ROWS,
    )


def scrolling(content: Html, label: str, tall: bool = False) -> Html:
    """A region that scrolls by itself, also by the arrow keys.

    Args:
        content: what may be too wide.
        label: the id of the element that names it.
        tall: whether it is too high too.
    """
    return element(
        "div",
        content,
        class_="scroll tall" if tall else "scroll",
        role="region",
        aria_labelledby=label,
        tabindex="0",
    )


def figure(picture: Html, caption) -> Html:
    """A picture with its caption."""
    return element("figure", picture, element("figcaption", caption))


def side_by_side(*children, small: bool = False) -> Html:
    """Figures or tables in columns, as many as there is room for."""
    return element("div", *children, class_="small" if small else "columns")


def details(summary: str, *children) -> Html:
    """What only some want to read, folded; opens without JavaScript."""
    return element("details", element("summary", summary), *children)


def section(identifier: str, title: str, *children) -> Html:
    """A part of the page with its heading, which names it."""
    return element(
        "section",
        element("h2", title, id=identifier),
        *children,
        aria_labelledby=identifier,
    )


def cards(pairs) -> Html:
    """Numbers at a glance: (name, value, remark) each."""
    return element(
        "dl",
        *(
            element(
                "div",
                element("dt", name),
                element("dd", element("strong", value)),
                element("dd", remark) if remark else "",
            )
            for name, value, remark in pairs
        ),
        class_="cards",
    )


def document(title: str, subtitle, contents, main) -> Html:
    """The whole page.

    Args:
        title: its only h1.
        subtitle: the line beneath.
        contents: (identifier, title) of every section.
        main: the sections.
    """
    style = importlib.resources.files(__package__) / "style.css"
    links = [
        element("li", element("a", name, href=f"#{identifier}"))
        for identifier, name in contents
    ]
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element(
            "meta",
            name="viewport",
            content="width=device-width, initial-scale=1",
        ),
        element("meta", name="color-scheme", content="light dark"),
        element("title", title),
        element("style", Html(style.read_text("utf-8"))),
    )
    body = element(
        "body",
        element("a", "Skip to the content", href="#main", class_="skip"),
        element("header", element("h1", title), element("p", subtitle)),
        element(
            "nav", element("ul", *links), aria_label="Sections of this page"
        ),
        element("main", *main, id="main", tabindex="-1"),
    )
    return Html(f"<!DOCTYPE html>\n{element('html', head, body, lang='en')}\n")
