"""The backup stick: every committed line, some seconds later, on a medium that can be pulled."""
