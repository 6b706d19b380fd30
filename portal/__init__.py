"""The portal: the Django site that people see. It holds no key to anybody's password."""
