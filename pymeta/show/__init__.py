"""Tables and text, knowing no result class."""
