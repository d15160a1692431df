"""Programs that the commands drive: dbt, npm, pip, the report server; locks and differences between operating systems.

Each module wraps one program and turns its failures into messages.
"""
