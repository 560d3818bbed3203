"""A form renderer that prints widgets without templates, in the markup of Django's own templates.

A census form has about ninety widgets; one template each took half of the page's processor time. Every value passes
`escape_text`; the result is marked safe where Django marks the output of a template.
"""

from collections.abc import Callable
from html import escape

from django.forms.renderers import TemplatesSetting


class FormRenderer(TemplatesSetting):
    """Renders the templates in RENDERERS in Python, all others as Django does."""

    def render(self, template_name, context, request=None):
        if render_widget := RENDERERS.get(template_name.removeprefix("django/forms/widgets/")):
            return render_widget(context["widget"])
        return super().render(template_name, context, request)


def escape_text(value) -> str:
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
    # A browser drops the first line break, so the text needs an extra one before it.
    start = f'<textarea name="{escape_text(widget["name"])}"{render_attributes(widget["attrs"])}>\n'
    return f"{start}{escape_text(widget['value'] or '')}</textarea>"


def render_option(option: dict) -> str:
    value, attrs = escape_text(option["value"]), render_attributes(option["attrs"])
    return f'<option value="{value}"{attrs}>{escape_text(option["label"])}</option>'


def render_select(widget: dict) -> str:
    parts = []
    for name, options, _index in widget["optgroups"]:
        choices = "".join(map(render_option, options))
        parts.append(f'<optgroup label="{escape_text(name)}">{choices}</optgroup>' if name else choices)
    return f'<select name="{escape_text(widget["name"])}"{render_attributes(widget["attrs"])}>{"".join(parts)}</select>'


def render_checkbox(option: dict) -> str:
    if not option["wrap_label"]:
        return f"<div>{render_input(option)}</div>"
    target = render_attributes({"for": option["attrs"].get("id") or False})
    return f"<div><label{target}>{render_input(option)} {escape_text(option['label'])}</label></div>"


def render_checkboxes(widget: dict) -> str:
    parts = []
    for name, options, _index in widget["optgroups"]:
        choices = "".join(map(render_checkbox, options))
        parts.append(f"<div><label>{escape_text(name)}</label>{choices}</div>" if name else choices)
    attrs = {name: widget["attrs"].get(name) or False for name in ("id", "class")}
    return f"<div{render_attributes(attrs)}>{''.join(parts)}</div>"


INPUT_TYPES = ("text", "input", "hidden", "date", "time", "number", "email", "password", "file", "checkbox")
RENDERERS: dict[str, Callable[[dict], str]] = dict.fromkeys((f"{kind}.html" for kind in INPUT_TYPES), render_input) | {
    "textarea.html": render_textarea,
    "select.html": render_select,
    "radio.html": render_checkboxes,
    "checkbox_select.html": render_checkboxes,
}
