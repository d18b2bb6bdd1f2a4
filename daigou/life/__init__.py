"""The demo market's first weeks of business: its people buy, sell, inspect, check and decide, through the pages.

Nothing is written past the use cases: every deed is a form that a person could send. Runs once, behind a shop that
answers already, and only where every provider is the sandbox.
"""
