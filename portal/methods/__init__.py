"""Ways to prove who you are, as the portal shows them; it has their ids and labels, never a secret."""
