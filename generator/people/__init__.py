"""Who the clients are: type, home, cars, traits, and how their lives change over the run.

What a client does at the pump belongs to `generator.visits`.
"""
