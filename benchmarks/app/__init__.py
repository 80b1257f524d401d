"""How fast the app's pages load."""
