"""A person's own ways to prove who they are: sign in, list, rename, remove.

The pages for adding a way are in the folder of each method.
"""
