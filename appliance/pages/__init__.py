"""What people see: templates, static files, catalogs and the formats of a language.

A leaf: it knows nothing of tickets, of the web framework or of who asks. ``rendering.Renderer`` makes pages
and pieces of pages, ``texts.of`` speaks a language, ``assets.Assets`` holds the files beside the pages.
"""
