"""What all pages share: headers, client addresses, form fields, errors and logs. It knows no other app."""
