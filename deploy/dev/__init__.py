"""What develops Keyback and shows it: lab, demo, bench, smoke, pictures. Nothing here runs in production."""
