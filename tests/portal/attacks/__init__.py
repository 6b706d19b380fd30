"""What an attacker does at the pages, over the worker's real core."""
