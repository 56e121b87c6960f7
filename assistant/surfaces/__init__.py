"""What people and programs talk to: they translate in and out, and decide nothing."""
