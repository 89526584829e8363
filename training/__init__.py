"""The recipe of the starter packages: outside the service, which never imports it."""
