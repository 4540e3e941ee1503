"""What one study, or a run of studies, does to a result."""
