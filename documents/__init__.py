"""JSON files that people edit: reading, validation against a JSON Schema, and the error messages.

Pure, and independent of the rest of the project; the package that uses a document defines its meaning.
"""
