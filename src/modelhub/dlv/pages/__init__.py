"""What people see of the repository: values of operations as blocks, for whatever shows them."""
