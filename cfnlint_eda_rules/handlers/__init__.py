"""What a function's source says it does, whatever its language.

`source` finds the files, each of `languages` lowers its own to one syntax tree (`syntax`),
`interpreter` follows the handler through it with the models of `libraries`, and `facts` holds what
comes out; `reading` puts them together. Nothing is imported, run or fetched.
"""
