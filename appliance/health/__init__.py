"""What is wrong with this box: one condition per file, each an issue and a suggestion for the technician."""
