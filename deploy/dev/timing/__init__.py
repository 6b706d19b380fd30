"""Measures whether a stranger can tell kinds of people apart by the portal's response times."""
