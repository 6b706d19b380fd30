"""Shows every part and every page in every state, made with the product's own forms, rules and sentences.

It is for development only: deploy/dev/urls.py serves it. It needs no worker and no database.
"""
