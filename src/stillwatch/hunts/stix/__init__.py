"""STIX 2.1 indicators (OASIS 2021) as indicators of a hunt.

`bundle` reads the document, `pattern` one pattern, and `mapping` says which column answers what.
"""
