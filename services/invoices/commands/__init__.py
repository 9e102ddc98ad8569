"""What callers ask the invoices service to do, by topic."""
