"""Read what a page says and what its form holds."""

import re
from html import unescape

from django.contrib.messages import get_messages

REQUIRED, WHY = "Fill this in.", "Say why."


def said(response) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


def errors(response) -> dict[str, list[str]]:
    return {name: list(found) for name, found in response.context["form"].errors.items()}


def values_in(response) -> dict[str, str]:
    """Return what the fields of the page's form hold when a browser draws it."""
    form = response.text.split('class="form-page"')[1].split("</form>")[0]
    found = dict(re.findall(r'<input (?=[^>]*name="([^"]+)")(?=[^>]*value="([^"]*)")[^>]*>', form))
    for name, text in re.findall(r'<textarea name="([^"]+)"[^>]*>\n?([^<]*)</textarea>', form):
        found[name] = text
    for name, options in re.findall(r'<select name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        found[name] = "".join(re.findall(r'<option value="([^"]*)" selected', options))
    return {name: unescape(text) for name, text in found.items()}
