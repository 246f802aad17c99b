"""The languages that handlers are read in, a folder each."""
