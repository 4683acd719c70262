"""What the operator of the database sees: slow statements, plans, the use of indexes, whose connections there are."""
