"""What invoices offers over the bus, by topic; service.py puts it together."""
