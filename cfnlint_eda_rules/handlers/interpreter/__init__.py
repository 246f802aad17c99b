"""The abstract interpreter behind `handlers.interpreter`: it runs a handler over what is known of
its values and records its calls.
"""
