"""Pages of the master data: what there is, where it comes from, who changed it; and the reader's currency."""
