"""What a gateway bears: many clients at once, bad ones among them, requests made to break it."""
