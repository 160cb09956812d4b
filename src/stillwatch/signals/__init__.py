"""The stage that turns sketches into evidence about accounts: signals, links, bits."""
