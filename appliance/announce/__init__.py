"""What the hall sees and hears: it follows the state, may lag or fail, and never decides anything."""
