"""Form controls printed in place: the markup of Django's templates, without a template for each control and option.

A census form holds some ninety controls; through a template each they took half of the page's processor time. Every
value passes `text`, which escapes it; what comes out is marked safe where Django marks what a template printed.
"""

from collections.abc import Callable
from html import escape

from django.forms.renderers import TemplatesSetting


class Controls(TemplatesSetting):
    """The form renderer of the settings; a template that is not named below is rendered as ever."""

    def render(self, template_name, context, request=None):
        if printed := PRINTED.get(template_name.removeprefix("django/forms/widgets/")):
            return printed(context["widget"])
        return super().render(template_name, context, request)


def text(value) -> str:
    """Return a value as it may stand in markup; what is markup already stays."""
    return value.__html__() if hasattr(value, "__html__") else escape(str(value))


def attributes(attrs: dict) -> str:
    """Return ` name="value"` of each; True stands alone and False is left out."""
    return "".join(
        f" {text(name)}" if value is True else f' {text(name)}="{text(value)}"'
        for name, value in attrs.items()
        if value is not False
    )


def control(widget: dict) -> str:
    value = "" if widget["value"] is None else f' value="{text(widget["value"])}"'
    return f'<input type="{text(widget["type"])}" name="{text(widget["name"])}"{value}{attributes(widget["attrs"])}>'


def textarea(widget: dict) -> str:
    # A browser drops the first line break of a text, so that one of our own must stand before it.
    start = f'<textarea name="{text(widget["name"])}"{attributes(widget["attrs"])}>\n'
    return f"{start}{text(widget['value'] or '')}</textarea>"


def choice(option: dict) -> str:
    return f'<option value="{text(option["value"])}"{attributes(option["attrs"])}>{text(option["label"])}</option>'


def select(widget: dict) -> str:
    printed = []
    for name, options, _index in widget["optgroups"]:
        choices = "".join(map(choice, options))
        printed.append(f'<optgroup label="{text(name)}">{choices}</optgroup>' if name else choices)
    return f'<select name="{text(widget["name"])}"{attributes(widget["attrs"])}>{"".join(printed)}</select>'


def tick(option: dict) -> str:
    """Return one radio button or checkbox of several, with its label around it."""
    if not option["wrap_label"]:
        return f"<div>{control(option)}</div>"
    target = attributes({"for": option["attrs"].get("id") or False})
    return f"<div><label{target}>{control(option)} {text(option['label'])}</label></div>"


def ticks(widget: dict) -> str:
    printed = []
    for name, options, _index in widget["optgroups"]:
        choices = "".join(map(tick, options))
        printed.append(f"<div><label>{text(name)}</label>{choices}</div>" if name else choices)
    attrs = {name: widget["attrs"].get(name) or False for name in ("id", "class")}
    return f"<div{attributes(attrs)}>{''.join(printed)}</div>"


KINDS = ("text", "input", "hidden", "date", "time", "number", "email", "password", "file", "checkbox")
PRINTED: dict[str, Callable[[dict], str]] = dict.fromkeys((f"{kind}.html" for kind in KINDS), control) | {
    "textarea.html": textarea,
    "select.html": select,
    "radio.html": ticks,
    "checkbox_select.html": ticks,
}
