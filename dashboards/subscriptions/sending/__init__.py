"""From what is due to what became of it: judged, rendered, claimed, sent."""
