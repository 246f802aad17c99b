"""The application model: what a template deploys, who invokes each function, and what each function
does to the rest.

`model.Application` is the one door for rules. It rests on `catalogue` (what is known of AWS) and
`handlers` (what source says).
"""
