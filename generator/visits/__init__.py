"""When clients fill up, where, how much, what else they buy, and which rows arrive broken.

Who the clients are belongs to `generator.people`.
"""
