"""Tools to develop and show Keyback: lab, demo, bench, smoke, pictures. Nothing here runs in production."""
