"""Everything a participant sees in JupyterLab: cards, the attack panel, the head-up panel, plots and confetti.

Every picture has a twin in plain text that holds the same facts, for terminals and for readers of executed notebooks.
"""
