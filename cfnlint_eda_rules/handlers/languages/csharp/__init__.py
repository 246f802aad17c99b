"""C#: its parser, built-ins, standard library, tasks, and where its source lies."""
