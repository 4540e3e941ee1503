"""Models: a specification in, a result out."""
