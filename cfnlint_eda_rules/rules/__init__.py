"""One anti-pattern a file: each asks the application model and says what is wrong."""
