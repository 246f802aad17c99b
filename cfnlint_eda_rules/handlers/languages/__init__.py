"""The languages that handlers are read in, a folder each.

A language is a folder with a module `language` whose `LANGUAGE` is a `protocol.Language`, and a row
of `registry`. It says what differs: `parse` lowers a file to the common tree (`handlers.syntax`);
`handler`, `handler_arguments` and `parted_handler` find and call the handler; `modules` finds the
files of modules, `imported` and `import_from` bind what they hold; `methods`, `own_attribute`,
`global_name` and `module` are its built-ins and standard library; `asynchronous_call`, `unwrapped`,
`call_back`, `event_loop` and `waits` its async model. What it does not say is as in most languages
(`interpreter.language`).

Models of its libraries lie in `handlers.libraries`; its `libraries` names them. Rows by language in
the catalogue (`http_clients`, `web_frameworks`) go by its `name`.
"""
