"""The stage that turns evidence about accounts into campaigns, with a stated error rate."""
