"""What auth offers over the bus, by topic; each method hands a command to its handler."""
