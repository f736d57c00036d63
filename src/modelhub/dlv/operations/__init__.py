"""What can be done with a repository: one module a command of `dlv`."""
