"""How much may be asked, shared out fairly by browser, address and network before it is refused to all."""
