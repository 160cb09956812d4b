"""Files that people write in YAML: rules, terms, licences. What is wrong is told by its line.

A file goes `source` (YAML with its lines) → `models` (checked against a pydantic model).
"""
