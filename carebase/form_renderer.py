"""Form controls printed in place: the markup of Django's templates, without a template for each control and option.

A census form holds some ninety controls; through a template each they took half of the page's processor time. Every
value passes `text`, which escapes it; what comes out is marked safe where Django marks what a template printed.
"""

from collections.abc import Callable
from html import escape

from django.forms.renderers import TemplatesSetting


class FormRenderer(TemplatesSetting):
    """The form renderer of the settings; a template that is not named below is rendered as ever."""

    def render(self, template_name, context, request=None):
        if printed := RENDERERS.get(template_name.removeprefix("django/forms/widgets/")):
            return printed(context["widget"])
        return super().render(template_name, context, request)


def escape_text(value) -> str:
    """Return a value as it may stand in markup; what is markup already stays."""
    return value.__html__() if hasattr(value, "__html__") else escape(str(value))


def render_attributes(attrs: dict) -> str:
    """Return ` name="value"` of each; True stands alone and False is left out."""
    return "".join(
        f" {escape_text(name)}" if value is True else f' {escape_text(name)}="{escape_text(value)}"'
        for name, value in attrs.items()
        if value is not False
    )


def render_input(widget: dict) -> str:
    value = "" if widget["value"] is None else f' value="{escape_text(widget["value"])}"'
    name, attrs = escape_text(widget["name"]), render_attributes(widget["attrs"])
    return f'<input type="{escape_text(widget["type"])}" name="{name}"{value}{attrs}>'


def render_textarea(widget: dict) -> str:
    # A browser drops the first line break of a text, so that one of our own must stand before it.
    start = f'<textarea name="{escape_text(widget["name"])}"{render_attributes(widget["attrs"])}>\n'
    return f"{start}{escape_text(widget['value'] or '')}</textarea>"


def render_option(option: dict) -> str:
    value, attrs = escape_text(option["value"]), render_attributes(option["attrs"])
    return f'<option value="{value}"{attrs}>{escape_text(option["label"])}</option>'


def render_select(widget: dict) -> str:
    printed = []
    for name, options, _index in widget["optgroups"]:
        choices = "".join(map(render_option, options))
        printed.append(f'<optgroup label="{escape_text(name)}">{choices}</optgroup>' if name else choices)
    return (
        f'<select name="{escape_text(widget["name"])}"{render_attributes(widget["attrs"])}>{"".join(printed)}</select>'
    )


def render_checkbox(option: dict) -> str:
    """Return one radio button or checkbox of several, with its label around it."""
    if not option["wrap_label"]:
        return f"<div>{render_input(option)}</div>"
    target = render_attributes({"for": option["attrs"].get("id") or False})
    return f"<div><label{target}>{render_input(option)} {escape_text(option['label'])}</label></div>"


def render_checkboxes(widget: dict) -> str:
    printed = []
    for name, options, _index in widget["optgroups"]:
        choices = "".join(map(render_checkbox, options))
        printed.append(f"<div><label>{escape_text(name)}</label>{choices}</div>" if name else choices)
    attrs = {name: widget["attrs"].get(name) or False for name in ("id", "class")}
    return f"<div{render_attributes(attrs)}>{''.join(printed)}</div>"


INPUT_TYPES = ("text", "input", "hidden", "date", "time", "number", "email", "password", "file", "checkbox")
RENDERERS: dict[str, Callable[[dict], str]] = dict.fromkeys((f"{kind}.html" for kind in INPUT_TYPES), render_input) | {
    "textarea.html": render_textarea,
    "select.html": render_select,
    "radio.html": render_checkboxes,
    "checkbox_select.html": render_checkboxes,
}
