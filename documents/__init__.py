"""JSON files that people edit: reading one, checking it against its JSON Schema, and the sentences for what is refused.

Pure, and nothing of the project is imported here; what a document means stands in the package that uses it.
"""
