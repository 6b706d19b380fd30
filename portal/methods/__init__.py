"""Ways to prove who you are: what the portal shows of them. It holds their ids and labels, never a secret."""
