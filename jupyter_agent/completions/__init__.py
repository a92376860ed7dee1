"""Code that is written at the cursor, or changed as told: one model request, outside any conversation."""
