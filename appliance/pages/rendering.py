"""Pages and pieces of pages from templates: one jinja environment for each language.

Templates find in every scope, imported macros too: ``_``, ``ngettext``, ``lang``, ``static(name)``,
``asset_tags(*names)`` and the formats of the language as filters (``n|number``, ``span_ms|minutes``). A value
that is not there is an error, never an empty string. Everything is escaped unless it is markup already.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, Self

from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from appliance.pages import palette, texts
from appliance.pages.assets import Assets
from appliance.pages.errors import NoSuchAssetError

THEMES: Final = ("auto", "light", "dark", "contrast")
FILTERS: Final = ("number", "percent", "minutes", "span", "clock", "day", "date")
# What base.html looks at and a page need not say.
DEFAULTS: Final[Mapping[str, object]] = {
    "theme": THEMES[0],
    "visitor": None,
    "csrf": "",
    "office": "",
    "query": (),
    "setup": None,
    "has_wifi": False,
    "is_wifi_off": False,
    "has_procedures": False,
}


class Renderer:
    """Renders templates in any language of the pages, from any thread."""

    def __init__(self, environments: Mapping[str, Environment]) -> None:
        self._environments = dict(environments)

    @classmethod
    def open(cls, assets: Assets | None = None) -> Self:
        """Prepare every language; the static files are read unless they are given."""
        files = assets or Assets.open()
        return cls({lang: _environment(texts.of(lang), files) for lang in texts.LANGS})

    def page(self, template: str, lang: str, /, **context: object) -> str:
        """Return a whole page."""
        return self._of(lang).get_template(template).render({**DEFAULTS, **context})

    def block(self, template: str, name: str, lang: str, /, **context: object) -> Markup:
        """Return one block of a template, without its layout."""
        found = self._of(lang).get_template(template)
        return Markup("".join(found.blocks[name](found.new_context({**DEFAULTS, **context}))))  # noqa: S704

    def macro(self, template: str, name: str, lang: str, /, *args: object, **values: object) -> Markup:
        """Return what a macro makes of its arguments; its template holds nothing but macros."""
        call: Callable[..., Markup] = getattr(self._of(lang).get_template(template).module, name)
        return call(*args, **values)

    def templates(self) -> list[str]:
        """Return the names of all templates."""
        return self._of(texts.DEFAULT).list_templates(extensions=["html", "svg", "txt"])

    def _of(self, lang: str) -> Environment:
        return self._environments.get(lang) or self._environments[texts.DEFAULT]


def _environment(spoken: texts.Texts, assets: Assets) -> Environment:
    environment = Environment(
        loader=PackageLoader("appliance.pages", "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        auto_reload=False,
        cache_size=-1,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
    )
    environment.policies["ext.i18n.trimmed"] = True
    environment.install_gettext_callables(  # type: ignore[attr-defined]  # added by the extension
        spoken.gettext, spoken.ngettext, newstyle=True, pgettext=spoken.pgettext, npgettext=spoken.npgettext
    )
    environment.globals.update(
        lang=spoken.lang, langs=texts.LANGS, themes=THEMES, static=assets.url, asset_tags=_tags(assets)
    )
    sheet = assets.get("base.css")
    environment.globals["palette"] = lambda: palette.pairs(sheet.body.decode()) if sheet else {}
    environment.filters.update({name: _filter(getattr(spoken, name)) for name in FILTERS})
    return environment


def _filter(spoken: Callable[..., str]) -> Callable[..., str]:
    # With the context asked for, jinja never computes a constant's format at compile time.
    @pass_context
    def formatted(_: Context, *args: Any, **options: Any) -> str:  # noqa: ANN401 - whatever the format takes
        return spoken(*args, **options)

    return formatted


def _tags(assets: Assets) -> Callable[..., Markup]:
    """Return the function that writes the head's tags for style sheets and scripts by their names."""

    def asset_tags(*names: str) -> Markup:
        tags = []
        for name in names:
            url = assets.url(name)
            if name.endswith(".css"):
                tags.append(Markup('<link rel="stylesheet" href="{}">').format(url))
            elif name.endswith(".js"):
                tags.append(Markup('<script src="{}" defer></script>').format(url))
            else:
                raise NoSuchAssetError(name=name)
        return Markup("\n").join(tags)

    return asset_tags
