"""The Chaos Agent's offensive: a drawn sequence of attacks against the whole pipeline, round by round, with a scoreboard.

`chaos.offensive()` and `opchaos game` play it.
"""
