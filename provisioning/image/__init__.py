"""The image builder: from Debian's own arm64 archive and this source tree to a card image.

``packages``, ``mirrors``, ``layout`` and ``texts`` are pure; ``workshop`` starts programs; ``base``,
``wheels``, ``tree`` and ``pack`` are the four steps that ``builder`` takes in order.
"""
