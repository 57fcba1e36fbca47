"""What commands print and parse: flags, tables, durations."""
