"""What a function's source says it does, whatever its language.

`locate` finds the files, `python` and `javascript` lower them to one syntax tree (`syntax`),
`interpreter` follows the handler through it with the models of `libraries`, and `calls` holds the
facts that come out. Nothing is imported, run or fetched.
"""
