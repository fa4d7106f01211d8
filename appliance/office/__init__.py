"""The composition root of motcua-office: the one place that knows every part."""
