"""Java as a language of handlers."""
