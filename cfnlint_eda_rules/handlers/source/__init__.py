"""Where the source of a function lies."""
