"""What the center keeps: a port in our words, its records, and the embedded store on SQLite."""
