"""The office's API on its Unix socket; the staff pages of later releases stand on it."""
