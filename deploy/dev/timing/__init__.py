"""Whether a stranger can tell kinds of people apart by how long the portal takes to answer."""
