"""Builds a release into var/release: `python -m deploy.dev.release` (make release)."""
