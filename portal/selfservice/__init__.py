"""The pages for people: reset, unlock, change, and setting up ways to prove who you are."""
