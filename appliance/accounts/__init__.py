"""Staff, their roles and sessions, and the screens that were paired: ``accounts.db``, never journaled."""
