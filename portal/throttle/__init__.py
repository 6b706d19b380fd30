"""Throttling: fair shares for each browser, address and network before a limit refuses everybody."""
