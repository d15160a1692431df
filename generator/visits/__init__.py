"""When, where and how much clients refuel, what else they buy, and which rows arrive broken.

Who the clients are belongs to `generator.people`.
"""
