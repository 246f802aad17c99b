"""The abstract interpreter: it runs a handler over what is known of its values, and records calls.

Code runs once, in order, on the path at hand (`paths`); alternatives run one after the other from
the same state and are merged where they meet (`ways`), so that a handler takes time by its size and
not by the number of ways through it. Values are what is known of them (`objects`, on `protocol`):
unknown ones keep the calls they are made of the answers of. `expressions`, `statements`,
`conditions` and `modules` follow the tree; `calls`, `access`, `concurrency` and `recorder` do what
they and models of libraries ask for; `machine` is all of them, `evaluator` the door. What differs
between languages is asked of the language (`language`).
"""
