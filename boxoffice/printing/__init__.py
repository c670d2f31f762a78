"""Paper: documents, their three renderings, the printers, and the outbox that brings one to the other."""
