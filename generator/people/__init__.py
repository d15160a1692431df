"""Who the clients are: type, home, vehicles, traits, and how they change over the run.

What a client does at the pump belongs to `generator.visits`.
"""
