"""What people see of projects and scenarios: one module a page."""
