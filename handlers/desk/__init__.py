"""The desk in Telegram: what verified staff see. To everybody else none of it exists."""
