"""The ways to reach R: each turns a call into an outcome (see `open`)."""
