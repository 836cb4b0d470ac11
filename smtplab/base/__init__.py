"""What every room needs: failures told in one sentence, values shown as their text, and where the course files are."""
