"""From us to readers: the road to Telegram, and what a reader chose."""
