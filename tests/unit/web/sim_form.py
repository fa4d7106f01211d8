"""A browser without scripts that fills in a form of the settings."""

import html
import re


class Form:
    """One form of the settings in a browser without scripts.

    Args:
        caller: the browser.
        section: whose form it is.
    """

    def __init__(self, caller, section):
        self.caller = caller
        self.section = section
        self.text = caller.page(f"/settings/{section}?lang=en")
        self.pairs = fields_of(self.text)

    def set(self, name, *values):
        self.pairs = [pair for pair in self.pairs if pair[0] != name] + [(name, value) for value in values]

    def press(self, do="preview", path=None):
        """Press a button; go on with the page that comes."""
        data = {}
        for name, value in self.pairs:
            data.setdefault(name, []).append(value)
        data["do"] = [do]
        response = self.caller.http.post(
            path or f"/settings/{self.section}",
            data=data,
            headers={"accept": "text/html", "sec-fetch-site": "same-origin"},
        )
        self.status, self.text = response.status_code, html.unescape(response.text)
        if response.status_code != 303:
            self.pairs = fields_of(response.text)
        return response

    def apply(self):
        """Look at what changes, then apply it."""
        response = self.press()
        assert response.status_code == 200, said(self.text)
        return self.press(path=f"/settings/{self.section}/apply")

    def get(self, name):
        return [value for key, value in self.pairs if key == name]


def fields_of(text):
    """Return the fields of the first form about settings, as a browser would send them."""
    found = re.search(r'<form method="post" action="/settings/.*?</form>', text, re.DOTALL)
    assert found is not None, text
    pairs = []
    pattern = r"<input ([^>]*)>|<select ([^>]*)>(.*?)</select>"
    for inputs, selects, options in re.findall(pattern, found[0], re.DOTALL):
        attributes = dict(re.findall(r'([a-z-]+)="([^"]*)"', inputs or selects))
        name = attributes.get("name")
        if selects:
            chosen = re.search(r'value="([^"]*)" selected', options)
            first = re.search(r'value="([^"]*)"', options)
            pairs.append((name, html.unescape((chosen or first)[1])))
        elif attributes.get("type") not in {"checkbox", "radio"} or " checked" in inputs:
            pairs.append((name, html.unescape(attributes.get("value", ""))))
    return pairs


def said(text):
    """Return what a page says, without its tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", html.unescape(text)).split())
