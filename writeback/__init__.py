"""The writeback worker: all that lies between the portal and the directory."""
