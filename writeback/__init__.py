"""The writeback worker: everything between the portal and the directory."""
