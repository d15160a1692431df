"""Programs that the commands drive: dbt, npm, the report server, and locks between processes.

Each module wraps one program and turns its failures into messages.
"""
