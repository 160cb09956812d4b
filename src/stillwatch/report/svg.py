"""The least that is needed to write SVG by hand without ever writing unescaped text."""

from __future__ import annotations

from markupsafe import Markup, escape

from stillwatch.report.text import safe


def tag(name: str, *children: object, **attributes: object) -> Markup:
    """An element: `class_` becomes `class`, `stroke_width` `stroke-width`; None is left out.

    >>> tag("text", "<b>", class_="label", x=1.25)
    Markup('<text class="label" x="1.2">&lt;b&gt;</text>')
    """
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(number(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    inner = "".join(safe(child) for child in children)
    element = f"<{name}{written}>{inner}</{name}>" if inner else f"<{name}{written}/>"
    return Markup(element)  # noqa: S704 - names are ours; values and children are escaped above


def number(value: object) -> object:
    """Coordinates to a tenth of a pixel: half the bytes, and nobody sees the rest."""
    return short(value) if isinstance(value, float) else value


def short(value: float) -> str:
    """
    >>> short(3.0), short(2.25), short(-0.01)
    ('3', '2.2', '0')
    """
    return f"{round(value, 1) + 0.0:g}"


def drawing(label: str, width: float, height: float, *children: object, class_: str) -> Markup:
    """An `<svg>` that a screen reader announces by `label`."""
    return tag(
        "svg",
        *children,
        class_=class_,
        viewBox=f"0 0 {short(width)} {short(height)}",
        width=width,
        height=height,
        role="img",
        aria_label=safe(label),
    )
