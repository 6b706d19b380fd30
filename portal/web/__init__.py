"""What every page shares: headers, client address, throttles, fields, errors, logs. Knows no other app."""
