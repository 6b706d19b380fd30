"""Every part, every page and every state, built from the product's own forms, rules, sentences and endings.

It is for development: deploy/dev/urls.py serves it. It needs no worker and no database.
"""
