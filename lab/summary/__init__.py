"""The tables of ``make evaluate`` as Markdown, a module per subject.

Figures come in as rows of text; nothing is graded here.
"""
