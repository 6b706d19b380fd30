"""Everything that may cross the border between portal and worker, and how it is sealed."""
