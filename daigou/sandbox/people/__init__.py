"""What stands around people's accounts: an OpenID provider, a text-message gateway, a list of breached passwords."""
